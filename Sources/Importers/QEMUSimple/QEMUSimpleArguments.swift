import TraceCore

/// Arguments of QEMU's events as the `simple` back end stores them: integers and pointers as eight
/// bytes, a text as its length and its bytes.
///
/// The file does not hold their types: these are those of the `trace-events` files of QEMU 5.2 to
/// 10.2, told apart by the record's length.
extension QEMURecorder {
  /// Takes an event.
  ///
  /// - Parameters:
  ///   - event: Which one.
  ///   - arguments: Range in the chunk.
  ///   - bytes: The chunk.
  ///   - builder: Takes sixteen records at most.
  /// - Throws: A fault, before anything was appended.
  @inline(__always)
  mutating func take(
    _ event: QEMUEvent, _ arguments: Range<Int>, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(BinaryFault) {
    var cursor = BinaryCursor(arguments.lowerBound, end: arguments.upperBound)
    switch event {
    case .opsRead, .opsWrite:
      let access = try cursor.memoryAccess(isWrite: event == .opsWrite, bytes)
      do throws(LineFault) { try handle(access, bytes, &builder) } catch {
        throw BinaryFault(at: cursor.position, error.expected)
      }
    default: try takeOther(event, &cursor, bytes, &builder)
    }
  }

  @inline(never)
  private mutating func takeOther(
    _ event: QEMUEvent, _ cursor: inout BinaryCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(BinaryFault) {
    do {
      switch event {
      case .opsRead, .opsWrite: break
      case .regionRead, .regionWrite:
        try takeVFIO(isWrite: event == .regionWrite, &cursor, bytes, &builder)
      case .vfioConfigRead, .vfioConfigWrite:
        handle(try cursor.vfioConfig(isWrite: event == .vfioConfigWrite, bytes), &builder)
      case .configRead, .configWrite:
        handleDecoded(try cursor.decodedConfig(isWrite: event == .configWrite, bytes), &builder)
      case .mappingsAdd: handle(try cursor.barMapping(bytes), isMapped: true)
      case .mappingsDelete: handle(try cursor.barMapping(bytes), isMapped: false)
      case .regionSetup: try takeSetup(&cursor, bytes)
      case .resetFLR: try takeReset("flr", &cursor, bytes, &builder)
      case .resetPM: try takeReset("pm", &cursor, bytes, &builder)
      case .hotResetResult:
        let device = try cursor.text(bytes, "a device's name")
        let result = bytes.text(try cursor.text(bytes, "a result"))
        try handleHotReset(device, isDone: result == "Success", bytes, &builder)
      case .reset, .hotReset: counters[.resetAttempt] += 1
      case .subpageRead, .subpageWrite: counters[.subpageAccess] += 1
      case .ramDeviceRead, .ramDeviceWrite:
        counters[.ramDeviceAccess] += 1
        seen.ramDevice = true
      }
    } catch let fault as LineFault {
      throw BinaryFault(at: cursor.position, fault.expected)
    } catch let fault as BinaryFault {
      throw fault
    } catch {
      throw BinaryFault(at: cursor.position, "an event")
    }
  }

  /// `name, index, addr, data, size`; a read `name, index, addr, size, data`.
  private mutating func takeVFIO(
    isWrite: Bool, _ cursor: inout BinaryCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws {
    let device = try cursor.text(bytes, "a device's name")
    let number = try cursor.word(bytes, in: 0...255, "a region number from 0 to 255")
    let offset = try cursor.word(bytes, "an offset")
    let value = isWrite ? try cursor.word(bytes, "a value") : 0
    let size = try cursor.word(bytes, in: 1...64, "a size from 1 to 64 bytes")
    let result = isWrite ? value : try cursor.word(bytes, "a value")
    try cursor.takeEnd()
    // The text of the log, so that both forms of one device are one.
    let text = Array((bytes.text(device) + ":region\(number)").utf8)
    let access = VFIOAccess(
      place: 0..<text.count, deviceEnd: device.count, number: Int(number), offset: offset,
      value: result, size: UInt8(size))
    try handle(access, isWrite: isWrite, text.span, &builder)
  }

  /// `dev, index, name, flags, offset, size`.
  private mutating func takeSetup(
    _ cursor: inout BinaryCursor, _ bytes: Span<UInt8>
  ) throws {
    let device = try cursor.text(bytes, "a device's name")
    let number = try cursor.word(bytes, in: 0...255, "a region number from 0 to 255")
    _ = try cursor.text(bytes, "a region's name")
    let flags = try cursor.word(bytes, "flags")
    _ = try cursor.word(bytes, "an offset")
    let size = try cursor.word(bytes, "a size")
    try cursor.takeEnd()
    try handle(
      RegionSetup(
        device: device, number: Int(number), size: size,
        isMappable: flags & RegionSetup.mappable != 0), bytes)
  }

  private mutating func takeReset(
    _ kind: String, _ cursor: inout BinaryCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws {
    let device = try cursor.text(bytes, "a device's name")
    try cursor.takeEnd()
    try appendReset(kind, device, bytes, &builder)
  }
}

extension BinaryCursor {
  /// `cpu, mr, addr, value, size[, name]`.
  @inline(__always)
  fileprivate mutating func memoryAccess(
    isWrite: Bool, _ bytes: Span<UInt8>
  ) throws(BinaryFault) -> MemoryAccess {
    let start = position
    let cpu = Int64(bitPattern: try word(bytes, "a vCPU number from -1 to 65535"))
    // An int is extended to eight bytes with its sign, or without.
    let isDevice = cpu == -1 || cpu == 0xffff_ffff
    guard isDevice || (0...65_535).contains(cpu) else {
      throw BinaryFault(at: start, "a vCPU number from -1 to 65535", isRange: true)
    }
    let memoryRegion = try word(bytes, "a memory region")
    let addressStart = position
    let address = try word(bytes, "an address")
    let value = try word(bytes, "a value")
    let size = try word(bytes, in: 1...64, "a size from 1 to 64 bytes")
    guard !address.addingReportingOverflow(size).overflow else {
      throw BinaryFault(at: addressStart, "an access that ends below 2^64", isRange: true)
    }
    let name = isAtEnd ? end..<end : try text(bytes, "a region's name")
    try takeEnd()
    return MemoryAccess(
      isWrite: isWrite, cpu: isDevice ? -1 : Int32(truncatingIfNeeded: cpu),
      memoryRegion: memoryRegion, address: address, value: value,
      size: UInt8(truncatingIfNeeded: size), name: name)
  }

  /// `name, addr, len, val` of a read, `name, addr, val, len` of a write.
  ///
  /// - Returns: nil for a device whose name is no function.
  fileprivate mutating func vfioConfig(
    isWrite: Bool, _ bytes: Span<UInt8>
  ) throws(BinaryFault) -> ConfigAccess? {
    let start = position
    let function = PCIFunction(bytes.text(try text(bytes, "a device's name")))
    let register = try word(bytes, in: 0...4095, "a config register below 0x1000")
    var value = isWrite ? try word(bytes, "a value") : 0
    let size = try word(bytes, in: 1...4, "a length of 1, 2 or 4")
    guard size != 3, register + size <= 4096 else {
      throw BinaryFault(at: start, "a length of 1, 2 or 4 inside the config space")
    }
    if !isWrite { value = try word(bytes, "a value") }
    try takeEnd()
    guard let function else { return nil }
    return ConfigAccess(
      isWrite: isWrite, function: function, hasBus: true, register: register,
      value: value & 0xffff_ffff, size: UInt8(size))
  }

  /// `dev, bus, slot, func, offs, val`; up to QEMU 5.2 without the bus.
  fileprivate mutating func decodedConfig(
    isWrite: Bool, _ bytes: Span<UInt8>
  ) throws(BinaryFault) -> ConfigAccess {
    _ = try text(bytes, "a device's name")
    let hasBus = end - position == 40
    let bus = hasBus ? try word(bytes, in: 0...255, "a bus from 0 to 255") : 0
    let device = try word(bytes, in: 0...31, "a device from 0 to 31")
    let number = try word(bytes, in: 0...7, "a function from 0 to 7")
    let register = try word(bytes, in: 0...4095, "a config register below 0x1000")
    let value = try word(bytes, "a value")
    try takeEnd()
    return ConfigAccess(
      isWrite: isWrite,
      function: PCIFunction(bus: UInt8(bus), device: UInt8(device), function: UInt8(number)),
      hasBus: hasBus, register: register, value: value & 0xffff_ffff, size: 0)
  }

  /// `dev, bus, slot, func, bar, addr, size`; up to QEMU 5.2 a pointer instead of the name.
  fileprivate mutating func barMapping(_ bytes: Span<UInt8>) throws(BinaryFault) -> BARMapping {
    let rest = 6 * 8
    var name = self
    if let range = try? name.text(bytes, "a device's name"), end - range.upperBound == rest {
      self = name
    } else {
      _ = try word(bytes, "a device's name or its pointer")
    }
    let bus = try word(bytes, in: 0...255, "a bus from 0 to 255")
    let device = try word(bytes, in: 0...31, "a device from 0 to 31")
    let number = try word(bytes, in: 0...7, "a function from 0 to 7")
    let bar = try word(bytes, in: 0...6, "a BAR number from 0 to 6")
    let base = try word(bytes, "an address")
    let sizeStart = position
    let size = try word(bytes, in: 1...(.max), "a size of 1 or more")
    guard !base.addingReportingOverflow(size - 1).overflow else {
      throw BinaryFault(at: sizeStart, "a size that ends below 2^64")
    }
    try takeEnd()
    return BARMapping(
      function: PCIFunction(bus: UInt8(bus), device: UInt8(device), function: UInt8(number)),
      bar: Int(bar), base: base, size: size)
  }
}
