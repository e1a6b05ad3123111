/// What stands in front of an event's arguments in the texts of Linux's trace events.
///
/// Three programs write such lines:
/// the kernel (`trace`, `trace_pipe`; `kernel/trace/trace_output.c`)
/// `COMM-PID [(TGID)] [CPU] FLAGS SECONDS: EVENT: ARGUMENTS`,
/// trace-cmd (`report`, with `-l` the CPU in front of the flags, without brackets)
/// `COMM-PID [CPU] SECONDS: [(+NUMBER)] EVENT:   ARGUMENTS`,
/// and perf (`script`)
/// `COMM PID [CPU] SECONDS: SYSTEM:EVENT: ARGUMENTS`.
struct EventLine {
  /// The task's name; it may hold blanks, colons, brackets and hyphens.
  var task: Range<Int> { taskPlace.range }
  var pid: UInt64
  var cpu: UInt16
  /// Nanoseconds of the trace clock; nil where the clock counts without a unit.
  var time: UInt64?
  /// The event's name without its system.
  var name: Range<Int> { namePlace.range }
  /// A colon follows the name, as behind every trace event.
  var hasColon: Bool
  private let taskPlace: TextPlace
  private let namePlace: TextPlace

  private init(
    task: Range<Int>, pid: UInt64, cpu: UInt16, time: UInt64?, name: Range<Int>, hasColon: Bool
  ) {
    taskPlace = TextPlace(task)
    self.pid = pid
    self.cpu = cpu
    self.time = time
    namePlace = TextPlace(name)
    self.hasColon = hasColon
  }

  /// Parses up to the arguments and passes over the blanks in front of them.
  ///
  /// - Returns: nil when the line is no event; the cursor is then where it was.
  /// - Throws: A fault when a number in it is out of range.
  @inline(__always)
  static func parse(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> EventLine? {
    var search = cursor.position
    while let bracket = bytes.first(UInt8(ascii: "["), from: search, to: cursor.end) {
      var attempt = TextCursor(bracket + 1, end: cursor.end)
      if let line = try bracketed(&attempt, from: cursor.position, bytes) {
        cursor = attempt
        return line
      }
      search = bracket + 1
    }
    return try latency(&cursor, bytes)
  }

  /// What follows the bracket in front of the CPU.
  @inline(__always)
  private static func bracketed(
    _ cursor: inout TextCursor, from start: Int, _ bytes: Span<UInt8>
  ) throws(LineFault) -> EventLine? {
    let bracket = cursor.position - 1
    guard bracket > start, bytes[bracket - 1] == 0x20 else { return nil }
    guard let cpu = cursor.processor(bytes), cursor.skip("]", bytes) else { return nil }
    // trace-cmd gives a count without a unit twelve places and no blank.
    guard cursor.peek(bytes) == 0x20 || cursor.peek(bytes) &- 0x30 < 10 else { return nil }
    cursor.skipBlanks(bytes)
    if cursor.peek(bytes) &- 0x30 >= 10 {
      guard cursor.flags(bytes) else { return nil }
    }
    return try rest(&cursor, start, bracket, cpu, bytes)
  }

  /// `COMM-PID CPUFLAGS SECONDS: ...`, trace-cmd's latency format.
  @inline(never)
  private static func latency(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> EventLine? {
    let start = cursor.position
    var search = start
    while let hyphen = bytes.first(UInt8(ascii: "-"), from: search, to: cursor.end) {
      search = hyphen + 1
      var attempt = TextCursor(hyphen + 1, end: cursor.end)
      guard attempt.processor(bytes, digits: 10) != nil, attempt.peek(bytes) == 0x20
      else { continue }
      let behind = attempt.position
      attempt.skipBlanks(bytes)
      guard let cpu = attempt.processor(bytes),
        attempt.flags(bytes) || attempt.flagsOfCount(bytes),
        let line = try rest(&attempt, start, behind, cpu, bytes)
      else { continue }
      cursor = attempt
      return line
    }
    return nil
  }

  /// Time and name.
  @inline(__always)
  private static func rest(
    _ cursor: inout TextCursor, _ start: Int, _ taskEnd: Int, _ cpu: UInt16, _ bytes: Span<UInt8>
  ) throws(LineFault) -> EventLine? {
    guard let time = try cursor.stamp(bytes) else { return nil }
    cursor.skipBlanks(bytes)
    cursor.skipDifference(bytes)
    let token = cursor.token(bytes)
    guard !token.isEmpty else { return nil }
    let hasColon = bytes[token.upperBound - 1] == UInt8(ascii: ":")
    let nameEnd = token.upperBound - (hasColon ? 1 : 0)
    var nameStart = token.lowerBound
    if let colon = bytes.first(UInt8(ascii: ":"), from: nameStart, to: nameEnd) {
      nameStart = colon + 1
    }
    guard nameStart < nameEnd else { return nil }
    cursor.skipBlanks(bytes)
    guard let (task, pid) = owner(from: start, to: taskEnd, bytes) else { return nil }
    return EventLine(
      task: task, pid: pid, cpu: cpu, time: time.nanoseconds, name: nameStart..<nameEnd,
      hasColon: hasColon)
  }

  /// Bytes of `(TGID)` at most: seven or more digits, blanks or hyphens, and the parentheses.
  private static let longestGroup = 16

  /// The task and its number: `COMM-PID`, `COMM-PID (TGID)`, `COMM PID` or `COMM PID/TID`; a task's
  /// name may be empty only in front of a hyphen.
  @inline(__always)
  private static func owner(
    from start: Int, to limit: Int, _ bytes: Span<UInt8>
  ) -> (Range<Int>, UInt64)? {
    var end = limit
    while end > start, bytes[end - 1] == 0x20 { end -= 1 }
    if end > start, bytes[end - 1] == UInt8(ascii: ")") {
      let first = max(start, end - longestGroup)
      while end > first, bytes[end - 1] != UInt8(ascii: "(") { end -= 1 }
      guard end > first else { return nil }
      end -= 1
      while end > start, bytes[end - 1] == 0x20 { end -= 1 }
    }
    var (pid, scale): (UInt64, UInt64) = (0, 1)
    var index = end
    while index > start, bytes[index - 1] &- 0x30 < 10 {
      guard scale <= 1_000_000_000 else { return nil }
      pid += UInt64(bytes[index - 1] - 0x30) * scale
      scale *= 10
      index -= 1
    }
    guard index < end, index > start else { return nil }
    if bytes[index - 1] == UInt8(ascii: "/") {
      let group = index - 1
      index = group
      while index > start, bytes[index - 1] &- 0x30 < 10 { index -= 1 }
      guard index < group, index > start, bytes[index - 1] == 0x20 else { return nil }
    }
    // The hyphen or the first of the blanks is no part of the name.
    let isHyphen = bytes[index - 1] == UInt8(ascii: "-")
    guard isHyphen || bytes[index - 1] == 0x20 else { return nil }
    var nameEnd = index - 1
    while nameEnd > start, bytes[nameEnd - 1] == 0x20 { nameEnd -= 1 }
    var nameStart = start
    while nameStart < nameEnd, bytes[nameStart] == 0x20 { nameStart += 1 }
    guard isHyphen || nameStart < nameEnd else { return nil }
    return (nameStart..<nameEnd, pid)
  }
}

/// A time stamp, with or without a unit.
struct EventStamp {
  /// nil for a bare count of the clocks `counter` and `x86-tsc`.
  var nanoseconds: UInt64?
}

extension TextCursor {
  /// A decimal number of a few digits; nil where there is none.
  @inline(__always)
  fileprivate mutating func processor(_ bytes: Span<UInt8>, digits: Int = 5) -> UInt16? {
    var value: UInt64 = 0
    let start = position
    while position < end, bytes[position] &- 0x30 < 10 {
      guard position - start < digits else { return nil }
      value = value * 10 + UInt64(bytes[position] - 0x30)
      position += 1
    }
    guard position > start, digits > 5 || value < 65_536 else { return nil }
    return UInt16(truncatingIfNeeded: value)
  }

  /// Four to eight characters of state that do not start with a digit, and the blanks behind.
  @inline(__always)
  fileprivate mutating func flags(_ bytes: Span<UInt8>) -> Bool {
    guard peek(bytes) &- 0x30 >= 10 else { return false }
    let token = token(bytes)
    guard (4...8).contains(token.count) else {
      position = token.lowerBound
      return false
    }
    skipBlanks(bytes)
    return true
  }

  /// Flags with a count of twelve digits or more directly behind them; goes to its last twelve, as a
  /// flag may be a digit and a count without a unit is not kept.
  fileprivate mutating func flagsOfCount(_ bytes: Span<UInt8>) -> Bool {
    // Behind the last byte that is no digit: the search ends with the digits, as one to the end of
    // the line for every hyphen would take time by its square.
    var index = position
    var colon = position
    while colon < end, bytes[colon] != UInt8(ascii: ":") {
      if bytes[colon] &- 0x30 >= 10 {
        guard bytes[colon] != 0x20, colon - position < 8 else { return false }
        index = colon + 1
      }
      colon += 1
    }
    guard colon < end, colon - index >= 12, index - position >= 3 else { return false }
    position = colon - 12
    return true
  }

  /// `(+NUMBER)` of `trace-cmd report --ts-diff`, and the blanks behind.
  @inline(__always)
  fileprivate mutating func skipDifference(_ bytes: Span<UInt8>) {
    guard peek(bytes) == UInt8(ascii: "(") else { return }
    var rest = self
    guard rest.skip("(+", bytes) else { return }
    while rest.peek(bytes) &- 0x30 < 10 || rest.peek(bytes) == UInt8(ascii: ".") {
      rest.position += 1
    }
    guard rest.skip(")", bytes) else { return }
    rest.skipBlanks(bytes)
    self = rest
  }

  /// `SECONDS.FRACTION: ` with one to nine digits of fraction, or `COUNT: `.
  @inline(__always)
  mutating func stamp(_ bytes: Span<UInt8>) throws(LineFault) -> EventStamp? {
    let start = position
    guard peek(bytes) &- 0x30 < 10 else { return nil }
    let seconds = try decimal(bytes, "a time stamp")
    if skip(":", bytes) { return peek(bytes) == 0x20 ? EventStamp(nanoseconds: nil) : nil }
    guard skip(".", bytes), let fraction = billionths(bytes), skip(":", bytes),
      isAtEnd || peek(bytes) == 0x20
    else { return nil }
    return EventStamp(nanoseconds: try nanoseconds(seconds, fraction, at: start))
  }
}

extension TextCursor {
  /// One to nine digits behind a decimal point, as billionths; nil where there are none.
  @inline(__always)
  mutating func billionths(_ bytes: Span<UInt8>) -> UInt64? {
    let first = DigitWord(decimal: bytes.word(at: position))
    guard first.count > 0, position + first.count <= end else { return nil }
    position += first.count
    guard first.count == 8, peek(bytes) &- 0x30 < 10 else {
      return first.value * Self.scales[first.count]
    }
    position += 1
    return first.value * 10 + UInt64(bytes[position - 1] - 0x30)
  }

  /// What a fraction of 0 to 8 digits is multiplied by to be billionths.
  private static let scales: InlineArray<9, UInt64> = [
    1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10,
  ]

  /// Seconds and billionths as nanoseconds.
  @inline(__always)
  func nanoseconds(
    _ seconds: UInt64, _ fraction: UInt64, at start: Int
  ) throws(LineFault) -> UInt64 {
    let (whole, high) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, over) = whole.addingReportingOverflow(fraction)
    guard !high, !over else { throw LineFault(.outOfRange, at: start, "a time below 2^64 ns") }
    return sum
  }
}
