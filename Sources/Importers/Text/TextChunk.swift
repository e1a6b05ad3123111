import TraceCore
import TraceIO

/// Whole lines of an input, and what a lexer made of the plain ones among them.
final class TextChunk<Lexer: LineLexer> {
  /// The lines, a line feed, and ``TextWords/room`` or more behind it.
  var bytes: [UInt8] = []
  /// Index behind the last line.
  var filled = 0
  /// Offset in the decoded content of the first byte.
  var offset: UInt64 = 0
  /// The input ends with this chunk.
  var isFinal = false
  /// Index of the first line that was given to the lexer.
  var lexedFrom = 0
  /// Plain lines, from `lexedFrom` on.
  var plain = PlainLines<Lexer.Token>()
  /// What the source said when the chunk was filled.
  var progress: (consumed: UInt64, total: UInt64?) = (0, nil)
  var sha256: String?

  /// Finds the plain lines from an index on.
  func lex(_ lexer: Lexer, from start: Int) {
    plain.removeAll()
    lexedFrom = start
    lexer.lexLines(from: start, to: filled, in: bytes, into: &plain)
  }

  /// Puts the end of the chunk before in front, of which a record goes on here.
  func prepend(_ rest: [UInt8]) {
    bytes.insert(contentsOf: rest, at: 0)
    filled += rest.count
    offset -= UInt64(rest.count)
    plain.removeAll()
    lexedFrom = filled
  }

  /// The bytes from an index, as they may be shown in a message: 24 at most, up to a blank or
  /// a comma.
  func excerpt(from start: Int, to end: Int) -> String {
    var text = ""
    for index in start..<max(start, min(end, start + 24)) {
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

/// Cuts an input into chunks of whole lines.
///
/// Where it cuts depends on the content alone, not on how much a read of the source gives.
final class ChunkReader {
  /// Bytes in a chunk, unless a line is longer.
  static let defaultSize = 64 << 10
  /// Bytes in the longest line.
  static let defaultLongest = 1 << 20

  private let source: any ByteSource
  private let size: Int
  private let longest: Int
  /// The start of a line that was not whole.
  private var rest: [UInt8] = []
  private var offset: UInt64 = 0
  private var isAtEnd = false

  /// - Parameters:
  ///   - source: Content, decompressed.
  ///   - size: Bytes in a chunk; at least 1.
  ///   - longest: Bytes in the longest line that is of interest.
  init(_ source: any ByteSource, size: Int, longest: Int) {
    precondition(size > 0 && longest > 0, "a chunk has bytes")
    self.source = source
    self.size = size
    self.longest = longest
  }

  /// Fills a chunk; its plain lines are not looked for.
  ///
  /// - Returns: false when nothing is left.
  /// - Throws: `TraceError` of the source.
  func fill<Lexer>(_ chunk: TextChunk<Lexer>) throws(TraceError) -> Bool {
    guard !isAtEnd else { return false }
    chunk.plain.removeAll()
    chunk.offset = offset
    var bytes: [UInt8] = []
    swap(&bytes, &chunk.bytes)
    defer { swap(&bytes, &chunk.bytes) }
    bytes.resize(to: max(size, rest.count))
    bytes.replaceSubrange(..<rest.count, with: rest)
    var filled = rest.count
    var cut: Int?
    while cut == nil {
      let searched = filled
      // A line that does not end grows to one byte more than it may have.
      if filled >= size { bytes.resize(to: min(2 * filled, max(longest, filled) + 1)) }
      try read(into: &bytes, &filled)
      cut = bytes.lastLineEnd(in: searched..<filled)
      if isAtEnd || filled > longest && cut == nil { cut = filled }
    }
    chunk.filled = cut ?? filled
    chunk.isFinal = isAtEnd
    rest.replaceSubrange(0..., with: bytes[chunk.filled..<filled])
    offset += UInt64(chunk.filled)
    // Nothing plain goes on behind a line feed.
    bytes.resize(to: max(bytes.count, chunk.filled + 1 + TextWords.room))
    for index in 0...TextWords.room { bytes[chunk.filled + index] = 0x0a }
    chunk.lexedFrom = chunk.filled
    chunk.progress = source.progress
    chunk.sha256 = source.sha256
    return true
  }

  private func read(into bytes: inout [UInt8], _ filled: inout Int) throws(TraceError) {
    while filled < bytes.count {
      let count = try source.read(into: &bytes, from: filled)
      filled += count
      if count == 0 {
        isAtEnd = true
        return
      }
    }
  }
}

extension [UInt8] {
  /// Cuts off what is more, or puts zeros behind what there is.
  fileprivate mutating func resize(to count: Int) {
    if count < self.count {
      removeLast(self.count - count)
    } else {
      append(contentsOf: repeatElement(0, count: count - self.count))
    }
  }

  /// Index behind the last line feed of a range.
  fileprivate func lastLineEnd(in range: Range<Int>) -> Int? {
    self[range].lastIndex(of: 0x0a).map { $0 + 1 }
  }
}
