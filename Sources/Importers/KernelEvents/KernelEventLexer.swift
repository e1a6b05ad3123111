/// What a line says that is an event of the family.
struct KernelEventToken<Event: BitwiseCopyable & Sendable>: BitwiseCopyable, Sendable {
  struct Plain: BitwiseCopyable {
    var header: EventLine
    /// At the event's arguments.
    var arguments: TextCursor
    var event: Event
  }

  /// Nil before it was read.
  var plain: Plain?
}

/// Reads the lines that are events of a family: by the one grammar that there is, of which nothing
/// hangs on the lines before.
///
/// Each family has one of its own, whose `lexLines` is ``read(from:to:in:into:)``: it is made for
/// that family then.
protocol KernelEventLexer: LineLexer where Token == KernelEventToken<Events.Event> {
  associatedtype Events: KernelEvents

  init()

  /// Of ``KernelEvents/names``.
  var names: NameTable { get }
}

extension KernelEventLexer {
  var blank: Token { Token() }

  /// Lines are read with the bytes that `lexLines` has.
  func lex(from start: Int, in text: TextWords, into token: inout Token) -> Int { -1 }

  @inline(__always)
  func read(
    from start: Int, to filled: Int, in bytes: [UInt8], into lines: inout PlainLines<Token>
  ) {
    let span = bytes.span
    var cursor = LineCursor(position: start, number: 1, filled: filled, isFinal: false)
    while let line = cursor.next(in: span) {
      guard let plain = read(line, span) else { continue }
      lines.prepare(blank)
      lines.next.plain = plain
      lines.keep(from: line.start, to: line.next &- 1)
    }
  }

  @inline(__always)
  private func read(_ line: Line, _ bytes: Span<UInt8>) -> Token.Plain? {
    var cursor = TextCursor(line.start, end: line.end)
    do throws(LineFault) {
      guard let header = try EventLine.parse(&cursor, bytes), header.hasColon,
        let name = names.known(header.name, in: bytes)
      else { return nil }
      let arguments = cursor
      let event = try Events.decode(name, &cursor, bytes)
      return .init(header: header, arguments: arguments, event: event)
    } catch {
      return nil
    }
  }
}
