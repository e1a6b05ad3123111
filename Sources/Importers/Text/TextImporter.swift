import TraceCore
import TraceIO

/// Reads a capture of lines as blocks.
final class TextImporter<Parser: TextParser>: BlockSource {
  let context: TraceContext
  private let source: any ByteSource
  private let skipBadRecords: Bool
  private var scanner: LineScanner
  private var parser: Parser
  private var builder: BlockBuilder?
  private var nextRecord: UInt64 = 0
  private var isConcluded = false

  init(_ parser: Parser, _ source: any ByteSource, _ options: ImportOptions) {
    context = parser.context
    let source = (source as? InputFile)?.readAhead ?? source
    self.source = source
    self.parser = parser
    skipBadRecords = options.skipBadRecords
    scanner = LineScanner(source, capacity: options.longestLine)
  }

  var progress: (consumed: UInt64, total: UInt64?) { source.progress }

  func next(into block: Block) throws(TraceError) -> Bool {
    let builder = builder ?? BlockBuilder(block)
    self.builder = builder
    builder.reset(firstRecord: nextRecord, into: block)
    try fill(builder)
    parser.counters.flush(into: context)
    nextRecord += UInt64(block.count)
    return block.count > 0
  }

  private func fill(_ builder: BlockBuilder) throws(TraceError) {
    while !builder.isFull {
      try parseChunk(into: builder)
      if builder.isFull { return }
      if try scanner.refill() { continue }
      while !builder.isFull {
        if !builder.withAppender({ parser.finish(into: &$0) }) { return conclude() }
      }
    }
  }

  private func conclude() {
    guard !isConcluded else { return }
    isConcluded = true
    parser.conclude()
    context.sha256 = source.sha256
  }

  private func parseChunk(into builder: BlockBuilder) throws(TraceError) {
    var cursor = scanner.cursor
    let bytes = scanner.bytes
    do throws(LineError) {
      try builder.withAppender { appender throws(LineError) in
        try parser.parseLines(
          bytes.span, &cursor, skipBadRecords: skipBadRecords, into: &appender)
      }
    } catch {
      throw traceError(error, records: builder.block.count)
    }
    scanner.cursor = cursor
  }

  private func traceError(_ error: LineError, records: Int) -> TraceError {
    let (fault, line) = (error.fault, error.line)
    let found = scanner.excerpt(from: fault.position, to: line.end)
    let range = fault.kind == .outOfRange ? " in range" : ""
    return TraceError(
      fault.kind == .outOfRange ? .range : .badRecord,
      "expected \(fault.expected)\(range), found "
        + (found.isEmpty ? "the end of the line" : "'\(found)'"),
      file: source.path, line: line.number, column: fault.position - line.start + 1,
      byteOffset: scanner.chunkOffset + UInt64(fault.position),
      record: nextRecord + UInt64(records))
  }
}

