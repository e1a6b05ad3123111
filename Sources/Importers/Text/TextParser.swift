import TraceCore

/// A format whose records are lines.
protocol TextParser {
  associatedtype Lexer: LineLexer = NoLexer

  var context: TraceContext { get }
  var counters: ImportCounters { get set }

  /// Reads the plain lines; nil as long as there are none, once set it stays the same.
  var lexer: Lexer? { get }

  /// Appends the records of a plain line, sixteen at most, exactly as ``parse(_:in:into:)`` would.
  ///
  /// - Returns: false where `parse` has to read the line; nothing was changed then.
  /// - Throws: What `parse` would throw.
  mutating func resolve(
    _ token: Lexer.Token, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) -> Bool

  /// Appends the records of one line, sixteen at most.
  ///
  /// - Throws: A fault, before anything was appended.
  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault)

  /// Appends records that were held back, sixteen at most; called at the end of the input until
  /// it returns false.
  mutating func finish(into builder: inout BlockAppender) -> Bool

  /// Goes over the lines of a chunk; made here for each format, so that a line costs no call.
  ///
  /// - Parameters:
  ///   - chunk: The lines, the plain ones among them lexed where a lexer is known.
  ///   - cursor: The next line; stays at a record that goes on behind the chunk.
  ///   - nextPlain: Index of the next plain line, or of one that was passed already.
  ///   - options: The longest line, and what to do about bad records.
  ///   - builder: Gets the records, until it is full.
  /// - Throws: The first fault that is not to be skipped, and its line.
  mutating func parseLines(
    _ chunk: TextChunk<Lexer>, _ cursor: inout LineCursor, _ nextPlain: inout Int,
    _ options: ImportOptions, into builder: inout BlockAppender
  ) throws(LineError)

  /// Completes the position of a fault that a parser noted in a way of its own.
  func locate(_ fault: LineFault, _ line: Line, in bytes: Span<UInt8>) -> LineFault

  /// What a capture told holds in the one behind it; nothing else in it hangs on its own first lines.
  static var goesOn: Bool { get }

  /// Adds what the whole capture showed to the context; called once, at the end.
  mutating func conclude()
}

extension TextParser where Lexer == NoLexer {
  var lexer: NoLexer? { NoLexer() }

  mutating func resolve(
    _ token: UInt8, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) -> Bool { false }
}

extension TextParser {
  static var goesOn: Bool { false }

  func locate(_ fault: LineFault, _ line: Line, in bytes: Span<UInt8>) -> LineFault { fault }

  mutating func parseLines(
    _ chunk: TextChunk<Lexer>, _ cursor: inout LineCursor, _ nextPlain: inout Int,
    _ options: ImportOptions, into builder: inout BlockAppender
  ) throws(LineError) {
    let array = chunk.bytes
    let bytes = array.span
    while !builder.isFull {
      try parsePlain(chunk.plain, bytes, &cursor, &nextPlain, options, into: &builder)
      guard !builder.isFull, try parseNext(bytes, &cursor, options, into: &builder) else { return }
      if Lexer.self != NoLexer.self, chunk.lexedFrom == chunk.filled, let lexer {
        chunk.lex(lexer, from: cursor.position)
        nextPlain = 0
      }
    }
  }

  /// Resolves plain lines up to the first that is none.
  @inline(__always)
  private mutating func parsePlain(
    _ lines: borrowing PlainLines<Lexer.Token>, _ bytes: Span<UInt8>, _ cursor: inout LineCursor,
    _ nextPlain: inout Int, _ options: ImportOptions, into builder: inout BlockAppender
  ) throws(LineError) {
    var (position, number, index) = (cursor.position, cursor.number, nextPlain)
    defer { (cursor.position, cursor.number, nextPlain) = (position, number, index) }
    while index < lines.count, !builder.isFull {
      let line = lines[index]
      let start = Int(line.start)
      guard start == position else {
        // A record that went over several lines may have taken plain ones with it.
        if start > position { return }
        index &+= 1
        continue
      }
      let end = Int(line.feed) &+ 1
      guard end &- start <= options.longestLine else { return }
      do throws(LineFault) {
        guard try resolve(line.token, line: number, in: bytes, into: &builder) else { return }
      } catch {
        var rest = cursor
        (rest.position, rest.number) = (position, number)
        guard let line = rest.next(in: bytes) else { return }
        _ = try recover(error, line, bytes, &rest, options, into: &builder)
      }
      position = end
      number &+= 1
      index &+= 1
    }
  }

  /// Parses one line by the whole grammar.
  ///
  /// - Returns: false where the chunk has no further line, or the record goes on behind it.
  @inline(__always)
  private mutating func parseNext(
    _ bytes: Span<UInt8>, _ cursor: inout LineCursor, _ options: ImportOptions,
    into builder: inout BlockAppender
  ) throws(LineError) -> Bool {
    let start = cursor
    guard let line = cursor.next(in: bytes) else { return false }
    guard try isShort(line, options) else { return true }
    do throws(LineFault) {
      try parse(line, in: bytes, into: &builder)
      if !line.isTerminated { counters[.unterminatedLastLine] += 1 }
    } catch {
      guard try recover(error, line, bytes, &cursor, options, into: &builder) else {
        cursor = start
        return false
      }
    }
    return true
  }

  /// A line may have as many bytes as the options say, its end among them.
  ///
  /// - Returns: false for a longer one that is skipped.
  @inline(__always)
  private mutating func isShort(
    _ line: Line, _ options: ImportOptions
  ) throws(LineError) -> Bool {
    if line.next - line.start + (line.isTerminated ? 0 : 1) <= options.longestLine { return true }
    guard options.skipBadRecords, lexer != nil else {
      throw LineError(
        fault: LineFault(.tooLong, at: line.start, "a shorter line"), line: line)
    }
    counters[.badRecord] += 1
    return false
  }

  /// Goes on after a fault where that can be done.
  ///
  /// - Returns: false when the record goes on behind the end of the chunk.
  private mutating func recover(
    _ first: LineFault, _ line: Line, _ bytes: Span<UInt8>, _ cursor: inout LineCursor,
    _ options: ImportOptions, into builder: inout BlockAppender
  ) throws(LineError) -> Bool {
    var (fault, line) = (first, line)
    while fault.kind == .openQuote, line.isTerminated {
      guard let longer = cursor.extend(line, in: bytes) else {
        if cursor.isFinal { break }
        return false
      }
      let added = line.next..<longer.end
      line = longer
      guard try isShort(line, options) else { return true }
      // Only a quote more than there are pairs can close the cell.
      guard added.count(where: { bytes[$0] == 0x22 }) & 1 == 1 else { continue }
      do throws(LineFault) {
        try parse(line, in: bytes, into: &builder)
        return true
      } catch {
        fault = error
      }
    }
    if !line.isTerminated, !fault.isFatal {
      counters[.cutLastLine] += 1
    } else if options.skipBadRecords, !fault.isFatal {
      counters[.badRecord] += 1
    } else {
      throw LineError(fault: locate(fault, line, in: bytes), line: line)
    }
    return true
  }
}

/// A fault and the line it is in.
struct LineError: Error {
  var fault: LineFault
  var line: Line
}
