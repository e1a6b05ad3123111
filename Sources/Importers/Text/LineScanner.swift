import TraceCore
import TraceIO

/// One line of a chunk, without its line end.
struct Line {
  /// Index in the chunk of the first byte.
  var start: Int
  /// Index behind the last byte; a carriage return in front of the line feed is not part of it.
  var end: Int
  /// Index of the next line's first byte.
  var next: Int
  /// Number in the file, from 1.
  var number: UInt64
  /// A line feed follows; only the last line of an input may lack it.
  var isTerminated: Bool
}

/// Goes over the complete lines of a chunk.
struct LineCursor {
  /// Index in the chunk of the next line.
  var position: Int
  /// Number of that line, from 1.
  var number: UInt64
  /// Index behind the chunk's last byte.
  let filled: Int
  /// The input ends with this chunk, so that a last line without a line feed counts.
  let isFinal: Bool

  /// The next complete line, or nil.
  @inline(__always)
  mutating func next(in bytes: Span<UInt8>) -> Line? {
    guard position < filled else { return nil }
    guard let line = line(from: position, search: position, bytes) else { return nil }
    position = line.next
    number += 1
    return line
  }

  /// The line together with the one behind it, or nil where that one is not in the chunk.
  mutating func extend(_ line: Line, in bytes: Span<UInt8>) -> Line? {
    guard line.next < filled,
      var longer = self.line(from: line.start, search: line.next, bytes)
    else { return nil }
    longer.number = line.number
    position = longer.next
    number += 1
    return longer
  }

  @inline(__always)
  private func line(from start: Int, search: Int, _ bytes: Span<UInt8>) -> Line? {
    guard let feed = bytes.first(0x0a, from: search, to: filled) else {
      guard isFinal else { return nil }
      return Line(start: start, end: filled, next: filled, number: number, isTerminated: false)
    }
    let hasReturn = feed > start && bytes[feed - 1] == 0x0d
    return Line(
      start: start, end: hasReturn ? feed - 1 : feed, next: feed + 1, number: number,
      isTerminated: true)
  }
}

extension [UInt8] {
  /// One of the lines of a content's first bytes, the cut last one included, is as asked for.
  func containsLine(_ isWanted: (Line, Span<UInt8>) -> Bool) -> Bool {
    var cursor = LineCursor(position: 0, number: 1, filled: count, isFinal: true)
    while let line = cursor.next(in: span) {
      if isWanted(line, span) { return true }
    }
    return false
  }
}

/// Cuts an input into chunks of complete lines.
///
/// Lines end with LF or CR LF. A line may be as long as the buffer; a longer one is an error.
struct LineScanner {
  /// Bytes in the buffer, and in the longest line.
  static let defaultCapacity = 1 << 20

  private let source: any ByteSource
  /// The chunk, and room behind it.
  private(set) var bytes: [UInt8]
  private var filled = 0
  /// Offset in the decoded content of the chunk's first byte.
  private(set) var chunkOffset: UInt64 = 0
  private var isFinal = false
  /// Where the next line starts.
  var cursor = LineCursor(position: 0, number: 1, filled: 0, isFinal: false)

  /// - Parameters:
  ///   - source: Content, decompressed.
  ///   - capacity: Bytes in the longest line that is accepted; at least 16.
  init(_ source: any ByteSource, capacity: Int = defaultCapacity) {
    precondition(capacity >= 16, "the buffer is too small")
    self.source = source
    bytes = [UInt8](repeating: 0, count: capacity)
  }

  /// Drops the lines that were passed and reads on.
  ///
  /// - Returns: false when the input has ended and nothing more can be read.
  /// - Throws: `TraceError` of the source, or `.badRecord` for a line without an end.
  mutating func refill() throws(TraceError) -> Bool {
    guard !isFinal else { return false }
    let passed = cursor.position
    if passed > 0 {
      unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[passed..<filled]))
      }
      filled -= passed
      chunkOffset += UInt64(passed)
    }
    guard filled < bytes.count else { throw tooLong }
    let count = try source.read(into: &bytes, from: filled)
    filled += count
    isFinal = count == 0
    // Numbers are read a word at a time: what lies behind the last line must not continue one.
    if isFinal { bytes[filled] = 0x0a }
    cursor = LineCursor(position: 0, number: cursor.number, filled: filled, isFinal: isFinal)
    return true
  }

  private var tooLong: TraceError {
    TraceError(
      .badRecord, "expected a line of at most \(bytes.count) bytes; this one is longer",
      file: source.path, line: cursor.number, column: 1, byteOffset: chunkOffset)
  }

  /// The bytes from an index, as they may be shown in a message: 24 at most, up to a blank or
  /// a comma.
  func excerpt(from start: Int, to end: Int) -> String {
    var text = ""
    for index in start..<min(end, start + 24) {
      let byte = bytes[index]
      if index > start, byte == 0x20 || byte == 0x2c { break }
      if byte >= 0x20, byte < 0x7f {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "\\x" + hex(UInt64(byte), width: 2)
      }
    }
    return text
  }
}
