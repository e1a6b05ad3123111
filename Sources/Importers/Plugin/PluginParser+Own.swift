import TraceCore

/// The stream of this package's plugin.
extension PluginParser {
  mutating func parseOwn(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ line: UInt64,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    let kind = cursor.peek(bytes)
    let start = cursor.position
    cursor.position += 1
    switch kind {
    case UInt8(ascii: "r"), UInt8(ascii: "w"):
      accessLines += 1
      try parseAccess(isStore: kind == UInt8(ascii: "w"), &cursor, bytes, line, &builder)
    case UInt8(ascii: "b"): try parseOrder(&cursor, bytes, line, &builder)
    case UInt8(ascii: "m"): try parseMark(&cursor, bytes, line, &builder)
    default: throw LineFault(at: start, "r, w, b, m or # at the start of the line")
    }
  }

  // r|w vcpu time pc address size value attribute word region
  private mutating func parseAccess(
    isStore: Bool, _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ line: UInt64,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    var access = Access(isStore: isStore)
    (access.vcpu, access.time) = try head(&cursor, bytes)
    try cursor.takeBlank(bytes)
    access.code = try cursor.prefixedHex(bytes, "a code address with 0x")
    try cursor.takeBlank(bytes)
    let place = cursor.position
    access.address = try cursor.prefixedHex(bytes, "a physical address with 0x")
    try cursor.takeBlank(bytes)
    access.size = try cursor.decimal(bytes, "a number of bytes")
    try cursor.takeBlank(bytes)
    if !cursor.skip("-", bytes) {
      try cursor.take("0x", bytes)
      access.value = try cursor.wideHex(bytes)
    }
    try cursor.takeBlank(bytes)
    access.attribute = try attribute(&cursor, bytes)
    try cursor.takeBlank(bytes)
    access.word = try word(&cursor, bytes)
    try cursor.takeBlank(bytes)
    guard !cursor.isAtEnd else { throw LineFault(at: cursor.position, "a region's name") }
    access.region = cursor.position..<cursor.end
    try append(access, at: place, bytes, line, &builder)
  }

  // b vcpu time pc word count
  private mutating func parseOrder(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ line: UInt64,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    let (vcpu, time) = try head(&cursor, bytes)
    try cursor.takeBlank(bytes)
    let code = try cursor.prefixedHex(bytes, "a code address with 0x")
    try cursor.takeBlank(bytes)
    let word = try word(&cursor, bytes)
    try cursor.takeBlank(bytes)
    let count = try cursor.count(bytes)
    try cursor.takeEnd(bytes)
    append(
      PluginOrdering(word), count: count, vcpu: vcpu, time: time, code: code, line, &builder)
  }

  // m vcpu time number
  private mutating func parseMark(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ line: UInt64,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    let (vcpu, time) = try head(&cursor, bytes)
    try cursor.takeBlank(bytes)
    let place = cursor.position
    let number = try cursor.decimal(bytes, "a marker from 0 to 255", limit: 255)
    try cursor.takeEnd(bytes)
    try appendMark(number, vcpu: vcpu, time: time, at: place, line, &builder)
  }

  private func head(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> (vcpu: UInt16, time: UInt64) {
    try cursor.takeBlank(bytes)
    let vcpu = try cursor.vcpu(bytes)
    try cursor.takeBlank(bytes)
    return (vcpu, try cursor.decimal(bytes, "a time in nanoseconds"))
  }

  /// The MAIR byte; `off` where stage 1 is off, which makes data accesses Device-nGnRnE (D8.2.13).
  private func attribute(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> UInt8? {
    if cursor.skip("-", bytes) { return nil }
    if cursor.skip("off", bytes) { return 0 }
    let start = cursor.position
    let expected: StaticString = "a memory type: a byte with 0x, off or -"
    let number = try cursor.prefixedHex(bytes, expected)
    guard number < 256 else { throw LineFault(.outOfRange, at: start, expected) }
    return UInt8(truncatingIfNeeded: number)
  }

  private func word(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> UInt32 {
    let start = cursor.position
    let number = try cursor.prefixedHex(bytes, "an instruction word with 0x")
    guard number >> 32 == 0 else {
      throw LineFault(.outOfRange, at: start, "an instruction word with 0x")
    }
    return UInt32(truncatingIfNeeded: number)
  }
}

extension TextCursor {
  /// Passes over one blank, which must come next.
  mutating func takeBlank(_ bytes: Span<UInt8>) throws(LineFault) {
    guard peek(bytes) == 0x20 else { throw LineFault(at: position, "a blank and a field") }
    position += 1
  }

  mutating func vcpu(_ bytes: Span<UInt8>) throws(LineFault) -> UInt16 {
    UInt16(
      truncatingIfNeeded: try decimal(bytes, "a vCPU number from 0 to 65535", limit: 65_535))
  }

  /// A count, 1 or more.
  mutating func count(_ bytes: Span<UInt8>) throws(LineFault) -> UInt64 {
    let start = position
    let expected: StaticString = "a count from 1 to 2^32"
    let number = try decimal(bytes, expected, limit: 1 << 32)
    guard number > 0 else { throw LineFault(.outOfRange, at: start, expected) }
    return number
  }

  /// Up to 32 hexadecimal digits.
  mutating func wideHex(
    _ bytes: Span<UInt8>
  ) throws(LineFault) -> (high: UInt64, low: UInt64) {
    let start = position
    var value: (high: UInt64, low: UInt64) = (0, 0)
    while !isAtEnd {
      let digit = DigitWord(hex: bytes.word(at: position) & 0xff)
      guard digit.count == 1 else { break }
      guard value.high >> 60 == 0 else {
        throw LineFault(.outOfRange, at: start, "a value of at most 16 bytes")
      }
      value = (value.high << 4 | value.low >> 60, value.low << 4 | digit.value)
      position += 1
    }
    guard position > start else { throw LineFault(at: start, "a hexadecimal value") }
    return value
  }
}
