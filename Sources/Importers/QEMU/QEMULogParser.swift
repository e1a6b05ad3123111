import TraceCore

/// Parses the log of QEMU's `log` trace back end.
///
/// What becomes a record: `memory_region_ops_*` of a vCPU outside port I/O and interrupt messages,
/// `vfio_region_*`, config accesses of either kind, and resets that took place. Everything else
/// is counted.
struct QEMULogParser: TextParser {
  static var goesOn: Bool { true }

  var recorder: QEMURecorder
  private var events = QEMUEventTable()

  var context: TraceContext { recorder.context }
  var counters: ImportCounters {
    get { recorder.counters }
    _modify { yield &recorder.counters }
  }

  init(_ context: TraceContext, _ options: ImportOptions) {
    recorder = QEMURecorder(context, options)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    var cursor = TextCursor(line.start, end: line.end)
    let first = cursor.peek(bytes)
    if first == 0x20 || first == 0x09 || line.start == line.end {
      counters[line.start == line.end ? .blankLine : .continuationLine] += 1
      return
    }
    guard let prefix = try QEMUPrefix.parse(&cursor, bytes) else {
      return try countUnknown(line, bytes)
    }
    recorder.prefix = prefix
    recorder.line = line.number
    let name = cursor.token(bytes)
    guard let event = events.event(name, bytes) else {
      guard isEventName(name, bytes) else { return try countUnknown(line, bytes) }
      return events.others.count(name, bytes)
    }
    try parse(event, &cursor, bytes, &builder)
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool {
    recorder.finish(into: &builder)
  }

  @inline(__always)
  private mutating func parse(
    _ event: QEMUEvent, _ cursor: inout TextCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    switch event {
    case .opsRead, .opsWrite:
      let access = try cursor.memoryAccess(isWrite: event == .opsWrite, bytes)
      try recorder.handle(access, bytes, &builder)
    case .regionRead, .regionWrite:
      let access = try cursor.vfioAccess(isWrite: event == .regionWrite, bytes)
      try recorder.handle(access, isWrite: event == .regionWrite, bytes, &builder)
    case .vfioConfigRead, .vfioConfigWrite:
      let access = try cursor.vfioConfig(isWrite: event == .vfioConfigWrite, bytes)
      recorder.handle(access, &builder)
    case .configRead, .configWrite:
      let access = try cursor.decodedConfig(isWrite: event == .configWrite, bytes)
      recorder.handleDecoded(access, &builder)
    default:
      try parseOther(event, &cursor, bytes, &builder)
    }
  }

  @inline(never)
  private mutating func parseOther(
    _ event: QEMUEvent, _ cursor: inout TextCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    switch event {
    case .mappingsAdd: recorder.handle(try cursor.barMapping(bytes), isMapped: true)
    case .mappingsDelete: recorder.handle(try cursor.barMapping(bytes), isMapped: false)
    case .regionSetup:
      try recorder.handle(try cursor.regionSetup(bytes), bytes)
    case .resetFLR: try appendReset("flr", &cursor, bytes, &builder)
    case .resetPM: try appendReset("pm", &cursor, bytes, &builder)
    case .hotResetResult: try handleHotReset(&cursor, bytes, &builder)
    case .reset, .hotReset: counters[.resetAttempt] += 1
    case .subpageRead, .subpageWrite: counters[.subpageAccess] += 1
    case .ramDeviceRead, .ramDeviceWrite:
      counters[.ramDeviceAccess] += 1
      recorder.seen.ramDevice = true
    case .opsRead, .opsWrite, .regionRead, .regionWrite, .vfioConfigRead, .vfioConfigWrite,
      .configRead, .configWrite:
      break
    }
  }

  // MARK: Other lines

  /// Lower-case letters, digits and underscores, at least one of these.
  private func isEventName(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    var hasUnderscore = false
    for index in range {
      switch bytes[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
      case UInt8(ascii: "_"): hasUnderscore = true
      default: return false
      }
    }
    return hasUnderscore && range.count <= 64
  }

  /// A line of another kind; one that holds an event all the same has lost its start.
  @inline(never)
  private mutating func countUnknown(
    _ line: Line, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    var search = line.start
    var lastAt: Int?
    while let blank = bytes.first(0x20, from: search, to: line.end) {
      search = blank + 1
      guard endsWithEvent(line.start..<blank, bytes) else { continue }
      var cursor = TextCursor(blank, end: line.end)
      cursor.skipBlanks(bytes)
      search = cursor.position
      // Looked for once: a line may hold as many names as it has room for. A command line may name
      // events, too, and mail addresses.
      let rest = cursor.position..<line.end
      let at = lastAt ?? rest.last { isRegister($0, line.end, bytes) } ?? line.start
      lastAt = at
      if cursor.skip("cpu ", bytes) || cursor.skip("(", bytes) || at >= rest.lowerBound {
        throw LineFault(at: line.start, "a time stamp or nothing in front of the event")
      }
    }
    counters[.unknownLine] += 1
  }

  /// `@0x`, as in front of the register of a config access, or `@` alone: not that of `me@home`.
  private func isRegister(_ index: Int, _ end: Int, _ bytes: Span<UInt8>) -> Bool {
    guard bytes[index] == UInt8(ascii: "@") else { return false }
    var behind = TextCursor(index + 1, end: end)
    return behind.isAtEnd || behind.peek(bytes) == 0x20 || behind.skip("0x", bytes)
  }

  private func endsWithEvent(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    QEMUEvent.allCases.contains { event in
      let start = range.upperBound - event.name.utf8CodeUnitCount
      var cursor = TextCursor(start, end: range.upperBound)
      return start >= range.lowerBound && cursor.skip(event.name, bytes)
    }
  }

  // MARK: Resets

  private mutating func appendReset(
    _ kind: String, _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    cursor.skipBlanks(bytes)
    try recorder.appendReset(kind, cursor.token(bytes), bytes, &builder)
  }

  private mutating func handleHotReset(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    let isDone = bytes.text(cursor.position..<cursor.end).hasSuffix(": Success")
    cursor.skipBlanks(bytes)
    try recorder.handleHotReset(cursor.token(bytes), isDone: isDone, bytes, &builder)
  }

  mutating func conclude() {
    events.others.flush(into: context)
    recorder.conclude()
  }
}

extension Span<UInt8> {
  /// Text of a range; bytes that are no UTF-8 are replaced.
  func text(_ range: Range<Int>) -> String {
    var bytes: [UInt8] = []
    for index in range { bytes.append(self[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
