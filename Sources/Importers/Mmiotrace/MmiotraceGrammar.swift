import TraceCore

/// An access in `R` or `W`.
struct MmiotraceAccess {
  var size: UInt8
  var time: UInt64
  /// Physical (bus) address.
  var address: UInt64
  var value: UInt64
  /// nil where `trace_pc` is not set.
  var codeAddress: UInt64?
}

/// A device in `PCIDEV`.
struct MmiotraceDevice {
  var function: PCIFunction
  /// BARs 0 to 5 and the ROM, with their low flag bits.
  var starts: InlineArray<7, UInt64>
  var sizes: InlineArray<7, UInt64>
}

/// The grammar of Linux's mmiotrace (`Documentation/trace/mmiotrace.rst`,
/// `kernel/trace/trace_mmiotrace.c`): fields behind the record's first word.
extension TextCursor {
  /// `WIDTH SECONDS ID 0xPHYS 0xVALUE 0xPC PID`.
  @inline(__always)
  mutating func mmiotraceAccess(_ bytes: Span<UInt8>) throws(LineFault) -> MmiotraceAccess {
    let size = try accessWidth(bytes)
    let time = try mmiotraceTime(bytes)
    try mmiotraceID(bytes)
    let address = try accessAddress(bytes, size: size)
    skipBlanks(bytes)
    let value = try prefixedHex(bytes, "a hexadecimal value with 0x")
    skipBlanks(bytes)
    let code = try codeAndProcess(bytes)
    return MmiotraceAccess(
      size: size, time: time, address: address, value: value,
      codeAddress: code == 0 ? nil : code)
  }

  /// A blank, `SECONDS.MICROSECONDS`, blanks.
  @inline(__always)
  mutating func mmiotraceTime(_ bytes: Span<UInt8>) throws(LineFault) -> UInt64 {
    skipBlanks(bytes)
    let time = try mmiotraceStamp(bytes)
    skipBlanks(bytes)
    return time
  }

  /// `SECONDS.MICROSECONDS`, six digits of these (`%u.%06lu`), in nanoseconds.
  @inline(__always)
  mutating func mmiotraceStamp(_ bytes: Span<UInt8>) throws(LineFault) -> UInt64 {
    let start = position
    let seconds = try decimal(bytes, "a time stamp in seconds, as 12.345678")
    let point = position
    guard skip(".", bytes), let fraction = billionths(bytes), position == point + 7 else {
      throw LineFault(at: start, "a time stamp in seconds, as 12.345678")
    }
    return try nanoseconds(seconds, fraction, at: start)
  }

  /// The number of the mapping, maybe -1, and the blanks behind it.
  @inline(__always)
  mutating func mmiotraceID(_ bytes: Span<UInt8>) throws(LineFault) {
    _ = skip("-", bytes)
    _ = try decimal(bytes, "the number of a mapping")
    skipBlanks(bytes)
  }

  /// `0xPC PID` and the end.
  @inline(__always)
  mutating func codeAndProcess(_ bytes: Span<UInt8>) throws(LineFault) -> UInt64 {
    // `0x0 0`, as without trace_pc.
    if end - position == 5, bytes.word(at: position) & 0xff_ffff_ffff == 0x30_2030_7830 {
      position = end
      return 0
    }
    let code = try prefixedHex(bytes, "a code address with 0x")
    skipBlanks(bytes)
    _ = try decimal(bytes, "a process number")
    try takeEnd(bytes)
    return code
  }

  /// `SECONDS ID 0xPHYS b0,b1,b2 0xPC PID`.
  ///
  /// - Returns: The first bytes of the instruction, the first in bits 7:0.
  mutating func mmiotraceUnknown(_ bytes: Span<UInt8>) throws(LineFault) -> UInt64 {
    _ = try mmiotraceTime(bytes)
    try mmiotraceID(bytes)
    _ = try prefixedHex(bytes, "a hexadecimal address with 0x")
    skipBlanks(bytes)
    var opcode: UInt64 = 0
    for index in 0..<3 as Range<UInt64> {
      if index > 0 { try take(",", bytes) }
      let start = position
      let byte = try hex(bytes, "a byte of the instruction, hexadecimal")
      guard byte < 256 else {
        throw LineFault(.outOfRange, at: start, "a byte of the instruction, hexadecimal")
      }
      opcode |= byte << (8 * index)
    }
    skipBlanks(bytes)
    _ = try codeAndProcess(bytes)
    return opcode
  }

  /// `SECONDS ID 0xPHYS 0xVIRT 0xLEN 0xPC PID`.
  mutating func mmiotraceMap(
    _ bytes: Span<UInt8>
  ) throws(LineFault) -> (base: UInt64, size: UInt64) {
    _ = try mmiotraceTime(bytes)
    try mmiotraceID(bytes)
    let base = try prefixedHex(bytes, "a hexadecimal physical address with 0x")
    skipBlanks(bytes)
    _ = try prefixedHex(bytes, "a hexadecimal virtual address with 0x")
    skipBlanks(bytes)
    let start = position
    let size = try prefixedHex(bytes, "a hexadecimal length with 0x")
    guard size > 0, !base.addingReportingOverflow(size - 1).overflow else {
      throw LineFault(.outOfRange, at: start, "a length that ends below 2^64")
    }
    skipBlanks(bytes)
    _ = try codeAndProcess(bytes)
    return (base, size)
  }

  /// `SECONDS ID 0xPC PID`.
  mutating func mmiotraceUnmap(_ bytes: Span<UInt8>) throws(LineFault) {
    _ = try mmiotraceTime(bytes)
    try mmiotraceID(bytes)
    _ = try codeAndProcess(bytes)
  }

  /// `BBDD VVVVDDDD IRQ`, seven starts, seven sizes, the driver's name or nothing.
  mutating func mmiotraceDevice(_ bytes: Span<UInt8>) throws(LineFault) -> MmiotraceDevice {
    let start = position
    let place = try hex(bytes, "bus and device in four hexadecimal digits")
    guard place < 0x1_0000, position == start + 4 else {
      throw LineFault(.outOfRange, at: start, "bus and device in four hexadecimal digits")
    }
    _ = try number(bytes)
    _ = try number(bytes)
    var device = MmiotraceDevice(
      function: PCIFunction(rawValue: UInt32(place)), starts: InlineArray(repeating: 0),
      sizes: InlineArray(repeating: 0))
    for index in 0..<7 { device.starts[index] = try number(bytes) }
    for index in 0..<7 { device.sizes[index] = try number(bytes) }
    guard isAtEnd || bytes[position] == 0x20 else {
      throw LineFault(at: position, "a blank behind the sizes")
    }
    return device
  }

  private mutating func number(_ bytes: Span<UInt8>) throws(LineFault) -> UInt64 {
    skipBlanks(bytes)
    return try hex(bytes, "a hexadecimal number without 0x")
  }
}
