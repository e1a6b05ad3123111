import TraceCore
import TraceIO

/// Reads a capture of lines as blocks.
///
/// Chunks of whole lines are read in order. The plain lines of several are lexed at the same time
/// on other cores; then this object resolves them in order, and parses all other lines on the way.
/// Where chunks are cut and what a line means does not depend on the number of threads.
final class TextImporter<Parser: TextParser>: ContinuedImport {
  typealias Chunk = TextChunk<Parser.Lexer>

  let context: TraceContext
  private let path: String
  private let options: ImportOptions
  private let reader: ChunkReader
  private var parser: Parser
  /// The capture ahead, whose parser this one takes over at its start.
  private var previous: TextImporter?
  private var hasFollower = false
  /// Unknown lines of captures ahead.
  private var unknownBefore: UInt64 = 0
  /// The chunks; made when the lexer is known.
  private var chunks: OrderedWork<Chunk>?
  private var chunk: Chunk?
  private var cursor = LineCursor(position: 0, number: 1, filled: 0, isFinal: false)
  /// Index of the chunk's next plain line.
  private var nextPlain = 0
  /// The next chunk begins inside a line that is passed over.
  private var isInLongLine = false
  private var builder: BlockBuilder?
  private var nextRecord: UInt64 = 0
  private var isConcluded = false
  private(set) var progress: (consumed: UInt64, total: UInt64?)

  init(_ parser: Parser, _ source: any ByteSource, _ options: ImportOptions) {
    context = parser.context
    path = source.path
    progress = source.progress
    reader = ChunkReader(source, size: options.chunkSize, longest: options.longestLine)
    self.parser = parser
    self.options = options
  }

  func follower(_ source: any ByteSource) -> (any BlockSource)? {
    guard Parser.goesOn else { return nil }
    hasFollower = true
    context.path = nil
    let next = TextImporter(parser, source, options)
    next.previous = self
    return next
  }

  private func takeOver(_ previous: TextImporter) {
    parser = previous.parser
    unknownBefore = context.counters["unknown_line"]
    self.previous = nil
  }

  func next(into block: Block) throws(TraceError) -> Bool {
    if let previous { takeOver(previous) }
    let builder = builder ?? BlockBuilder(block)
    self.builder = builder
    builder.reset(firstRecord: nextRecord, into: block)
    try fill(builder)
    parser.counters.flush(into: context)
    nextRecord += UInt64(block.count)
    if isConcluded, nextRecord == 0, options.isNamed { try checkFormat() }
    return block.count > 0
  }

  private func fill(_ builder: BlockBuilder) throws(TraceError) {
    while !builder.isFull {
      if let chunk { try parse(chunk, into: builder) }
      if builder.isFull { return }
      if try advance() { continue }
      while !builder.isFull {
        if !builder.withAppender({ parser.finish(into: &$0) }) { return conclude() }
      }
    }
  }

  private func conclude() {
    guard !isConcluded else { return }
    isConcluded = true
    if !hasFollower { parser.conclude() }
    context.sha256 = chunk?.sha256
    (chunk, chunks) = (nil, nil)
  }

  // MARK: Chunks

  /// Takes the next chunk, together with what the one at hand has left.
  ///
  /// - Returns: false at the end.
  private func advance() throws(TraceError) -> Bool {
    // A slice would hold the chunk's bytes, which the next one may be filled into.
    var rest = chunk.map { Array($0.bytes[cursor.position..<$0.filled]) } ?? []
    if rest.count >= options.longestLine {
      try passOver(rest)
      rest = []
    }
    guard chunk?.isFinal != true, let next = try nextChunk() else { return false }
    if !rest.isEmpty { next.prepend(rest) }
    if Parser.Lexer.self != NoLexer.self, let lexer = parser.lexer, next.lexedFrom == next.filled {
      next.lex(lexer, from: 0)
    }
    let isMarked = chunk == nil && next.bytes.startsWithByteOrderMark
    chunk = next
    progress = next.progress
    nextPlain = 0
    cursor = LineCursor(
      position: isMarked ? ByteOrderMark.size : 0, number: cursor.number, filled: next.filled,
      isFinal: next.isFinal)
    if isInLongLine { leaveLongLine(next) }
    return true
  }

  /// The start of a line that is too long, which ends the import unless bad records are skipped.
  private func passOver(_ rest: [UInt8]) throws(TraceError) {
    // Nothing makes sense without a header.
    guard options.skipBadRecords, parser.lexer != nil else { throw tooLong }
    parser.counters[.badRecord] += 1
    // The row of a CSV may go over several lines.
    cursor.number += UInt64(rest.count { $0 == 0x0a })
    isInLongLine = rest.last != 0x0a
  }

  /// Goes behind the end of a line that began in chunks before.
  private func leaveLongLine(_ chunk: Chunk) {
    let feed = chunk.bytes[..<chunk.filled].firstIndex(of: 0x0a)
    cursor.position = feed.map { $0 + 1 } ?? chunk.filled
    guard feed != nil else { return }
    cursor.number += 1
    isInLongLine = false
  }

  private func nextChunk() throws(TraceError) -> Chunk? {
    if let chunks { return try chunks.next() }
    // A format whose lines depend on a header has a lexer only behind it.
    guard let lexer = parser.lexer else {
      let first = Chunk()
      return try reader.fill(first) ? first : nil
    }
    let reader = reader
    let hasPlain = Parser.Lexer.self != NoLexer.self
    // Without plain lines, reading is all that another core can do.
    let made = OrderedWork<Chunk>(
      threads: max(1, min(options.threads, hasPlain ? .max : 2)), make: Chunk.init
    ) { chunk throws(TraceError) in
      try reader.fill(chunk)
    } work: { chunk in
      if hasPlain { chunk.lex(lexer, from: 0) }
    }
    chunks = made
    return try made.next()
  }

  private func parse(_ chunk: Chunk, into builder: BlockBuilder) throws(TraceError) {
    do throws(LineError) {
      try builder.withAppender { appender throws(LineError) in
        try parser.parseLines(
          chunk, &cursor, &nextPlain, options, into: &appender)
      }
    } catch {
      throw traceError(error, chunk, records: builder.block.count)
    }
  }

  // MARK: Errors

  /// A text that was not recognised has a record, or nothing that is unknown.
  private func checkFormat() throws(TraceError) {
    let unknown = context.counters["unknown_line"] - unknownBefore
    guard unknown > 0 else { return }
    throw TraceError(
      .unknownFormat, "none of its lines is a record of \(context.format); \(unknown) are unknown",
      file: path)
  }

  private var tooLong: TraceError {
    TraceError(
      .badRecord, "expected a line of at most \(options.longestLine) bytes; this one is longer",
      file: path, line: cursor.number, column: 1,
      byteOffset: (chunk?.offset ?? 0) + UInt64(cursor.position))
  }

  private func traceError(_ error: LineError, _ chunk: Chunk, records: Int) -> TraceError {
    let (fault, line) = (error.fault, error.line)
    guard fault.kind != .tooLong else {
      cursor = LineCursor(
        position: line.start, number: line.number, filled: chunk.filled, isFinal: chunk.isFinal)
      return tooLong
    }
    let found = chunk.excerpt(from: fault.position, to: line.end)
    let range = fault.kind == .outOfRange ? ", which is out of range" : ""
    return TraceError(
      fault.kind == .outOfRange ? .range : .badRecord,
      "expected \(fault.expected), found "
        + (found.isEmpty ? "the end of the line" : "'\(found)'") + range,
      file: path, line: line.number, column: fault.position - line.start + 1,
      byteOffset: chunk.offset + UInt64(fault.position),
      record: nextRecord + UInt64(records))
  }
}
