/// An access in the text of m1n1's hypervisor (`proxyclient/m1n1/hv/__init__.py`).
struct M1N1Access {
  var isWrite: Bool
  /// Bytes: 1, 2, 4 or 8.
  var size: UInt8
  /// One of several parts of a wider access.
  var isPart: Bool
  var cpu: UInt16
  var codeAddress: UInt64?
  var address: UInt64
  /// The device's name; empty where it is not printed.
  var name: Range<Int>
  var offset: UInt64
  var value: UInt64
}

extension TextCursor {
  /// `[[cpuN] [0xPC]] MMIO: R.4+ 0xADDR (NAME, offset 0xOFF) = 0xVALUE`, maybe behind `#` or `//`
  /// and in front of a comment.
  ///
  /// - Returns: nil when the line holds no access.
  @inline(__always)
  mutating func m1n1Access(_ bytes: Span<UInt8>) throws(LineFault) -> M1N1Access? {
    while peek(bytes) == 0x20 || peek(bytes) == 0x09 || peek(bytes) == UInt8(ascii: "#")
      || peek(bytes) == UInt8(ascii: "/")
    { position += 1 }
    var access = M1N1Access(
      isWrite: false, size: 0, isPart: false, cpu: 0, codeAddress: nil, address: 0,
      name: position..<position, offset: 0, value: 0)
    if skip("[cpu", bytes) {
      let start = position
      guard let cpu = try? decimal(bytes, "a CPU number"), skip("] ", bytes) else { return nil }
      guard cpu < 65_536 else { throw LineFault(.outOfRange, at: start, "a CPU number") }
      access.cpu = UInt16(truncatingIfNeeded: cpu)
      skipBlanks(bytes)
    }
    if bytes.word(at: position) & 0xff_ffff == 0x78_305b, position + 3 <= end {
      position += 1
      access.codeAddress = try prefixedHex(bytes, "a code address with 0x")
      try take("]", bytes)
      skipBlanks(bytes)
    }
    guard skip("MMIO:", bytes) else { return nil }
    skipBlanks(bytes)
    try takeDirection(&access, bytes)
    access.address = try accessAddress(bytes, size: access.size)
    skipBlanks(bytes)
    try takePlace(&access, bytes)
    try take("=", bytes)
    skipBlanks(bytes)
    access.value = try prefixedHex(bytes, "a hexadecimal value with 0x")
    guard isAtEnd || bytes[position] == 0x20 || bytes[position] == 0x09 else {
      throw LineFault(at: position, "a blank or the end behind the value")
    }
    return access
  }

  /// `R.4`, `W.8+`.
  @inline(__always)
  private mutating func takeDirection(
    _ access: inout M1N1Access, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    access.isWrite = skip("W.", bytes)
    if !access.isWrite { try take("R.", bytes) }
    access.size = try accessWidth(bytes)
    skipBlanks(bytes)
    access.isPart = skip("+", bytes)
    skipBlanks(bytes)
  }

  /// `(NAME, offset 0xOFF)`; a name may hold commas and brackets.
  @inline(__always)
  private mutating func takePlace(
    _ access: inout M1N1Access, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    try take("(", bytes)
    let start = position
    guard let close = bytes.first(UInt8(ascii: "="), from: start, to: end) else {
      throw LineFault(at: end, "the name of a device, its offset and = with a value")
    }
    // The last ", offset " in front of the value.
    var index = close
    while index > start {
      index -= 1
      var attempt = TextCursor(index, end: close)
      guard bytes[index] == UInt8(ascii: ","), attempt.skip(", offset ", bytes) else { continue }
      access.name = start..<index
      access.offset = try attempt.prefixedHex(bytes, "a hexadecimal offset with 0x")
      try attempt.take(")", bytes)
      attempt.skipBlanks(bytes)
      position = attempt.position
      return
    }
    throw LineFault(at: start, "a device's name and its offset, as (sgx, offset 0x40)")
  }
}
