/// A place in one line; the bytes themselves are lent to each call.
struct TextCursor: Sendable {
  /// Index in the chunk of the next byte.
  var position: Int
  /// Index behind the line's last byte; the line end is not part of it.
  let end: Int

  @inline(__always)
  init(_ position: Int, end: Int) {
    self.position = position
    self.end = end
  }

  @inline(__always)
  var isAtEnd: Bool { position >= end }

  /// The next byte; 0, which no capture contains, at the end.
  @inline(__always)
  func peek(_ bytes: Span<UInt8>) -> UInt8 { position < end ? bytes[position] : 0 }

  @inline(__always)
  mutating func skipBlanks(_ bytes: Span<UInt8>) {
    while position < end, bytes[position] == 0x20 { position += 1 }
  }

  /// Passes over a text if it comes next.
  @inline(__always)
  mutating func skip(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= end else { return false }
    for offset in 0..<count {
      let byte = unsafe text.utf8Start[offset]
      if bytes[position + offset] != byte { return false }
    }
    position += count
    return true
  }

  /// Passes over a text that must come next; the text is what the message will name.
  @inline(__always)
  mutating func take(_ text: StaticString, _ bytes: Span<UInt8>) throws(LineFault) {
    guard skip(text, bytes) else { throw LineFault(at: position, text) }
  }

  /// Passes over blanks, a word that must come next, and the blanks behind it.
  @inline(__always)
  mutating func takeWord(_ text: StaticString, _ bytes: Span<UInt8>) throws(LineFault) {
    skipBlanks(bytes)
    try take(text, bytes)
    guard isAtEnd || bytes[position] == 0x20 else { throw LineFault(at: position, "a blank") }
    skipBlanks(bytes)
  }

  /// The range up to the next blank, and passes over it.
  @inline(__always)
  mutating func token(_ bytes: Span<UInt8>) -> Range<Int> {
    let start = position
    position = bytes.first(0x20, from: start, to: end) ?? end
    return start..<position
  }

  /// Nothing but blanks may follow.
  @inline(__always)
  mutating func takeEnd(_ bytes: Span<UInt8>) throws(LineFault) {
    skipBlanks(bytes)
    guard isAtEnd else { throw LineFault(at: position, "the end of the line") }
  }

  // MARK: Numbers

  /// A hexadecimal number with its `0x`.
  @inline(__always)
  mutating func prefixedHex(
    _ bytes: Span<UInt8>, _ expected: StaticString
  ) throws(LineFault) -> UInt64 {
    let start = position
    guard bytes.word(at: start) & 0xffff == 0x7830, start + 2 <= end else {
      throw LineFault(at: start, expected)
    }
    position += 2
    return try hex(bytes, from: start, expected)
  }

  /// A hexadecimal address with its `0x`, of an access of `size` bytes that ends below 2^64.
  @inline(__always)
  mutating func accessAddress(
    _ bytes: Span<UInt8>, size: UInt8
  ) throws(LineFault) -> UInt64 {
    let start = position
    let address = try prefixedHex(bytes, "a hexadecimal address with 0x")
    guard !address.addingReportingOverflow(UInt64(size)).overflow else {
      throw LineFault(.outOfRange, at: start, "an access that ends below 2^64")
    }
    return address
  }

  /// The width of a register access, decimal.
  @inline(__always)
  mutating func accessWidth(_ bytes: Span<UInt8>) throws(LineFault) -> UInt8 {
    let start = position
    let size = try decimal(bytes, "a width of 1, 2, 4 or 8 bytes", limit: 8)
    guard size == 4 || size == 1 || size == 2 || size == 8 else {
      throw LineFault(.outOfRange, at: start, "a width of 1, 2, 4 or 8 bytes")
    }
    return UInt8(truncatingIfNeeded: size)
  }

  /// A hexadecimal number without a prefix.
  @inline(__always)
  mutating func hex(
    _ bytes: Span<UInt8>, _ expected: StaticString
  ) throws(LineFault) -> UInt64 {
    try hex(bytes, from: position, expected)
  }

  // Every byte that ends a number in these formats lies below the digits.
  @inline(__always)
  private mutating func hex(
    _ bytes: Span<UInt8>, from start: Int, _ expected: StaticString
  ) throws(LineFault) -> UInt64 {
    var word = DigitWord(hex: bytes.word(at: position))
    guard word.count > 0, position + word.count <= end else {
      throw LineFault(at: start, expected)
    }
    var value = word.value
    position += word.count
    while word.count == 8, position < end, bytes[position] >= 0x30 {
      word = DigitWord(hex: bytes.word(at: position))
      guard value >> UInt64(64 - 4 * word.count) == 0 else {
        throw LineFault(.outOfRange, at: start, expected)
      }
      value = value << UInt64(4 * word.count) | word.value
      position += word.count
    }
    guard position <= end else { throw LineFault(at: start, expected) }
    return value
  }

  /// A decimal number of at most `limit`.
  @inline(__always)
  mutating func decimal(
    _ bytes: Span<UInt8>, _ expected: StaticString, limit: UInt64 = .max
  ) throws(LineFault) -> UInt64 {
    let start = position
    let first = bytes.word(at: position)
    // Most numbers in traces have one digit.
    let (low, high) = (first & 0xff, first >> 8 & 0xff)
    if low &- 0x30 < 10, high &- 0x30 >= 10, position < end {
      position += 1
      let digit = low &- 0x30
      guard digit <= limit else { throw LineFault(.outOfRange, at: start, expected) }
      return digit
    }
    var word = DigitWord(decimal: first)
    guard word.count > 0, position + word.count <= end else {
      throw LineFault(at: start, expected)
    }
    var value = word.value
    position += word.count
    while word.count == 8, position < end, bytes[position] >= 0x30 {
      word = DigitWord(decimal: bytes.word(at: position))
      let (scaled, high) = value.multipliedReportingOverflow(by: Self.powers[word.count])
      let (sum, over) = scaled.addingReportingOverflow(word.value)
      guard !high, !over else { throw LineFault(.outOfRange, at: start, expected) }
      value = sum
      position += word.count
    }
    guard position <= end else { throw LineFault(at: start, expected) }
    guard value <= limit else { throw LineFault(.outOfRange, at: start, expected) }
    return value
  }

  /// Powers of ten, 0 to 8.
  static let powers: InlineArray<9, UInt64> = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]
}
