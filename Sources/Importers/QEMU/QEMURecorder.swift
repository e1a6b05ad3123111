import TraceCore

/// Makes records of QEMU's trace events, however they are stored.
///
/// What becomes a record: `memory_region_ops_*` of a vCPU outside port I/O and interrupt messages,
/// `vfio_region_*`, config accesses of either kind, and resets that took place. Everything else
/// is counted.
struct QEMURecorder {
  let context: TraceContext
  var counters = ImportCounters()
  var resolver: RegionResolver
  var threads = ThreadNumbers()
  var pairing = ConfigPairing()
  var layout = VFIOLayout()
  /// `0000:04:00.0:region0` and the like; numbers are those of ``layout``.
  var places = NameTable(limit: 4096)
  var regionNames = NameTable(limit: 4096)
  var nameKinds: [RegionName] = []
  /// What was last written to the address port of config mechanism #1.
  var configAddress: UInt64?
  /// Stamp of the event that is taken.
  var prefix = QEMUPrefix() {
    didSet { if clock.goesBack(prefix.time, cpu: 0) { counters[.clockBackwards] += 1 } }
  }
  /// Its line; nil in binary traces.
  var line: UInt64?
  var seen = Seen()
  private var last = LastAccess()
  private var clock = ClockWatch()

  /// What the trace has shown so far, for the list of what it cannot show.
  struct Seen {
    var memoryRecords = false
    var vfioRecords = false
    var barRecords = false
    var configRecords = false
    var ramDevice = false
    var untimed = false
  }

  /// The access taken last, by which one that is logged twice is known.
  private struct LastAccess {
    var isVFIO = false
    var isWrite = false
    var size: UInt8 = 0
    var value: UInt64 = 0
  }

  /// Thread of events without a thread number.
  static let noThread = UInt64.max

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions)
  }

  // MARK: memory_region_ops_*

  @inline(__always)
  mutating func handle(
    _ access: MemoryAccess, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    if !pairing.isEmpty, !isHalf(access, bytes) { settle(&builder) }
    let (kind, name) = try classify(access, bytes)
    switch kind {
    case .interruptMessages:
      counters[.interruptMessage] += 1
      return
    case .interruptFrame where access.isWrite && access.address & 0xfff == 0x40:
      counters[.interruptMessage] += 1
      return
    case _ where access.cpu < 0:
      counters[.deviceAccess] += 1
      return
    case .ecam, .configAddressPort, .configDataPort:
      learnThread(access)
      return handleConfigWindow(access, kind, &builder)
    default: break
    }
    learnThread(access)
    let window = resolver.windows.region(at: access.address)
    if window == nil, access.address < 0x1_0000 {
      counters[.portAccess] += 1
      return
    }
    guard let region = window ?? region(access, kind, name) else {
      throw LineFault(.outOfRange, at: access.name.lowerBound, "a number of regions below 65520")
    }
    append(access, region, &builder)
  }

  @inline(__always)
  mutating func learnThread(_ access: MemoryAccess) {
    guard let thread = prefix.thread else { return }
    if threads.learn(thread, UInt16(truncatingIfNeeded: access.cpu)) {
      counters[.threadRenumbered] += 1
    }
  }

  /// What the name, or without one the address, says; and the name's number.
  @inline(__always)
  mutating func classify(
    _ access: MemoryAccess, _ bytes: Span<UInt8>
  ) throws(LineFault) -> (RegionName, Int) {
    guard !access.name.isEmpty else {
      return (RegionName(address: access.address, size: access.size), -1)
    }
    guard let name = regionNames.index(of: access.name, in: bytes) else {
      throw LineFault(.outOfRange, at: access.name.lowerBound, "at most 4096 region names")
    }
    if name == nameKinds.count { nameKinds.append(RegionName(regionNames.text(name))) }
    return (nameKinds[name], name)
  }

  /// The region of an access outside every known window.
  mutating func region(
    _ access: MemoryAccess, _ kind: RegionName, _ name: Int
  ) -> RegionID? {
    guard name >= 0 else { return resolver.region(at: access.address, &counters) }
    // Where the log tells the BARs, what lies outside them belongs to the machine.
    let isBAR = kind == .device && !resolver.hasBARs
    return resolver.region(
      named: name, owner: access.memoryRegion, address: access.address, size: access.size,
      &counters
    ) {
      Region(
        name: regionNames.text(name), base: 0, size: 0, kind: isBAR ? .bar : .platform,
        origin: .capture)
    }
  }

  @inline(__always)
  mutating func append(
    _ access: MemoryAccess, _ region: RegionID, _ builder: inout BlockAppender
  ) {
    seen.memoryRecords = true
    seen.barRecords = seen.barRecords || resolver.kinds[region.index] == .bar
    note(isVFIO: false, isWrite: access.isWrite, access.size, access.value)
    push(
      isWrite: access.isWrite, access.address, access.size, access.value,
      vcpu: UInt16(truncatingIfNeeded: access.cpu), region, &builder)
  }

  /// Looks for an access that both layers log: the memory region's event comes before the device's
  /// for a write, behind it for a read (QEMU system/memory.c, hw/vfio/region.c).
  @inline(__always)
  private mutating func note(isVFIO: Bool, isWrite: Bool, _ size: UInt8, _ value: UInt64) {
    if isVFIO == isWrite, last.isVFIO != isVFIO, last.isWrite == isWrite, last.size == size,
      last.value == value
    {
      counters[.accessTwice] += 1
    }
    last = LastAccess(isVFIO: isVFIO, isWrite: isWrite, size: size, value: value)
  }

  @inline(__always)
  mutating func push(
    isWrite: Bool, _ address: UInt64, _ size: UInt8, _ value: UInt64, vcpu: UInt16,
    _ region: RegionID, _ builder: inout BlockAppender
  ) {
    countWide(value, size)
    seen.untimed = seen.untimed || prefix.time == nil
    let isECAM = resolver.kinds[region.index] == .ecam
    builder.append(
      RecordClass(
        isWrite ? .store : .load, size: size, vcpu: vcpu, region: region,
        columns: isECAM ? [.configValue] : []),
      address: address, time: prefix.time, value: value, line: line)
  }

  /// All ones are what QEMU answers where nothing does, whatever the size.
  @inline(__always)
  mutating func countWide(_ value: UInt64, _ size: UInt8) {
    if size < 8, value >> UInt64(8 * size) != 0, value != .max, value != 0xffff_ffff {
      counters[.wideValue] += 1
    }
  }

  // MARK: vfio_region_*

  @inline(__always)
  mutating func handle(
    _ access: VFIOAccess, isWrite: Bool, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    settle(&builder)
    let index = try place(
      access.place, access.place.lowerBound..<access.deviceEnd, access.number, bytes)
    let known = layout.address(index, offset: access.offset, size: access.size, &resolver)
    guard let found = known ?? elsewhere(index, access) else {
      throw LineFault(.outOfRange, at: access.place.upperBound, "an access inside the region")
    }
    seen.vfioRecords = true
    seen.barRecords = seen.barRecords || resolver.kinds[found.region.index] == .bar
    note(isVFIO: true, isWrite: isWrite, access.size, access.value)
    push(
      isWrite: isWrite, found.address, access.size, access.value,
      vcpu: threads.vcpu(prefix.thread), found.region, &builder)
  }

  /// The place of an access that the layout has no window for.
  @inline(never)
  private mutating func elsewhere(
    _ index: Int, _ access: VFIOAccess
  ) -> (address: UInt64, region: RegionID)? {
    guard
      let address = layout.addressElsewhere(index, offset: access.offset, size: access.size),
      let region = resolver.otherRegion()
    else { return nil }
    let isAcross =
      access.offset % VFIOLayout.windowSize + UInt64(access.size)
      > VFIOLayout.windowSize
    counters[isAcross ? .acrossWindows : .otherWindow] += 1
    return (address, region)
  }

  /// The number of a device's region.
  @inline(__always)
  mutating func place(
    _ place: Range<Int>, _ device: Range<Int>, _ number: Int, _ bytes: Span<UInt8>
  ) throws(LineFault) -> Int {
    guard let index = places.index(of: place, in: bytes) else {
      throw LineFault(.outOfRange, at: place.lowerBound, "at most 4096 regions of VFIO devices")
    }
    if index == places.count - 1, index == layout.count {
      layout.add(device: bytes.text(device), number: number, resolver)
    }
    return index
  }

  mutating func handle(
    _ setup: RegionSetup, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    let device = bytes.text(setup.device)
    let key = Array((device + ":region\(setup.number)").utf8)
    guard let index = places.index(of: 0..<key.count, in: key.span) else {
      throw LineFault(
        .outOfRange, at: setup.device.lowerBound, "at most 4096 regions of VFIO devices")
    }
    if index == layout.count { layout.add(device: device, number: setup.number, resolver) }
    layout.describe(index, size: setup.size, isMappable: setup.isMappable, &resolver)
  }
}
