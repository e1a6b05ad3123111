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
    _ line: Line, in bytes: Span<UInt8>, into builder: BlockBuilder
  ) throws(LineFault)

  /// Appends records that were held back, sixteen at most; called at the end of the input until
  /// it returns false.
  mutating func finish(into builder: BlockBuilder) -> Bool

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
        if !parser.finish(into: builder) { return conclude() }
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
    do throws(LineError) {
      try Self.parseLines(
        scanner.bytes.span, &cursor, &parser, skipBadRecords: skipBadRecords, into: builder)
    } catch {
      throw traceError(error, records: builder.block.count)
    }
    scanner.cursor = cursor
  }

  /// Goes over a chunk with one access to the parser, not one a line.
  private static func parseLines(
    _ bytes: Span<UInt8>, _ cursor: inout LineCursor, _ parser: inout Parser,
    skipBadRecords: Bool, into builder: BlockBuilder
  ) throws(LineError) {
    while !builder.isFull {
      let start = cursor
      guard var line = cursor.next(in: bytes) else { return }
      var isRepeated = true
      while isRepeated {
        isRepeated = false
        do throws(LineFault) {
          try parser.parse(line, in: bytes, into: builder)
          if !line.isTerminated { parser.counters[.unterminatedLastLine] += 1 }
        } catch {
          if error.kind == .openQuote, line.isTerminated || !cursor.isFinal {
            guard let longer = cursor.extend(line, in: bytes) else {
              if !cursor.isFinal {
                cursor = start
                return
              }
              throw LineError(fault: error, line: line)
            }
            line = longer
            isRepeated = true
          } else if error.isFatal {
            throw LineError(fault: error, line: line)
          } else if !line.isTerminated {
            parser.counters[.cutLastLine] += 1
          } else if skipBadRecords {
            parser.counters[.badRecord] += 1
          } else {
            throw LineError(fault: error, line: line)
          }
        }
      }
    }
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

/// A fault and the line it is in.
private struct LineError: Error {
  var fault: LineFault
  var line: Line
}
