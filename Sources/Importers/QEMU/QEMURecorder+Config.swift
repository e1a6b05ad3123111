import TraceCore

extension QEMURecorder {
  // MARK: Config accesses

  var thread: UInt64 { prefix.thread ?? Self.noThread }

  /// An access may be the other half of what waits; then it must not be settled before.
  func isHalf(_ access: MemoryAccess, _ bytes: Span<UInt8>) -> Bool {
    guard !access.isWrite, access.cpu >= 0 else { return false }
    var name = TextCursor(access.name.lowerBound, end: access.name.upperBound)
    return access.name.isEmpty || name.skip("pci", bytes)
  }

  /// A config access that VFIO decoded; nil: of a device that is no PCI function.
  mutating func handle(_ access: ConfigAccess?, _ builder: inout BlockAppender) {
    settle(&builder)
    guard let access else {
      counters[.configWithoutFunction] += 1
      return
    }
    append(
      access, vcpu: threads.vcpu(prefix.thread), time: prefix.time, line: line,
      region: resolver.vfioConfigRegion(), &builder)
  }

  /// Appends what waits in this thread: its other half did not come.
  @inline(__always)
  mutating func settle(_ builder: inout BlockAppender) {
    guard !pairing.isEmpty, let half = pairing.take(thread) else { return }
    appendUnpaired(half, &builder)
  }

  /// The ECAM window or the ports of config mechanism #1.
  mutating func handleConfigWindow(
    _ access: MemoryAccess, _ kind: RegionName, _ builder: inout BlockAppender
  ) {
    if kind == .configAddressPort {
      if access.isWrite, access.size == 4 { configAddress = access.value }
      settle(&builder)
      counters[.portAccess] += 1
      return
    }
    guard let half = half(access, isECAM: kind == .ecam) else {
      settle(&builder)
      counters[kind == .ecam ? .configWindowDropped : .portAccess] += 1
      return
    }
    let waiting = pairing.isEmpty ? nil : pairing.take(thread)
    if let waiting, waiting.matches(half) {
      appendPair(decoded: waiting, window: half, &builder)
      return
    }
    if let waiting { appendUnpaired(waiting, &builder) }
    half.isWrite ? hold(half, &builder) : appendUnpaired(half, &builder)
  }

  /// What a window or port access says of the config access behind it; nil when it is none.
  func half(_ access: MemoryAccess, isECAM: Bool) -> ConfigPairing.Half? {
    guard access.size == 1 || access.size == 2 || access.size == 4 else { return nil }
    var half = ConfigPairing.Half(
      thread: thread, vcpu: UInt16(truncatingIfNeeded: access.cpu), function: nil, hasBus: true,
      register: access.address & 3, isWrite: access.isWrite, value: access.value & 0xffff_ffff,
      size: access.size, time: prefix.time, line: line)
    if isECAM {
      // PCI Express Base Specification 5.0, table 7-1; the window is aligned to its 256 MiB.
      half.function = PCIFunction(rawValue: UInt32(access.address >> 12 & 0xffff))
      half.register = access.address & 0xfff
    } else if let latch = configAddress {
      // PCI Local Bus Specification 3.0, 3.2.2.3.2: bit 31 enables, bits 1:0 come from the port.
      guard latch >> 31 & 1 == 1 else { return nil }
      half.function = PCIFunction(rawValue: UInt32(latch >> 8 & 0xffff))
      half.register = latch & 0xfc | access.address & 3
    }
    return half.register + UInt64(half.size) <= 4096 ? half : nil
  }

  mutating func handleDecoded(_ access: ConfigAccess, _ builder: inout BlockAppender) {
    if !access.hasBus { counters[.configBusAssumed] += 1 }
    let half = ConfigPairing.Half(
      thread: thread, vcpu: nil, function: access.function, hasBus: access.hasBus,
      register: access.register, isWrite: access.isWrite, value: access.value, size: 0,
      time: prefix.time, line: line)
    let waiting = pairing.isEmpty ? nil : pairing.take(thread)
    if let waiting, waiting.matches(half) {
      appendPair(decoded: half, window: waiting, &builder)
      return
    }
    if let waiting { appendUnpaired(waiting, &builder) }
    half.isWrite ? appendUnpaired(half, &builder) : hold(half, &builder)
  }

  mutating func hold(_ half: ConfigPairing.Half, _ builder: inout BlockAppender) {
    if let oldest = pairing.hold(half) { appendUnpaired(oldest, &builder) }
  }

  mutating func appendPair(
    decoded: ConfigPairing.Half, window: ConfigPairing.Half, _ builder: inout BlockAppender
  ) {
    var whole = decoded
    whole.size = window.size
    whole.vcpu = window.vcpu
    // The window has the bus that the old form of pci_cfg_* lacks.
    if !decoded.hasBus, let function = window.function { whole.function = function }
    counters[.configMirror] += 1
    append(whole, &builder)
  }

  /// One half alone: the decoded one lacks its size, the other may lack its function.
  mutating func appendUnpaired(_ half: ConfigPairing.Half, _ builder: inout BlockAppender) {
    var whole = half
    if half.isDecoded {
      counters[.configSizeAssumed] += 1
      whole.size = half.register % 4 == 0 ? 4 : half.register % 2 == 0 ? 2 : 1
    } else {
      guard half.function != nil else {
        counters[.portAccess] += 1
        return
      }
      counters[.configWithoutDecoded] += 1
    }
    append(whole, &builder)
  }

  mutating func append(_ half: ConfigPairing.Half, _ builder: inout BlockAppender) {
    guard let function = half.function else { return }
    let access = ConfigAccess(
      isWrite: half.isWrite, function: function, hasBus: true, register: half.register,
      value: half.value, size: half.size)
    let vcpu = half.vcpu ?? threads.vcpu(half.thread == Self.noThread ? nil : half.thread)
    append(access, vcpu: vcpu, time: half.time, line: half.line, &builder)
  }

  mutating func append(
    _ access: ConfigAccess, vcpu: UInt16, _ builder: inout BlockAppender
  ) {
    append(access, vcpu: vcpu, time: prefix.time, line: line, &builder)
  }

  mutating func append(
    _ access: ConfigAccess, vcpu: UInt16, time: UInt64?, line: UInt64?,
    region: RegionID? = nil, _ builder: inout BlockAppender
  ) {
    seen.configRecords = true
    seen.untimed = seen.untimed || time == nil
    countWide(access.value, access.size)
    builder.append(
      RecordClass(
        access.isWrite ? .configWrite : .configRead, size: access.size, vcpu: vcpu,
        region: region ?? resolver.configRegion(), function: access.function,
        columns: [.configValue]),
      address: access.register, time: time, value: access.value, line: line)
  }
}
