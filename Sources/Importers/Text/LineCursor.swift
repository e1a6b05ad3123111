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
