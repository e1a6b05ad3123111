import Results
public import TraceCore
public import TraceIO

/// The TLPs that a protocol analyzer saw, as CSV, row by row.
///
/// A header names the columns, in any order. Memory requests that go down are handed out; all else is
/// counted by name.
public struct ObservedList: ~Copyable {
  private var rows: CSVRows
  /// Where each column stands that there is.
  private let places: [ObservedColumn: Int]
  /// Cells that every row must have.
  private let width: Int
  /// Path as the user gave it.
  public var path: String { rows.path }
  /// Byte enables are told.
  public let hasEnables: Bool
  /// Names of columns that say nothing here.
  public let ignoredColumns: [String]
  /// TLPs that are no memory request, or go up, by name.
  private(set) var others: [String: UInt64] = [:]

  /// Reads the header.
  ///
  /// - Parameters:
  ///   - source: The CSV from its beginning.
  ///   - chunk: Bytes that are asked for at a time, at least 1.
  /// - Throws: ``TraceError`` from the source, or with the line where a column is missing or there
  ///   twice.
  public init(_ source: any ByteSource, chunk: Int = 1 << 18) throws(TraceError) {
    var rows = CSVRows(source, chunk: chunk)
    guard try rows.next() else {
      throw TraceError(.empty, "the list has no header", file: source.path)
    }
    var places: [ObservedColumn: Int] = [:]
    var ignored: [String] = []
    for cell in 0..<rows.count {
      let name = String(decoding: rows.cell(cell), as: UTF8.self)
      let plain = name.lowercased().split(separator: " ").joined(separator: " ")
      guard let column = ObservedColumn(rawValue: plain) else {
        ignored.append(name)
        continue
      }
      guard places[column] == nil else {
        throw rows.error("column \(plain) once", cell: cell)
      }
      places[column] = cell
    }
    for column in ObservedColumn.required where places[column] == nil {
      throw rows.error("the columns type, addr and length_dw in the header", cell: rows.count)
    }
    let hasEnables = places[.firstEnables] != nil
    guard hasEnables == (places[.lastEnables] != nil) else {
      throw rows.error("both of first_be and last_be in the header", cell: rows.count)
    }
    if places[.picoseconds] != nil, let second = places[.nanoseconds] {
      throw rows.error("one of time_ps and time_ns in the header", cell: second)
    }
    self.places = places
    self.hasEnables = hasEnables
    width = rows.count
    ignoredColumns = ignored
    self.rows = rows
  }

  /// Names of other TLPs that are told apart.
  private static let nameLimit = 64

  /// Reads on up to the next memory request that goes down.
  ///
  /// - Returns: nil at the end.
  /// - Throws: ``TraceError`` from the source, or with the line of a row that is wrong.
  mutating func next() throws(TraceError) -> MatchResult.Observed? {
    while try rows.next() {
      guard rows.count == width else {
        throw rows.error("\(width) cells, as the header has", cell: min(width, rows.count))
      }
      let type = text(.type) ?? ""
      guard !type.isEmpty else { throw error("a type of TLP", .type) }
      let isUp = try goesUp()
      guard !isUp, let isWrite = Self.isWrite(type) else {
        let isMemory = Self.isWrite(type) != nil
        count((isMemory ? "upstream " : "") + Self.name(type))
        continue
      }
      let request = try request(isWrite: isWrite)
      return MatchResult.Observed(
        line: rows.line, tlp: text(.tlp).flatMap { $0.isEmpty ? nil : String($0.prefix(40)) },
        request: request, timePs: try time())
    }
    return nil
  }

  /// Counts a TLP that is not compared.
  mutating func count(_ name: String) {
    let isKnown = others[name] != nil || others.count < Self.nameLimit
    others[isKnown ? name : "other types", default: 0] += 1
  }

  // MARK: Types

  private static func isWrite(_ type: String) -> Bool? {
    switch type.lowercased() {
    case "mwr", "mwr32", "mwr64": true
    case "mrd", "mrd32", "mrd64": false
    default: nil
    }
  }

  /// Types by the specification's names, however they are spelt.
  private static let names = [
    "MWr", "MWr32", "MWr64", "MRd", "MRd32", "MRd64", "MRdLk", "IORd", "IOWr", "CfgRd0", "CfgWr0",
    "CfgRd1", "CfgWr1", "Cpl", "CplD", "CplLk", "CplDLk", "Msg", "MsgD",
  ]

  private static func name(_ type: String) -> String {
    let lower = type.lowercased()
    return names.first { $0.lowercased() == lower } ?? String(type.prefix(40))
  }

  // MARK: Cells

  /// The content of a cell without blanks around it; nil where there is no such column.
  private func text(_ column: ObservedColumn) -> String? {
    guard let place = places[column] else { return nil }
    let blank = UInt8(ascii: " ")
    let bytes = rows.cell(place).drop { $0 == blank }
    let end = bytes.lastIndex { $0 != blank }.map { $0 + 1 } ?? bytes.startIndex
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  private func error(
    _ expected: String, _ column: ObservedColumn, isInRange: Bool = true
  ) -> TraceError {
    rows.error(
      "\(expected) in column \(column.rawValue)", cell: places[column] ?? rows.count,
      isInRange: isInRange)
  }

  /// It goes towards the CPU.
  private func goesUp() throws(TraceError) -> Bool {
    switch text(.direction)?.lowercased() {
    case nil, "", "down": return false
    case "up": return true
    default: throw error("down or up", .direction)
    }
  }

  private func request(isWrite: Bool) throws(TraceError) -> MatchResult.Request {
    let address = try address()
    let dwords = try length()
    let (_, isOver) = address.addingReportingOverflow(UInt64(4 * dwords - 1))
    guard !isOver else {
      throw error("an address whose TLP ends below 2^64", .address, isInRange: false)
    }
    var request = MatchResult.Request(
      isWrite: isWrite, address: address, dwords: dwords, firstEnables: 15,
      lastEnables: dwords > 1 ? 15 : 0)
    guard hasEnables else { return request }
    request.firstEnables = try enables(.firstEnables)
    // PCI Express Base Specification 5.0, section 2.2.5.
    guard dwords == 1 || request.firstEnables != 0 else {
      throw error(Self.enabledByte, .firstEnables)
    }
    if dwords == 1, text(.lastEnables)?.isEmpty == true {
      request.lastEnables = 0
    } else {
      request.lastEnables = try enables(.lastEnables)
    }
    guard (request.lastEnables == 0) == (dwords == 1) else {
      throw error(dwords == 1 ? "0000, as there is one DW," : Self.enabledByte, .lastEnables)
    }
    return request
  }

  private static let enabledByte = "an enabled byte, as there is more than one DW,"

  private func address() throws(TraceError) -> UInt64 {
    let expected = "a hexadecimal address with 0x"
    guard let digits = hexDigits(.address) else { throw error(expected, .address) }
    guard let address = UInt64(digits, radix: 16) else {
      throw error(expected, .address, isInRange: false)
    }
    guard address & 3 == 0 else { throw error("the address of a DW, a multiple of 4,", .address) }
    return address
  }

  private func length() throws(TraceError) -> Int {
    let expected = "a number of DWs from 1 to 1024"
    let text = text(.length) ?? ""
    guard text.isDecimal else { throw error(expected, .length) }
    guard let number = Int(text), (1...1024).contains(number) else {
      throw error(expected, .length, isInRange: false)
    }
    return number
  }

  private func enables(_ column: ObservedColumn) throws(TraceError) -> UInt8 {
    let text = text(column) ?? ""
    if text.utf8.count == 4, text.utf8.allSatisfy({ $0 == 0x30 || $0 == 0x31 }),
      let enables = UInt8(text, radix: 2)
    {
      return enables
    }
    guard let enables = hexDigits(column).flatMap({ UInt8($0, radix: 16) }), enables < 16 else {
      throw error("four binary digits, or 0x0 to 0xf,", column)
    }
    return enables
  }

  /// What stands behind `0x`, where that is hexadecimal digits.
  private func hexDigits(_ column: ObservedColumn) -> Substring? {
    guard let text = text(column), text.hasPrefix("0x") || text.hasPrefix("0X") else { return nil }
    let digits = text.dropFirst(2)
    let areDigits = digits.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        true
      default: false
      }
    }
    return areDigits && !digits.isEmpty ? digits : nil
  }

  /// The time in ps; nil where there is none.
  private func time() throws(TraceError) -> UInt64? {
    if let text = text(.picoseconds), !text.isEmpty {
      guard text.isDecimal else { throw error("picoseconds", .picoseconds) }
      guard let time = UInt64(text) else {
        throw error("picoseconds", .picoseconds, isInRange: false)
      }
      return time
    }
    guard let text = text(.nanoseconds), !text.isEmpty else { return nil }
    let expected = "nanoseconds with up to three decimals"
    switch FixedPointText(text, places: 3) {
    case .value(let time): return time
    case .tooLarge: throw error(expected, .nanoseconds, isInRange: false)
    case .malformed: throw error(expected, .nanoseconds)
    }
  }
}
