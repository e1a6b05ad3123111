import TraceCore

/// The text of a family's events.
///
/// Each family has a type of its own, whose witnesses are made for that family; a generic one's
/// would look its types up for every line.
protocol KernelEventText: TextParser where Lexer == Events.Lexer {
  associatedtype Events: KernelEvents

  var parser: KernelEventParser<Events> { get set }
}

extension KernelEventText {
  static var goesOn: Bool { true }

  var lexer: Events.Lexer? { parser.lexer }
  var context: TraceContext { parser.context }
  var counters: ImportCounters {
    get { parser.counters }
    _modify { yield &parser.counters }
  }

  @inline(__always)
  mutating func resolve(
    _ token: KernelEventToken<Events.Event>, line: UInt64, in bytes: Span<UInt8>,
    into builder: inout BlockAppender
  ) -> Bool {
    parser.resolve(token, line: line, in: bytes, into: &builder)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    try parser.parse(line, in: bytes, into: &builder)
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool {
    parser.finish(into: &builder)
  }

  mutating func conclude() { parser.conclude() }
}

/// Parses the text of Linux's trace events for one family of them.
struct KernelEventParser<Events: KernelEvents> {
  private var events: Events
  private let reader = Events.Lexer()
  private var others = OtherEvents(
    meaning: "trace events that are no access, mark or loss, left out")
  private var clock = ClockWatch()
  private var seenUntimed = false

  var lexer: Events.Lexer? { reader }
  var context: TraceContext { events.context }
  var counters: ImportCounters {
    get { events.counters }
    _modify { yield &events.counters }
  }

  init(_ context: TraceContext, _ options: ImportOptions) {
    events = Events(context, options)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    var cursor = TextCursor(line.start, end: line.end)
    guard let header = try EventLine.parse(&cursor, bytes) else {
      return try parseOther(line, bytes, &builder)
    }
    if clock.goesBack(header.time, cpu: header.cpu) { counters[.clockBackwards] += 1 }
    let source = EventSource(
      pid: header.pid, cpu: header.cpu, time: header.time, line: line.number)
    events.see(header, cursor, bytes)
    guard header.hasColon, let name = reader.names.known(header.name, in: bytes) else {
      return try parseForeign(header, source, &cursor, bytes, &builder)
    }
    seenUntimed = seenUntimed || header.time == nil
    events.take(try Events.decode(name, &cursor, bytes), source, bytes, &builder)
  }

  @inline(__always)
  mutating func resolve(
    _ token: KernelEventToken<Events.Event>, line: UInt64, in bytes: Span<UInt8>,
    into builder: inout BlockAppender
  ) -> Bool {
    guard let plain = token.plain else { return false }
    let header = plain.header
    if clock.goesBack(header.time, cpu: header.cpu) { counters[.clockBackwards] += 1 }
    events.see(header, plain.arguments, bytes)
    seenUntimed = seenUntimed || header.time == nil
    events.take(
      plain.event,
      EventSource(pid: header.pid, cpu: header.cpu, time: header.time, line: line), bytes,
      &builder)
    return true
  }

  /// An event of no concern, a mark, or perf's word of a loss.
  @inline(never)
  private mutating func parseForeign(
    _ header: EventLine, _ source: EventSource, _ cursor: inout TextCursor,
    _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    var name = TextCursor(header.name.lowerBound, end: header.name.upperBound)
    if header.hasColon {
      // trace-cmd and perf name the event, `print`, and then the function, or its address.
      if name.skip("print", bytes), name.isAtEnd {
        let function = cursor.token(bytes)
        guard function.count > 1, bytes[function.upperBound - 1] == UInt8(ascii: ":") else {
          return others.count(header.name, bytes)
        }
        return mark(cursor, from: cursor.position, source, bytes, &builder)
      }
      if name.skip("tracing_mark_write", bytes), name.isAtEnd {
        // Blanks behind the first are the user's, and the colon is behind the name.
        return mark(cursor, from: header.name.upperBound + 1, source, bytes, &builder)
      }
      return others.count(header.name, bytes)
    }
    guard name.skip("PERF_RECORD_LOST", bytes), cursor.skip("lost ", bytes) else {
      counters[.unknownLine] += 1
      return
    }
    let count = try cursor.decimal(bytes, "a number of events")
    events.take(.lost(count), source, &builder)
  }

  private mutating func mark(
    _ cursor: TextCursor, from place: Int, _ source: EventSource, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) {
    var start = place
    if start < cursor.end, bytes[start] == 0x20 { start += 1 }
    let text = context.intern(bytes.text(start..<cursor.end))
    events.take(.mark(text), source, &builder)
  }

  /// A line that starts like no event: a loss, a header, or something else.
  @inline(never)
  private mutating func parseOther(
    _ line: Line, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    if line.start == line.end {
      counters[.blankLine] += 1
      return
    }
    if bytes[line.start] == UInt8(ascii: "#") || isHeading(line, bytes) {
      counters[.headerLine] += 1
      return
    }
    if LossLine.isPageStart(line, bytes) {
      counters[.pageStart] += 1
      return
    }
    if let loss = try LossLine.parse(line, bytes) {
      let source = EventSource(pid: 0, cpu: loss.cpu, time: nil, line: line.number)
      events.take(.lost(loss.count), source, &builder)
      return
    }
    try refuseDamaged(line, bytes)
    counters[.unknownLine] += 1
  }

  /// `cpus=N`, `version = N` or `CPU N is empty`, at the head of `trace-cmd report`.
  private func isHeading(_ line: Line, _ bytes: Span<UInt8>) -> Bool {
    var cursor = TextCursor(line.start, end: line.end)
    let isCount = cursor.skip("cpus=", bytes) || cursor.skip("version = ", bytes)
    let isEmpty = !isCount && cursor.skip("CPU ", bytes)
    guard isCount || isEmpty, (try? cursor.decimal(bytes, "a number")) != nil else { return false }
    return (isCount || cursor.skip(" is empty", bytes)) && cursor.isAtEnd
  }

  /// A line that holds an event of the family all the same has lost its start.
  private func refuseDamaged(_ line: Line, _ bytes: Span<UInt8>) throws(LineFault) {
    var search = line.start
    while let colon = bytes.first(UInt8(ascii: ":"), from: search, to: line.end) {
      var start = colon
      while start > line.start, isNameByte(bytes[start - 1]) { start -= 1 }
      if start < colon, colon + 1 < line.end, bytes[colon + 1] == 0x20,
        reader.names.known(start..<colon, in: bytes) != nil
      {
        throw LineFault(at: line.start, "a task, its CPU and a time in front of the event")
      }
      search = colon + 1
    }
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte &- 0x61 < 26 || byte &- 0x30 < 10
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool {
    events.finish(into: &builder)
  }

  mutating func conclude() {
    others.flush(into: context) { KernelEventFamilies.isAccess($0) }
    events.conclude()
    if seenUntimed {
      context.blindSpots.append(
        "The trace clock counts without a unit (counter, x86-tsc): its records have no time.")
    }
  }
}

/// What the families' formats have in common.
enum KernelEventFamilies {
  /// An event of this name is an access in some address space.
  static func isAccess(_ name: String) -> Bool {
    name == "kvm_mmio" || name == "rwmmio_read" || name == "rwmmio_write"
  }

  /// A content's first bytes hold events of a family.
  static func recognizes<Events: KernelEvents>(
    _ head: [UInt8], as family: Events.Type
  ) -> Bool {
    head.containsLine { line, bytes in
      var text = TextCursor(line.start, end: line.end)
      guard let header = try? EventLine.parse(&text, bytes) else { return false }
      return header.hasColon && Events.isTypical(header.name, bytes)
    }
  }
}
