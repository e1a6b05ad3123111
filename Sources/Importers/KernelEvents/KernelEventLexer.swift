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
struct KernelEventLexer<Events: KernelEvents>: LineLexer {
  private let names = NameTable(Events.names)

  var blank: KernelEventToken<Events.Event> { KernelEventToken() }

  /// Index of a name among the family's; nil for another one.
  @inline(__always)
  func event(_ name: Range<Int>, _ bytes: Span<UInt8>) -> Int? { names.known(name, in: bytes) }

  /// Lines are read with the bytes that ``lexLines(from:to:in:into:)`` has.
  func lex(
    from start: Int, in text: TextWords, into token: inout KernelEventToken<Events.Event>
  ) -> Int { -1 }

  func lexLines(
    from start: Int, to filled: Int, in bytes: [UInt8],
    into lines: inout [PlainLine<KernelEventToken<Events.Event>>]
  ) {
    let span = bytes.span
    var cursor = LineCursor(position: start, number: 1, filled: filled, isFinal: false)
    while let line = cursor.next(in: span) {
      guard let plain = read(line, span) else { continue }
      lines.append(
        PlainLine(
          start: UInt32(truncatingIfNeeded: line.start),
          feed: UInt32(truncatingIfNeeded: line.next &- 1),
          token: KernelEventToken(plain: plain)))
    }
  }

  @inline(__always)
  private func read(
    _ line: Line, _ bytes: Span<UInt8>
  ) -> KernelEventToken<Events.Event>.Plain? {
    var cursor = TextCursor(line.start, end: line.end)
    do throws(LineFault) {
      guard let header = try EventLine.parse(&cursor, bytes), header.hasColon,
        let name = event(header.name, bytes)
      else { return nil }
      let arguments = cursor
      let event = try Events.decode(name, &cursor, bytes)
      return .init(header: header, arguments: arguments, event: event)
    } catch {
      return nil
    }
  }
}
