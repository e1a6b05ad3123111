import Replay
import Results
import TestSupport
import Testing

/// ORD001, ORD002 and ORD003 against the text of "Peripheral arrival order" (Arm ARM DDI 0487, B2.4.1),
/// worked out pair by pair.
///
/// Of a vCPU's accesses to one function, one arrives before a later one where both are nGnRE (rule A),
/// where both are Device and it is Ordered-before it, through whatever lies in between (rule B), where
/// it is Barrier-ordered-before it (rule C), or through accesses to that function in between.
@Suite struct `Order of arrival, pair by pair` {
  private enum Kind { case gathered, reordered, strict }

  private struct Step: Sendable {
    var word: String
    var event: NaiveEvent
    var function = -1
    var kind = Kind.strict
    var isStore = false
    var isLoad = false
    var isRelease = false
    var isAcquire = false
    var ordersStores = false
    var ordersLoads = false

    static func store(
      _ word: String, _ event: NaiveEvent, _ function: Int, _ kind: Kind = .strict,
      release: Bool = false
    ) -> Step {
      let event = event.with { $0.release = release }
      return Step(
        word: word, event: event, function: function, kind: kind, isStore: true,
        isRelease: release)
    }

    static func load(
      _ word: String, _ event: NaiveEvent, _ function: Int, acquire: Bool = false
    ) -> Step {
      let event = event.with { $0.acquire = acquire }
      return Step(
        word: word, event: event, function: function, isLoad: true, isAcquire: acquire)
    }
  }

  private static let otherRegs = NaiveEvent.store(HazardBench.otherRegs, 4)
  private static let otherLoad = NaiveEvent.load(HazardBench.otherRegs, 4)
  private static let alphabet: [Step] = [
    .store("nc", .payload(), 0, .gathered),
    .store("nc.rel", .payload(64), 0, .gathered, release: true),
    .store("dev", .doorbell(), 0), .store("dev.rel", .doorbell(8), 0, release: true),
    .store("other", otherRegs, 1), .store("other.rel", otherRegs, 1, release: true),
    .load("load", .status(), 0), .load("load.acq", .status(), 0, acquire: true),
    .load("other.acq", otherLoad, 1, acquire: true),
    Step(word: "dmb.st", event: .barrier("dmb.st"), ordersStores: true),
    Step(word: "dmb.ld", event: .barrier("dmb.ld"), ordersLoads: true),
    Step(word: "dmb.sy", event: .barrier("dmb.sy"), ordersStores: true, ordersLoads: true),
  ]

  /// Stores of a Device type that reorders, by the access's own stage-1 byte, to the first window.
  private static let reordered: [Step] = [
    .store("ngre", .store(HazardBench.bar + 0x1000, 4).with { $0.attribute = 8 }, 0, .reordered),
    .store(
      "ngre.rel", .store(HazardBench.bar + 0x1040, 4).with { $0.attribute = 8 }, 0, .reordered,
      release: true),
  ]

  /// Which gathered stores and Device accesses nothing orders: a store behind, a load behind, and a
  /// gathered store behind a Device store.
  private struct Unordered: Equatable {
    var doorbell = false
    var status = false
    var payload = false
  }

  private static func unordered(_ steps: [Step]) -> Unordered {
    let count = steps.count
    let none = [[Bool]](repeating: [Bool](repeating: false, count: count), count: count)
    func forEachPair(_ body: (Int, Int, Step, Step) -> Void) {
      for first in 0..<count {
        for second in (first + 1)..<max(count, first + 1) {
          let (a, b) = (steps[first], steps[second])
          if a.isStore || a.isLoad, b.isStore || b.isLoad { body(first, second, a, b) }
        }
      }
    }
    var barrier = none
    forEachPair { first, second, a, b in
      let between = steps[(first + 1)..<second]
      let isFull = between.contains { $0.ordersStores && $0.ordersLoads }
      barrier[first][second] =
        b.isRelease || a.isAcquire || a.isRelease && b.isAcquire || isFull
        || a.isStore && b.isStore && between.contains(where: \.ordersStores)
        || a.isLoad && between.contains(where: \.ordersLoads)
    }
    var ordered = barrier
    close(&ordered) { _, _ in true }
    var arrival = none
    forEachPair { first, second, a, b in
      guard a.function == b.function else { return }
      let isDevice = a.kind != .gathered && b.kind != .gathered
      arrival[first][second] =
        a.kind == .strict && b.kind == .strict || isDevice && ordered[first][second]
        || barrier[first][second]
    }
    close(&arrival) { steps[$0].function == steps[$1].function }
    var result = Unordered()
    forEachPair { first, second, a, b in
      guard a.isStore, a.function == b.function, !arrival[first][second] else { return }
      if a.kind == .gathered, b.kind != .gathered {
        if b.isStore { result.doorbell = true } else { result.status = true }
      }
      if a.kind != .gathered, b.kind == .gathered { result.payload = true }
    }
    return result
  }

  private static func close(_ before: inout [[Bool]], _ joins: (Int, Int) -> Bool) {
    for middle in before.indices {
      for first in before.indices where before[first][middle] && joins(first, middle) {
        for last in before.indices where before[middle][last] { before[first][last] = true }
      }
    }
  }

  private func found(_ steps: [Step]) throws -> Unordered {
    let found = try HazardBench().run(steps.map(\.event)).findings.map(\.code)
    return Unordered(
      doorbell: found.contains("ORD001"), status: found.contains("ORD002"),
      payload: found.contains("ORD003"))
  }

  private func check(_ steps: [Step]) throws {
    let words = steps.map(\.word).joined(separator: ", ")
    #expect(try found(steps) == Self.unordered(steps), "\(words)")
  }

  @Test func `all programs of up to three steps`() throws {
    for first in Self.alphabet {
      for second in Self.alphabet {
        try check([first, second])
        for third in Self.alphabet { try check([first, second, third]) }
      }
    }
  }

  @Test(arguments: UInt64(1)...4)
  func `programs of four to seven steps`(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let count = generator.inRange(4...7)
      try check((0..<count).map { _ in generator.pick(Self.alphabet) })
    }
  }

  /// Three steps have no room for what is not followed up with these types.
  @Test func `all programs of up to three steps with a type that reorders`() throws {
    let all = Self.alphabet + Self.reordered
    for first in all {
      for second in all {
        try check([first, second])
        for third in all { try check([first, second, third]) }
      }
    }
  }

  @Test(arguments: UInt64(1)...4)
  func `nothing is invented with a type that reorders`(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<500 {
      let count = generator.inRange(4...7)
      let steps = (0..<count).map { _ in generator.pick(Self.alphabet + Self.reordered) }
      let (found, wanted) = (try found(steps), Self.unordered(steps))
      let words = steps.map(\.word).joined(separator: ", ")
      #expect(!found.doorbell || wanted.doorbell, "ORD001: \(words)")
      #expect(!found.status || wanted.status, "ORD002: \(words)")
      #expect(!found.payload || wanted.payload, "ORD003: \(words)")
    }
  }
}
