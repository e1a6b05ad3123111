import TraceCore

/// An access through `memory_region_ops_*`.
struct MemoryAccess {
  var isWrite: Bool
  /// vCPU, or -1 for a device or the main loop.
  var cpu: Int32
  /// Tells regions of one name apart.
  var memoryRegion: UInt64
  var address: UInt64
  var value: UInt64
  var size: UInt8
  /// The region's name without its quotes; empty where it is not logged.
  var name: Range<Int>
}

/// An access through `vfio_region_*`.
struct VFIOAccess {
  /// `0000:04:00.0:region0`.
  var place: Range<Int>
  /// Where `:region` starts.
  var deviceEnd: Int
  var number: Int
  var offset: UInt64
  var value: UInt64
  var size: UInt8
}

/// A config access, decoded.
struct ConfigAccess {
  var isWrite: Bool
  /// Function; of bus 0 where the bus is not logged.
  var function: PCIFunction
  var hasBus: Bool
  var register: UInt64
  var value: UInt64
  /// 1, 2 or 4; 0 where it is not logged.
  var size: UInt8
}

/// A BAR in `pci_update_mappings_*`.
struct BARMapping {
  var function: PCIFunction
  var bar: Int
  var base: UInt64
  var size: UInt64
}

/// A region in `vfio_region_setup`.
struct RegionSetup {
  /// VFIO_REGION_INFO_FLAG_MMAP (Linux `include/uapi/linux/vfio.h`).
  static let mappable: UInt64 = 1 << 2

  var device: Range<Int>
  var number: Int
  var size: UInt64
  /// The kernel lets it be mapped; I/O ports and other regions that it does not are always
  /// trapped, so that no stage-2 attribute applies to them.
  var isMappable: Bool
}

/// The grammar of the events' arguments; any run of blanks counts as one.
extension TextCursor {
  // MARK: memory_region_ops_*

  /// `cpu DEC mr PTR addr 0xHEX value 0xHEX size DEC [name 'TEXT']`.
  @inline(__always)
  mutating func memoryAccess(
    isWrite: Bool, _ bytes: Span<UInt8>
  ) throws(LineFault) -> MemoryAccess {
    try takeWord("cpu", bytes)
    let cpu = try processor(bytes)
    try takeWord("mr", bytes)
    let memoryRegion = try pointer(bytes)
    try takeWord("addr", bytes)
    let start = position
    let address = try prefixedHex(bytes, "a hexadecimal address with 0x behind addr")
    try takeWord("value", bytes)
    let value = try prefixedHex(bytes, "a hexadecimal value with 0x behind value")
    try takeWord("size", bytes)
    let size = try accessSize(bytes)
    guard !address.addingReportingOverflow(UInt64(size)).overflow else {
      throw LineFault(.outOfRange, at: start, "an access that ends below 2^64")
    }
    return MemoryAccess(
      isWrite: isWrite, cpu: cpu, memoryRegion: memoryRegion, address: address, value: value,
      size: size, name: try quotedName(bytes))
  }

  @inline(__always)
  private mutating func processor(_ bytes: Span<UInt8>) throws(LineFault) -> Int32 {
    if skip("-1", bytes) { return -1 }
    return Int32(
      truncatingIfNeeded: try decimal(
        bytes, "a vCPU number from -1 to 65535 behind cpu", limit: 65_535))
  }

  /// `%p`: hexadecimal with 0x, or `(nil)`.
  @inline(__always)
  private mutating func pointer(_ bytes: Span<UInt8>) throws(LineFault) -> UInt64 {
    if skip("(nil)", bytes) { return 0 }
    return try prefixedHex(bytes, "a pointer with 0x")
  }

  /// A decimal size of 1 to 64 bytes.
  @inline(__always)
  private mutating func accessSize(_ bytes: Span<UInt8>) throws(LineFault) -> UInt8 {
    let start = position
    let size = try decimal(bytes, "a size from 1 to 64 bytes", limit: 64)
    guard size > 0 else { throw LineFault(.outOfRange, at: start, "a size from 1 to 64 bytes") }
    return UInt8(truncatingIfNeeded: size)
  }

  /// `name 'TEXT'` up to the end of the line; empty where there is none.
  @inline(__always)
  private mutating func quotedName(_ bytes: Span<UInt8>) throws(LineFault) -> Range<Int> {
    guard !isAtEnd else { return end..<end }
    guard bytes[position] == 0x20 else { throw LineFault(at: position, "a blank behind the size") }
    skipBlanks(bytes)
    if isAtEnd { return end..<end }
    try takeWord("name", bytes)
    try take("'", bytes)
    guard position < end, bytes[end - 1] == 0x27 else {
      throw LineFault(at: end, "a quote that closes the name")
    }
    let range = position..<end - 1
    position = end
    return range
  }

  // MARK: vfio_*

  /// `(DEVICE:regionN+0xOFF, DEC) = 0xVALUE` or `(DEVICE:regionN+0xOFF, 0xVALUE, DEC)`.
  @inline(__always)
  mutating func vfioAccess(
    isWrite: Bool, _ bytes: Span<UInt8>
  ) throws(LineFault) -> VFIOAccess {
    skipBlanks(bytes)
    try take("(", bytes)
    let start = position
    let plus = bytes.first(0x2b, from: position, to: end) ?? end
    guard plus > start, let deviceEnd = regionWord(from: start, to: plus, bytes) else {
      throw LineFault(at: start, "a device and its region, as 0000:01:00.0:region0+0x0")
    }
    position = deviceEnd + 7
    let number = Int(try decimal(bytes, "a region number from 0 to 255", limit: 255))
    let place = start..<position
    try take("+", bytes)
    let offset = try prefixedHex(bytes, "a hexadecimal offset with 0x")
    try takeSeparator(bytes)
    var value: UInt64 = 0
    if isWrite {
      value = try prefixedHex(bytes, "a hexadecimal value with 0x")
      try takeSeparator(bytes)
    }
    let size = try accessSize(bytes)
    try take(")", bytes)
    if !isWrite {
      try takeWord("=", bytes)
      value = try prefixedHex(bytes, "a hexadecimal value with 0x")
    }
    try takeEnd(bytes)
    return VFIOAccess(
      place: place, deviceEnd: deviceEnd, number: number, offset: offset, value: value, size: size)
  }

  /// Index of the last `:region` in a range.
  @inline(__always)
  private func regionWord(from start: Int, to limit: Int, _ bytes: Span<UInt8>) -> Int? {
    var index = limit - 8
    while index > start {
      var cursor = TextCursor(index, end: limit)
      if cursor.skip(":region", bytes) { return index }
      index -= 1
    }
    return nil
  }

  private mutating func takeSeparator(_ bytes: Span<UInt8>) throws(LineFault) {
    skipBlanks(bytes)
    try take(",", bytes)
    skipBlanks(bytes)
  }

  /// `(DEVICE, @0xOFF, len=0xHEX) 0xVALUE` or `(DEVICE, @0xOFF, 0xVALUE, len=0xHEX)`.
  ///
  /// - Returns: nil for a device whose name is no function.
  mutating func vfioConfig(
    isWrite: Bool, _ bytes: Span<UInt8>
  ) throws(LineFault) -> ConfigAccess? {
    skipBlanks(bytes)
    try take("(", bytes)
    let function = try namedFunction(bytes)
    try takeSeparator(bytes)
    try take("@", bytes)
    let register = try prefixedHex(bytes, "a hexadecimal register with 0x")
    try takeSeparator(bytes)
    var value: UInt64 = 0
    if isWrite {
      value = try prefixedHex(bytes, "a hexadecimal value with 0x")
      try takeSeparator(bytes)
    }
    try take("len=", bytes)
    let start = position
    let size = try prefixedHex(bytes, "a hexadecimal length with 0x")
    guard size == 1 || size == 2 || size == 4 else {
      throw LineFault(.outOfRange, at: start, "a length of 0x1, 0x2 or 0x4")
    }
    try take(")", bytes)
    if !isWrite {
      skipBlanks(bytes)
      value = try prefixedHex(bytes, "a hexadecimal value with 0x")
    }
    try takeEnd(bytes)
    let access = ConfigAccess(
      isWrite: isWrite, function: function ?? PCIFunction(rawValue: 0), hasBus: true,
      register: register, value: value, size: UInt8(truncatingIfNeeded: size))
    try check(access, at: start)
    return function == nil ? nil : access
  }

  /// A device's name up to the comma: `0000:01:00.0`; nil where it is another one, as those that a
  /// user gives and those of mediated devices.
  private mutating func namedFunction(_ bytes: Span<UInt8>) throws(LineFault) -> PCIFunction? {
    let comma = bytes.first(0x2c, from: position, to: end) ?? end
    guard comma > position, comma < end else { throw LineFault(at: position, "a device's name") }
    var name = TextCursor(position, end: comma)
    position = comma
    do throws(LineFault) {
      let function = try name.function(bytes)
      name.skipBlanks(bytes)
      return name.isAtEnd ? function : nil
    } catch {
      guard error.kind == .malformed else { throw error }
      return nil
    }
  }

  /// Registers lie below 4096, values below 2^32.
  private func check(_ access: ConfigAccess, at position: Int) throws(LineFault) {
    guard access.register <= 4096 - max(1, UInt64(access.size)) else {
      throw LineFault(.outOfRange, at: position, "a config register below 0x1000")
    }
    guard access.value >> 32 == 0 else {
      throw LineFault(.outOfRange, at: position, "a config value below 2^32")
    }
  }

  /// `DDDD:BB:SS.F` or `BB:SS.F`, hexadecimal.
  mutating func function(_ bytes: Span<UInt8>) throws(LineFault) -> PCIFunction {
    let expected: StaticString = "a function such as 0000:01:00.0"
    let start = position
    var parts: InlineArray<3, UInt64> = [0, 0, 0]
    parts[0] = try hex(bytes, expected)
    try take(":", bytes)
    parts[1] = try hex(bytes, expected)
    var segment: UInt64 = 0
    if skip(":", bytes) {
      segment = parts[0]
      parts[0] = parts[1]
      parts[1] = try hex(bytes, expected)
    }
    try take(".", bytes)
    parts[2] = try hex(bytes, expected)
    guard segment < 1 << 16, parts[0] < 256, parts[1] < 32, parts[2] < 8 else {
      throw LineFault(.outOfRange, at: start, expected)
    }
    return PCIFunction(
      segment: UInt16(segment), bus: UInt8(parts[0]), device: UInt8(parts[1]),
      function: UInt8(parts[2]))
  }

  // MARK: pci_cfg_*, pci_update_mappings_*

  /// `DEV BB:SS.F @0xOFF -> 0xVALUE`; up to QEMU 5.2 `DEV SS:F @...`, decimal and without the bus.
  mutating func decodedConfig(
    isWrite: Bool, _ bytes: Span<UInt8>
  ) throws(LineFault) -> ConfigAccess {
    try skipDevice(bytes)
    var (function, hasBus) = (PCIFunction(rawValue: 0), false)
    if holdsPoint(bytes) {
      function = try self.function(bytes)
      hasBus = true
    } else {
      let device = try decimal(bytes, "a device from 0 to 31", limit: 31)
      try take(":", bytes)
      let number = try decimal(bytes, "a function from 0 to 7", limit: 7)
      function = PCIFunction(bus: 0, device: UInt8(device), function: UInt8(number))
    }
    skipBlanks(bytes)
    try take("@", bytes)
    let start = position
    let register = try prefixedHex(bytes, "a hexadecimal register with 0x")
    try isWrite ? takeWord("<-", bytes) : takeWord("->", bytes)
    let value = try prefixedHex(bytes, "a hexadecimal value with 0x")
    try takeEnd(bytes)
    let access = ConfigAccess(
      isWrite: isWrite, function: function, hasBus: hasBus, register: register, value: value,
      size: 0)
    try check(access, at: start)
    return access
  }

  /// The device's name, or `d=PTR` up to QEMU 5.2.
  private mutating func skipDevice(_ bytes: Span<UInt8>) throws(LineFault) {
    skipBlanks(bytes)
    guard !token(bytes).isEmpty else { throw LineFault(at: position, "a device's name") }
    skipBlanks(bytes)
  }

  /// The next word has a point: `BB:SS.F`.
  private func holdsPoint(_ bytes: Span<UInt8>) -> Bool {
    var index = position
    while index < end, bytes[index] != 0x20 {
      if bytes[index] == 0x2e { return true }
      index += 1
    }
    return false
  }

  /// `DEV BB:SS.F BAR,0xADDR+0xSIZE`.
  mutating func barMapping(_ bytes: Span<UInt8>) throws(LineFault) -> BARMapping {
    try skipDevice(bytes)
    let function = try function(bytes)
    skipBlanks(bytes)
    let bar = try decimal(bytes, "a BAR number from 0 to 6", limit: 6)
    try take(",", bytes)
    let base = try prefixedHex(bytes, "a hexadecimal address with 0x")
    try take("+", bytes)
    let start = position
    let size = try prefixedHex(bytes, "a hexadecimal size with 0x")
    guard size > 0, !base.addingReportingOverflow(size - 1).overflow else {
      throw LineFault(.outOfRange, at: start, "a size that ends below 2^64")
    }
    try takeEnd(bytes)
    return BARMapping(function: function, bar: Int(bar), base: base, size: size)
  }

  /// `Device DEVICE, region N "NAME", flags: 0xHEX, offset: 0xHEX, size: 0xHEX`.
  mutating func regionSetup(_ bytes: Span<UInt8>) throws(LineFault) -> RegionSetup {
    try takeWord("Device", bytes)
    let comma = bytes.first(0x2c, from: position, to: end) ?? end
    let device = position..<comma
    position = comma
    try takeSeparator(bytes)
    try takeWord("region", bytes)
    let number = Int(try decimal(bytes, "a region number from 0 to 255", limit: 255))
    try skipQuoted(bytes)
    let flags = try field("flags:", bytes)
    _ = try field("offset:", bytes)
    let size = try field("size:", bytes)
    try takeEnd(bytes)
    return RegionSetup(
      device: device, number: number, size: size, isMappable: flags & RegionSetup.mappable != 0)
  }

  /// Passes over a quoted text, up to the line's last quote.
  private mutating func skipQuoted(_ bytes: Span<UInt8>) throws(LineFault) {
    skipBlanks(bytes)
    try take("\"", bytes)
    guard let last = bytes.lastEnd(0x22, before: end), last > position else {
      throw LineFault(at: end, "a quote that closes the name")
    }
    position = last
  }

  /// `, NAME 0xHEX`.
  private mutating func field(
    _ name: StaticString, _ bytes: Span<UInt8>
  ) throws(LineFault) -> UInt64 {
    try takeSeparator(bytes)
    try takeWord(name, bytes)
    return try prefixedHex(bytes, "a hexadecimal number with 0x")
  }
}
