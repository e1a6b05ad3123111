import TraceCore
import TraceIO

/// A format whose records are lines.
protocol TextParser {
  var context: TraceContext { get }
  var counters: ImportCounters { get set }

  /// Appends the records of one line, sixteen at most.
  ///
  /// - Throws: A fault, before anything was appended.
  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault)

  /// Appends records that were held back, sixteen at most; called at the end of the input until
  /// it returns false.
  mutating func finish(into builder: inout BlockAppender) -> Bool

  /// Completes the position of a fault that a parser noted in a way of its own.
  func locate(_ fault: LineFault, _ line: Line, in bytes: Span<UInt8>) -> LineFault

  /// Adds what the whole capture showed to the context; called once, at the end.
  mutating func conclude()
}

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
        try Self.parseLines(
          bytes.span, &cursor, &parser, skipBadRecords: skipBadRecords, into: &appender)
      }
    } catch {
      throw traceError(error, records: builder.block.count)
    }
    scanner.cursor = cursor
  }

  /// Goes over a chunk with one access to the parser, not one a line.
  private static func parseLines(
    _ bytes: Span<UInt8>, _ cursor: inout LineCursor, _ parser: inout Parser,
    skipBadRecords: Bool, into builder: inout BlockAppender
  ) throws(LineError) {
    while !builder.isFull {
      let start = cursor
      guard let line = cursor.next(in: bytes) else { return }
      do throws(LineFault) {
        try parser.parse(line, in: bytes, into: &builder)
        if !line.isTerminated { parser.counters[.unterminatedLastLine] += 1 }
      } catch {
        let isWhole = try recover(
          error, line, bytes, &cursor, &parser, skipBadRecords, into: &builder)
        if !isWhole {
          cursor = start
          return
        }
      }
    }
  }

  /// Goes on after a fault where that can be done.
  ///
  /// - Returns: false when the record goes on behind the end of the chunk.
  private static func recover(
    _ first: LineFault, _ line: Line, _ bytes: Span<UInt8>, _ cursor: inout LineCursor,
    _ parser: inout Parser, _ skipBadRecords: Bool, into builder: inout BlockAppender
  ) throws(LineError) -> Bool {
    var (fault, line) = (first, line)
    while fault.kind == .openQuote, line.isTerminated {
      guard let longer = cursor.extend(line, in: bytes) else {
        if cursor.isFinal { break }
        return false
      }
      line = longer
      do throws(LineFault) {
        try parser.parse(line, in: bytes, into: &builder)
        return true
      } catch {
        fault = error
      }
    }
    if !line.isTerminated, !fault.isFatal {
      parser.counters[.cutLastLine] += 1
    } else if skipBadRecords, !fault.isFatal {
      parser.counters[.badRecord] += 1
    } else {
      throw LineError(fault: parser.locate(fault, line, in: bytes), line: line)
    }
    return true
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

extension TextParser {
  func locate(_ fault: LineFault, _ line: Line, in bytes: Span<UInt8>) -> LineFault { fault }
}

/// A fault and the line it is in.
private struct LineError: Error {
  var fault: LineFault
  var line: Line
}
