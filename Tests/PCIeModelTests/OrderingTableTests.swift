import PCIeModel
import Testing

extension TLPAttributes {
  /// Attr[0], of which no entry speaks.
  static let noSnoop = TLPAttributes(rawValue: 0b001)
}

/// The ordering table against Table 2-40 of the PCI Express Base Specification 5.0.
@Suite struct OrderingTableTests {
  static let table = PCIeOrderingTable()
  static let kinds: [OrderingClass: TLPKind] = [
    .posted: .postedWrite, .read: .read, .nonPostedWithData: .atomic,
    .completion: .completion(of: .memoryRead),
  ]

  /// The table as printed, columns 2 to 5.
  ///
  /// Y/N is `free`; `a` is the entry without attributes.
  static let printed: [(row: String, cells: [String])] = [
    ("A", ["a) no b) free", "yes", "yes", "a) free b) yes"]),
    ("B", ["a) no b) free", "free", "free", "free"]),
    ("C", ["a) no b) free", "free", "free", "free"]),
    ("D", ["a) no b) free", "yes", "yes", "a) free b) no"]),
  ]

  @Test func `the rows are the printed table`() {
    var expected: [String] = []
    for (row, cells) in Self.printed {
      for (column, cell) in zip(2...5, cells) {
        let words = cell.split(separator: " ")
        if words.count == 1 {
          expected.append("\(row)\(column) \(words[0])")
        } else {
          expected += ["\(row)\(column)a \(words[1])", "\(row)\(column)b \(words[3])"]
        }
      }
    }
    #expect(PCIeOrderingTable.rows.map { $0.code + " " + $0.verdict.rawValue } == expected)
    for entry in PCIeOrderingTable.rows {
      #expect(entry.code.hasPrefix(entry.row.row + String(entry.column.column)))
      #expect(entry.code.hasSuffix("b") == (entry.condition != .otherwise))
      #expect(entry.source.hasSuffix(entry.code) && !entry.text.isEmpty)
    }
  }

  /// Plain TLPs of different transactions: what each of the 16 cells says without a condition.
  @Test(
    arguments: [
      ("A", ["no", "yes", "yes", "free"]), ("B", ["no", "free", "free", "free"]),
      ("C", ["no", "free", "free", "free"]), ("D", ["no", "yes", "yes", "free"]),
    ])
  func `a plain TLP meets the first entry of its cell`(row: String, cells: [String]) throws {
    let later = try #require(OrderingClass.allCases.first { $0.row == row })
    for (column, cell) in zip(OrderingClass.allCases, cells) {
      let decision = Self.table.verdict(
        later: OrderedTLP(try #require(Self.kinds[later]), transaction: 1),
        earlier: OrderedTLP(try #require(Self.kinds[column]), transaction: 2))
      #expect(decision.entry?.verdict.rawValue == cell)
      #expect(decision.entry?.row == later && decision.entry?.column == column)
      #expect(decision.mayPass == (cell != "no") && decision.mustPass == (cell == "yes"))
    }
  }

  // MARK: Conditions

  struct Case: CustomTestStringConvertible, Sendable {
    var later: OrderedTLP
    var earlier = OrderedTLP(.postedWrite, requester: 0x100)
    var code: String
    var testDescription: String { "\(code): \(later)" }
  }

  private static func request(
    _ kind: TLPKind, _ attributes: TLPAttributes = [], requester: UInt32 = 0x100,
    pasid: UInt32? = nil
  ) -> OrderedTLP {
    OrderedTLP(kind, attributes: attributes, requester: requester, pasid: pasid)
  }

  private static func completion(
    _ request: NonPostedKind, _ attributes: TLPAttributes = [], completer: UInt32 = 0x100
  ) -> OrderedTLP {
    OrderedTLP(.completion(of: request), attributes: attributes, completer: completer)
  }

  private static let withPASID = OrderedTLP(.postedWrite, requester: 0x100, pasid: 7)

  // Each from the text of the entry; what it accepts, and next to it what it rejects.
  static let cases: [Case] = [
    Case(later: request(.postedWrite, .relaxedOrdering), code: "A2b"),
    Case(later: request(.postedWrite, .noSnoop), code: "A2a"),
    Case(later: request(.message, .relaxedOrdering), code: "A2b"),
    Case(later: request(.postedWrite, .idBasedOrdering, requester: 0x101), code: "A2b"),
    Case(later: request(.postedWrite, .idBasedOrdering), code: "A2a"),
    Case(later: request(.postedWrite, requester: 0x101), code: "A2a"),
    Case(
      later: request(.postedWrite, .idBasedOrdering, pasid: 8), earlier: withPASID, code: "A2b"),
    Case(
      later: request(.postedWrite, .idBasedOrdering, pasid: 7), earlier: withPASID, code: "A2a"),
    Case(later: request(.postedWrite, .idBasedOrdering), earlier: withPASID, code: "A2a"),
    Case(later: request(.postedWrite, .idBasedOrdering, pasid: 8), code: "A2a"),
    Case(later: request(.postedWrite, pasid: 8), earlier: withPASID, code: "A2a"),
    // The earlier one's attributes play no part.
    Case(
      later: request(.postedWrite),
      earlier: request(.postedWrite, [.relaxedOrdering, .idBasedOrdering], requester: 0x200),
      code: "A2a"),

    Case(later: request(.read, .idBasedOrdering, requester: 0x101), code: "B2b"),
    Case(later: request(.read, .idBasedOrdering), code: "B2a"),
    Case(later: request(.read, .relaxedOrdering), code: "B2a"),
    Case(later: request(.read, .relaxedOrdering, requester: 0x101), code: "B2a"),
    Case(later: request(.read, .idBasedOrdering, pasid: 8), earlier: withPASID, code: "B2b"),
    Case(later: request(.configRead, .relaxedOrdering), code: "B2a"),

    Case(later: request(.atomic, .relaxedOrdering), code: "C2b"),
    Case(later: request(.request(.deferrableMemoryWrite), .relaxedOrdering), code: "C2b"),
    Case(later: request(.atomic), code: "C2a"),
    Case(later: request(.atomic, .idBasedOrdering, requester: 0x101), code: "C2b"),
    Case(later: request(.atomic, .idBasedOrdering), code: "C2a"),
    // A config or I/O request never carries RO, whatever the bit says.
    Case(later: request(.configWrite, .relaxedOrdering), code: "C2a"),
    Case(later: request(.ioWrite, .relaxedOrdering), code: "C2a"),

    Case(later: completion(.configWrite), code: "D2b"),
    Case(later: completion(.ioWrite), code: "D2b"),
    Case(later: completion(.configRead), code: "D2a"),
    Case(later: completion(.ioRead), code: "D2a"),
    Case(later: completion(.atomicOp), code: "D2a"),
    Case(later: completion(.memoryRead), code: "D2a"),
    Case(later: completion(.memoryRead, .relaxedOrdering), code: "D2b"),
    Case(later: completion(.configRead, .relaxedOrdering), code: "D2a"),
    Case(later: completion(.memoryRead, .idBasedOrdering, completer: 0x101), code: "D2b"),
    Case(later: completion(.memoryRead, .idBasedOrdering), code: "D2a"),
    Case(later: completion(.memoryRead, completer: 0x101), code: "D2a"),
    // It is the Completer ID that counts, not whom the completion answers.
    Case(
      later: OrderedTLP(
        .completion(of: .memoryRead), attributes: .idBasedOrdering, requester: 0x300,
        completer: 0x100), code: "D2a"),
  ]

  @Test(arguments: cases)
  func `a condition holds or does not`(row: Case) {
    let decision = Self.table.verdict(later: row.later, earlier: row.earlier)
    #expect(decision.entry?.code == row.code)
    #expect(decision.mayPass == row.code.hasSuffix("b") && !decision.mustPass)
  }

  @Test func `completions of one request stay in order, others need not`() {
    func completion(_ requester: UInt32, _ tag: UInt32) -> OrderedTLP {
      OrderedTLP(.completion(of: .memoryRead), requester: requester, transaction: tag)
    }
    let first = completion(0x100, 5)
    for (later, code) in [
      (completion(0x100, 5), "D5b"), (completion(0x100, 6), "D5a"), (completion(0x101, 5), "D5a"),
    ] {
      let decision = Self.table.verdict(later: later, earlier: first)
      #expect(decision.entry?.code == code && decision.mayPass == (code == "D5a"))
    }
  }

  @Test func `towards conventional PCI a posted request must be able to pass completions`() {
    let write = OrderedTLP(.postedWrite)
    let completion = OrderedTLP(.completion(of: .memoryRead))
    let bridge = PCIeOrderingTable(conventionalBridge: true)
    let inside = bridge.verdict(later: write, earlier: completion)
    #expect(inside.entry?.code == "A5b" && inside.mustPass)
    let outside = Self.table.verdict(later: write, earlier: completion)
    #expect(outside.entry?.code == "A5a" && outside.mayPass && !outside.mustPass)
  }

  @Test func `the attributes have the header's bits`() {
    #expect(TLPAttributes.relaxedOrdering.rawValue == 0b010)
    #expect(TLPAttributes.idBasedOrdering.rawValue == 0b100)
  }

  @Test func `the table's CSV has a line an entry`() {
    let lines = Self.table.csv().split(separator: "\n")
    #expect(lines.count == 23)
    #expect(lines[0] == "code,row,column,verdict,condition,text,source")
    let widths = Set(lines.map { $0.split(separator: ",").count })
    #expect(widths == [7])
  }
}
