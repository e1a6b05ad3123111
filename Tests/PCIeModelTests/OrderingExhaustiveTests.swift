import PCIeModel
import Testing

/// The ordering table over every pair of TLPs that it can tell apart.
@Suite struct OrderingExhaustiveTests {
  /// Every kind with each of two IDs, PASIDs and tags.
  ///
  /// - Parameter attributes: The Attr fields.
  /// - Returns: TLPs of TC0; requester and completer are the same where only one of them counts.
  static func tlps(_ attributes: [TLPAttributes]) -> [OrderedTLP] {
    var all: [OrderedTLP] = []
    for kind in TLPKind.allKinds {
      for attribute in attributes {
        for id in [UInt32(1), 2] {
          for pasid in [nil, 1, 2] as [UInt32?] {
            for tag in [UInt32(1), 2] {
              all.append(
                OrderedTLP(
                  kind, attributes: attribute, requester: id, completer: 3 - id, pasid: pasid,
                  transaction: tag))
            }
          }
        }
      }
    }
    return all
  }

  static let later = tlps([[], .relaxedOrdering, .idBasedOrdering, .noSnoop])
  static let earlier = tlps([[]])

  /// The entries' text again, as one condition after the other; nothing shared with the table.
  ///
  /// - Returns: `no`, `yes` or `free`.
  static func byText(_ later: OrderedTLP, _ earlier: OrderedTLP) -> OrderingVerdict {
    let differ =
      later.requester != earlier.requester
      || later.pasid != nil && earlier.pasid != nil && later.pasid != earlier.pasid
    switch (later.kind, earlier.kind) {
    case (.postedWrite, .postedWrite), (.postedWrite, .message), (.message, .postedWrite),
      (.message, .message):
      return later.relaxedOrdering || later.idBasedOrdering && differ ? .free : .no
    case (.postedWrite, .request), (.message, .request), (.completion, .request): return .yes
    case (.postedWrite, .completion), (.message, .completion): return .free
    case (.request(let request), .postedWrite), (.request(let request), .message):
      if later.idBasedOrdering && differ { return .free }
      let mayRelax = request == .atomicOp || request == .deferrableMemoryWrite
      return later.relaxedOrdering && mayRelax ? .free : .no
    case (.request, .request), (.request, .completion): return .free
    case (.completion(let request), .postedWrite), (.completion(let request), .message):
      if request == .configWrite || request == .ioWrite { return .free }
      if later.idBasedOrdering && later.completer != earlier.requester { return .free }
      let isConfigOrIO = request == .configRead || request == .ioRead
      return later.relaxedOrdering && !isConfigOrIO ? .free : .no
    case (.completion, .completion):
      let isSame =
        later.requester == earlier.requester && later.transaction == earlier.transaction
      return isSame ? .no : .free
    }
  }

  @Test func `every pair is decided as the text decides it`() {
    let table = PCIeOrderingTable()
    var wrong: [String] = []
    var counts: [String: Int] = [:]
    for later in Self.later {
      for earlier in Self.earlier {
        let decision = table.verdict(later: later, earlier: earlier)
        let expected = Self.byText(later, earlier)
        let isRight =
          decision.entry?.verdict == expected && decision.mayPass == (expected != .no)
          && decision.mustPass == (expected == .yes)
          && table.mayPass(later: later, earlier: earlier) == decision.mayPass
          && table.mustPass(later: later, earlier: earlier) == decision.mustPass
        if !isRight { wrong.append("\(later) \(earlier)") }
        counts[decision.entry?.code ?? "", default: 0] += 1
      }
    }
    #expect(wrong == [])
    // Every entry decides some pair, but the bridge's.
    #expect(Set(counts.keys) == Set(PCIeOrderingTable.rows.map(\.code)).subtracting(["A5b"]))
  }

  @Test func `different traffic classes are never ordered`() {
    for table in [PCIeOrderingTable(), PCIeOrderingTable(conventionalBridge: true)] {
      for later in Self.earlier {
        var other = later
        other.trafficClass = 1
        for earlier in Self.earlier {
          let decision = table.verdict(later: other, earlier: earlier)
          #expect(decision.entry == nil && decision.mayPass && !decision.mustPass)
          #expect(table.mayPass(later: other, earlier: earlier))
          #expect(!table.mustPass(later: other, earlier: earlier))
        }
      }
    }
  }

  @Test func `posted requests and completions never wait for a non-posted request`() {
    let table = PCIeOrderingTable()
    for later in Self.later where later.kind.orderingClass == .posted || isCompletion(later) {
      for earlier in Self.earlier where !isCompletion(earlier) {
        guard earlier.kind.orderingClass != .posted else { continue }
        #expect(table.mustPass(later: later, earlier: earlier))
      }
    }
  }

  private func isCompletion(_ tlp: OrderedTLP) -> Bool { tlp.kind.orderingClass == .completion }

  @Test func `classes wait for posted requests alone, so no two can wait for each other`() {
    let waits = PCIeOrderingTable.rows.filter { $0.verdict == .no && $0.row != $0.column }
    #expect(waits.map(\.code) == ["B2a", "C2a", "D2a"])
    #expect(waits.allSatisfy { $0.column == .posted })
  }

  // MARK: Removal

  @Test(arguments: PCIeOrderingTable.rows.map(\.code))
  func `removing an entry changes what its own pairs may do and nothing else`(
    code: String
  ) throws {
    let isBridge = code == "A5b"
    let whole = PCIeOrderingTable(conventionalBridge: isBridge)
    let less = PCIeOrderingTable(without: [code], conventionalBridge: isBridge)
    let entry = try #require(PCIeOrderingTable.rows.first { $0.code == code })
    var changed = 0
    for later in Self.later where later.kind.orderingClass == entry.row {
      for earlier in Self.earlier {
        let (before, after) = (
          whole.verdict(later: later, earlier: earlier),
          less.verdict(later: later, earlier: earlier)
        )
        let isSame = before.mayPass == after.mayPass && before.mustPass == after.mustPass
        #expect(isSame == (before.entry?.code != code))
        if !isSame { changed += 1 }
      }
    }
    #expect(changed > 0)
  }

  // By hand: no and yes become free, a permission is withdrawn, a condition falls back.
  @Test(
    arguments: [
      ("A2a", "free"), ("B2a", "free"), ("C2a", "free"), ("D2a", "free"), ("A3", "free"),
      ("A4", "free"), ("D3", "free"), ("D4", "free"), ("A5a", "no"), ("B3", "no"), ("C5", "no"),
      ("D5a", "no"), ("A2b", nil), ("A5b", nil), ("D5b", nil),
    ] as [(String, String?)])
  func `a removed entry says`(code: String, verdict: String?) {
    let entries = PCIeOrderingTable(without: [code]).entries
    #expect(entries.first { $0.code == code }?.verdict.rawValue == verdict)
    let others = entries.filter { $0.code != code }
    #expect(others == PCIeOrderingTable.rows.filter { $0.code != code })
  }

  @Test func `without C2a a config write may overtake the writes before it`() {
    let (write, reset) = (OrderedTLP(.postedWrite), OrderedTLP(.configWrite))
    #expect(!PCIeOrderingTable().mayPass(later: reset, earlier: write))
    #expect(PCIeOrderingTable(without: ["C2a"]).mayPass(later: reset, earlier: write))
    #expect(!PCIeOrderingTable(without: ["B2a"]).mayPass(later: reset, earlier: write))
  }

  @Test func `an unknown entry is a mistake`() async {
    await #expect(processExitsWith: .failure) { _ = PCIeOrderingTable(without: ["C2"]) }
  }
}
