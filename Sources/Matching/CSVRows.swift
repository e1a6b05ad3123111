import TraceCore
import TraceIO

/// The rows of a CSV (RFC 4180; line ends LF or CR LF), one after the other.
///
/// Blank lines are passed over, and so is a byte order mark at the start.
struct CSVRows: ~Copyable {
  /// Bytes of a row at most.
  static let longestRow = 1 << 20

  private let source: any ByteSource
  private var buffer: [UInt8]
  /// Where the row begins, and where the bytes read end.
  private var start = 0
  private var filled = 0
  /// Bytes of the row, its line end included.
  private var length = 0
  private var isAtEnd = false
  private var isFirst = true
  private var nextLine: UInt64 = 1
  /// Line at which the row begins, from 1.
  private(set) var line: UInt64 = 1
  /// Its cells from its start on, quotes included.
  private var cells: [Range<Int>] = []

  /// - Parameters:
  ///   - source: The text, from its beginning.
  ///   - chunk: Bytes that are asked for at a time, at least 1.
  init(_ source: any ByteSource, chunk: Int = 1 << 18) {
    self.source = source
    buffer = [UInt8](repeating: 0, count: max(1, chunk))
  }

  var path: String { source.path }
  /// Cells of the row.
  var count: Int { cells.count }

  /// Goes to the next row.
  ///
  /// - Returns: false at the end.
  /// - Throws: ``TraceError`` from the source, and for a row that is too long or has an open quote.
  mutating func next() throws(TraceError) -> Bool {
    if isFirst { try passByteOrderMark() }
    while try findRow() {
      // A blank line is no row with an empty cell.
      if cells.count > 1 || !cells[0].isEmpty { return true }
    }
    return false
  }

  /// The content of a cell, without the quotes around it and with single ones in it.
  func cell(_ index: Int) -> [UInt8] {
    let place = cells[index]
    let bytes = buffer[start + place.lowerBound..<start + place.upperBound]
    guard bytes.count > 1, bytes.first == Self.quote, bytes.last == Self.quote else {
      return Array(bytes)
    }
    var content: [UInt8] = []
    var isSecond = false
    for byte in bytes.dropFirst().dropLast() {
      isSecond = byte == Self.quote && !isSecond
      if !isSecond { content.append(byte) }
    }
    return content
  }

  /// An error about a cell of the row, or about what should stand behind its last one.
  ///
  /// - Parameters:
  ///   - expected: What should stand there.
  ///   - cell: The cell's place; that behind the last one is the end of the row.
  ///   - isInRange: It is of the right form.
  /// - Returns: The error, with file, line and column.
  func error(_ expected: String, cell: Int, isInRange: Bool = true) -> TraceError {
    var found = "the end of the row"
    if cell < count {
      found = "'" + String(decoding: self.cell(cell).prefix(40), as: UTF8.self) + "'"
    }
    let column = cell < count ? cells[cell].lowerBound : cells.last?.upperBound ?? 0
    return TraceError(
      isInRange ? .badRecord : .range,
      "expected \(expected), found \(found)\(isInRange ? "" : ", which is out of range")",
      file: path, line: line, column: nextLine == line + 1 ? column + 1 : nil)
  }

  // MARK: Reading

  private static let quote = UInt8(ascii: "\"")

  private mutating func passByteOrderMark() throws(TraceError) {
    isFirst = false
    while filled < 3, try fill() {}
    if buffer[..<filled].starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
  }

  /// Finds the end and the cells of the row behind the one at hand.
  private mutating func findRow() throws(TraceError) -> Bool {
    start += length
    length = 0
    line = nextLine
    cells.removeAll(keepingCapacity: true)
    var cellStart = 0
    var isQuoted = false
    while true {
      if start + length == filled {
        if try fill() { continue }
        break
      }
      switch buffer[start + length] {
      case Self.quote:
        // A quote within quotes is two, which leaves them and enters them again; one in a cell
        // that does not begin with one is a byte like others.
        if isQuoted || length == cellStart || buffer[start + cellStart] == Self.quote {
          isQuoted.toggle()
        }
      case UInt8(ascii: ",") where !isQuoted:
        cells.append(cellStart..<length)
        cellStart = length + 1
      case UInt8(ascii: "\n"):
        nextLine += 1
        if isQuoted { break }
        endRow(cellStart)
        length += 1
        return true
      default: break
      }
      length += 1
    }
    guard !isQuoted else {
      throw TraceError(
        .badRecord, "expected a closing quote, found the end of the list", file: path, line: line)
    }
    guard length > 0 else { return false }
    nextLine += 1
    endRow(cellStart)
    return true
  }

  private mutating func endRow(_ cellStart: Int) {
    let isReturned = length > cellStart && buffer[start + length - 1] == UInt8(ascii: "\r")
    cells.append(cellStart..<length - (isReturned ? 1 : 0))
  }

  /// Reads on, behind what there is of the row.
  ///
  /// - Returns: false at the end of the list.
  private mutating func fill() throws(TraceError) -> Bool {
    guard !isAtEnd else { return false }
    if start > 0 {
      buffer.replaceSubrange(0..<filled - start, with: Array(buffer[start..<filled]))
      filled -= start
      start = 0
    }
    if filled == buffer.count {
      guard filled < Self.longestRow else {
        throw TraceError(
          .badRecord, "expected a row of at most \(Self.longestRow) bytes; this one is longer",
          file: path, line: line)
      }
      buffer.append(contentsOf: repeatElement(0, count: buffer.count))
    }
    let count = try source.read(into: &buffer, from: filled)
    filled += count
    isAtEnd = count == 0
    return count > 0
  }
}
