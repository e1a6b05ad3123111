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
  mutating func parseLines(
    _ bytes: Span<UInt8>, _ cursor: inout LineCursor, skipBadRecords: Bool,
    into builder: inout BlockAppender
  ) throws(LineError)

  /// Completes the position of a fault that a parser noted in a way of its own.
  func locate(_ fault: LineFault, _ line: Line, in bytes: Span<UInt8>) -> LineFault

  /// Adds what the whole capture showed to the context; called once, at the end.
  mutating func conclude()
}

extension TextParser where Lexer == NoLexer {
  var lexer: NoLexer? { nil }

  mutating func resolve(
    _ token: Void, line: UInt64, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) -> Bool { false }
}

extension TextParser {
  func locate(_ fault: LineFault, _ line: Line, in bytes: Span<UInt8>) -> LineFault { fault }

  mutating func parseLines(
    _ bytes: Span<UInt8>, _ cursor: inout LineCursor, skipBadRecords: Bool,
    into builder: inout BlockAppender
  ) throws(LineError) {
    var lexer = lexer
    while !builder.isFull {
      let start = cursor
      do throws(LineFault) {
        if let known = lexer, try parsePlain(known, bytes, &cursor, &builder) { continue }
      } catch {
        guard let line = cursor.next(in: bytes) else { return }
        _ = try recover(error, line, bytes, &cursor, skipBadRecords, into: &builder)
        continue
      }
      guard let line = cursor.next(in: bytes) else { return }
      do throws(LineFault) {
        try parse(line, in: bytes, into: &builder)
        if !line.isTerminated { counters[.unterminatedLastLine] += 1 }
      } catch {
        guard try recover(error, line, bytes, &cursor, skipBadRecords, into: &builder) else {
          cursor = start
          return
        }
      }
      if lexer == nil { lexer = self.lexer }
    }
  }

  /// Reads the next line if it is plain.
  ///
  /// - Returns: false, with nothing changed, where it is not.
  @inline(__always)
  private mutating func parsePlain(
    _ lexer: Lexer, _ bytes: Span<UInt8>, _ cursor: inout LineCursor,
    _ builder: inout BlockAppender
  ) throws(LineFault) -> Bool {
    var token = lexer.blank
    let feed = lexer.lex(from: cursor.position, in: bytes, into: &token)
    guard feed >= 0, feed < cursor.filled,
      try resolve(token, line: cursor.number, in: bytes, into: &builder)
    else { return false }
    cursor.position = feed + 1
    cursor.number += 1
    return true
  }

  /// Goes on after a fault where that can be done.
  ///
  /// - Returns: false when the record goes on behind the end of the chunk.
  private mutating func recover(
    _ first: LineFault, _ line: Line, _ bytes: Span<UInt8>, _ cursor: inout LineCursor,
    _ skipBadRecords: Bool, into builder: inout BlockAppender
  ) throws(LineError) -> Bool {
    var (fault, line) = (first, line)
    while fault.kind == .openQuote, line.isTerminated {
      guard let longer = cursor.extend(line, in: bytes) else {
        if cursor.isFinal { break }
        return false
      }
      line = longer
      do throws(LineFault) {
        try parse(line, in: bytes, into: &builder)
        return true
      } catch {
        fault = error
      }
    }
    if !line.isTerminated, !fault.isFatal {
      counters[.cutLastLine] += 1
    } else if skipBadRecords, !fault.isFatal {
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
