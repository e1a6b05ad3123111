/// What stands in front of an event's name: nothing, `TID@SEC.USEC:`, or an ISO 8601 time in UTC.
struct QEMUPrefix {
  /// Nanoseconds since 1970, or since whatever the host's clock counts from.
  var time: UInt64?
  /// The thread, where the prefix tells.
  var thread: UInt64?

  /// Parses a prefix and passes over it and the blanks behind it.
  ///
  /// - Returns: nil when the line starts in none of the three ways; the cursor is then anywhere.
  /// - Throws: A fault when a number in it is out of range.
  @inline(__always)
  static func parse(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> QEMUPrefix? {
    guard cursor.peek(bytes) &- 0x30 < 10 else { return QEMUPrefix() }
    let digits = DigitWord(decimal: bytes.word(at: cursor.position))
    let behind = cursor.position + digits.count
    if digits.count < 8, behind < cursor.end, bytes[behind] == UInt8(ascii: "@") {
      return try threaded(&cursor, bytes)
    }
    return try parseRare(&cursor, bytes)
  }

  @inline(never)
  private static func parseRare(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> QEMUPrefix? {
    var index = cursor.position
    while index < cursor.end, bytes[index] &- 0x30 < 10 { index += 1 }
    guard index < cursor.end else { return nil }
    if bytes[index] == UInt8(ascii: "@") { return try threaded(&cursor, bytes) }
    if bytes[index] == UInt8(ascii: "-") { return try iso(&cursor, bytes) }
    return nil
  }

  @inline(__always)
  private static func threaded(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> QEMUPrefix? {
    let thread = try cursor.decimal(bytes, "a thread number")
    cursor.position += 1
    let start = cursor.position
    guard cursor.peek(bytes) &- 0x30 < 10 else { return nil }
    let seconds = try cursor.decimal(bytes, "seconds")
    let point = cursor.position
    guard cursor.skip(".", bytes), cursor.peek(bytes) &- 0x30 < 10 else { return nil }
    let micros = try cursor.decimal(bytes, "microseconds")
    guard cursor.position == point + 7, cursor.skip(":", bytes) else { return nil }
    let time = try nanoseconds(seconds, micros * 1000, at: start)
    return QEMUPrefix(time: time, thread: thread)
  }

  private static func nanoseconds(
    _ seconds: UInt64, _ fraction: UInt64, at position: Int
  ) throws(LineFault) -> UInt64 {
    let (whole, high) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, over) = whole.addingReportingOverflow(fraction)
    guard !high, !over else { throw LineFault(.outOfRange, at: position, "a time below 2^64 ns") }
    return sum
  }

  /// `YYYY-MM-DDTHH:MM:SS[.ffffff]Z `: the fraction is left out when it is zero.
  private static func iso(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> QEMUPrefix? {
    let start = cursor.position
    guard let year = cursor.digits(4, bytes), cursor.skip("-", bytes),
      let month = cursor.digits(2, bytes), cursor.skip("-", bytes),
      let day = cursor.digits(2, bytes), cursor.skip("T", bytes),
      let hour = cursor.digits(2, bytes), cursor.skip(":", bytes),
      let minute = cursor.digits(2, bytes), cursor.skip(":", bytes),
      let second = cursor.digits(2, bytes)
    else { return nil }
    var fraction: UInt64 = 0
    if cursor.skip(".", bytes) {
      guard let found = cursor.fraction(bytes) else { return nil }
      fraction = found
    }
    guard cursor.skip("Z", bytes), cursor.peek(bytes) == 0x20 else { return nil }
    cursor.skipBlanks(bytes)
    guard (1...12).contains(month), day >= 1, day <= days(of: month, in: year), hour < 24,
      minute < 60, second < 61, year >= 1970
    else { throw LineFault(.outOfRange, at: start, "a date from 1970 on and a time of day") }
    let days = daysSince1970(year, month, day)
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
    return QEMUPrefix(time: try nanoseconds(seconds, fraction, at: start), thread: nil)
  }

  /// Days of a month from 1 to 12 in the Gregorian calendar.
  static func days(of month: UInt64, in year: UInt64) -> UInt64 {
    guard month == 2 else { return 30 + (month + month / 8) % 2 }
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar.
  ///
  /// Years start in March here, so that the leap day is a year's last.
  static func daysSince1970(_ year: UInt64, _ month: UInt64, _ day: UInt64) -> UInt64 {
    let shifted = month < 3 ? year - 1 : year
    let monthFromMarch = (month + 9) % 12
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let leapDays = shifted / 4 - shifted / 100 + shifted / 400
    return 365 * shifted + leapDays + dayOfYear - 719_468
  }
}

extension TextCursor {
  /// A number of exactly this many digits.
  fileprivate mutating func digits(_ count: Int, _ bytes: Span<UInt8>) -> UInt64? {
    guard position + count <= end else { return nil }
    var value: UInt64 = 0
    for index in position..<position + count {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value * 10 + UInt64(digit)
    }
    position += count
    return value
  }

  /// One to nine digits behind a decimal point, as billionths.
  fileprivate mutating func fraction(_ bytes: Span<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var scale: UInt64 = 1_000_000_000
    while position < end, bytes[position] &- 0x30 < 10 {
      guard scale > 1 else { return nil }
      scale /= 10
      value += UInt64(bytes[position] - 0x30) * scale
      position += 1
    }
    return scale == 1_000_000_000 ? nil : value
  }
}
