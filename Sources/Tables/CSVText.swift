/// A table as comma-separated values (RFC 4180, but with LF line ends).
public struct CSVText: Sendable {
  private var bytes: [UInt8] = []

  /// - Parameter header: Column names.
  public init(header: [String]) { add(header) }

  private init() {}

  /// One cell, in quotes where it must be.
  public static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: isSpecial) else { return text }
    var table = CSVText()
    table.add(text)
    return table.text
  }

  /// One row without its line end, for tables that are not written as a whole.
  public static func row(_ cells: [String]) -> String {
    cells.map(cell).joined(separator: ",")
  }

  /// What has been added.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Appends a row; nil is an empty cell.
  public mutating func add(_ cells: [String?]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      if let cell { add(cell) }
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  /// What has been added since the last time, so that a long table need not be held.
  public mutating func take() -> String {
    defer { bytes.removeAll(keepingCapacity: true) }
    return text
  }

  private mutating func add(_ cell: String) {
    let start = bytes.count
    bytes.append(contentsOf: cell.utf8)
    if bytes[start...].contains(where: Self.isSpecial) { quote(from: start) }
  }

  /// Only a cell with such a byte is quoted.
  @inline(__always)
  private static func isSpecial(_ byte: UInt8) -> Bool {
    byte <= UInt8(ascii: ",")
      && (byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
        || byte == UInt8(ascii: "\r"))
  }

  private mutating func quote(from start: Int) {
    let cell = bytes[start...]
    let mark = UInt8(ascii: "\"")
    bytes.replaceSubrange(
      start..., with: [mark] + cell.flatMap { $0 == mark ? [mark, mark] : [$0] } + [mark])
  }
}
