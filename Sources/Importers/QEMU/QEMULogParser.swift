import TraceCore

/// Parses the log of QEMU's `log` trace back end.
///
/// What becomes a record: `memory_region_ops_*` of a vCPU outside port I/O and interrupt messages,
/// `vfio_region_*`, config accesses of either kind, and resets that took place. Everything else
/// is counted.
struct QEMULogParser: TextParser {
  let context: TraceContext
  var counters = ImportCounters()
  private var resolver: RegionResolver
  private var events = QEMUEventTable()
  private var threads = ThreadNumbers()
  private var pairing = ConfigPairing()
  private var layout = VFIOLayout()
  /// `0000:04:00.0:region0` and the like; numbers are those of ``layout``.
  private var places = NameTable(limit: 4096)
  private var regionNames = NameTable(limit: 4096)
  private var nameKinds: [RegionName] = []
  /// What was last written to the address port of config mechanism #1.
  private var configAddress: UInt64?
  /// Stamp of the line that is parsed.
  private var prefix = QEMUPrefix()
  private var line: UInt64 = 0
  private var seen = Seen()

  /// What the log has shown so far, for the list of what it cannot show.
  private struct Seen {
    var memoryRecords = false
    var vfioRecords = false
    var barRecords = false
    var configRecords = false
    var ramDevice = false
    var untimed = false
  }

  /// Thread of events without a thread number.
  private static let noThread = UInt64.max

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions)
  }

  mutating func parse(
    _ line: Line, in bytes: Span<UInt8>, into builder: inout BlockAppender
  ) throws(LineFault) {
    var cursor = TextCursor(line.start, end: line.end)
    let first = cursor.peek(bytes)
    if first == 0x20 || first == 0x09 || line.start == line.end {
      counters[line.start == line.end ? .blankLine : .continuationLine] += 1
      return
    }
    guard let prefix = try QEMUPrefix.parse(&cursor, bytes) else {
      return try countUnknown(line, bytes)
    }
    self.prefix = prefix
    self.line = line.number
    let name = cursor.token(bytes)
    guard let event = events.event(name, bytes) else {
      guard isEventName(name, bytes) else { return try countUnknown(line, bytes) }
      return events.countOther(name, bytes)
    }
    try parse(event, &cursor, bytes, &builder)
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool {
    guard let half = pairing.takeOldest() else { return false }
    appendUnpaired(half, &builder)
    return true
  }

  @inline(__always)
  private mutating func parse(
    _ event: QEMUEvent, _ cursor: inout TextCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    switch event {
    case .opsRead, .opsWrite:
      let access = try cursor.memoryAccess(isWrite: event == .opsWrite, bytes)
      try handle(access, bytes, &builder)
    case .regionRead, .regionWrite:
      let access = try cursor.vfioAccess(isWrite: event == .regionWrite, bytes)
      try handle(access, isWrite: event == .regionWrite, bytes, &builder)
    case .vfioConfigRead, .vfioConfigWrite:
      let access = try cursor.vfioConfig(isWrite: event == .vfioConfigWrite, bytes)
      settle(&builder)
      append(
        access, vcpu: threads.vcpu(prefix.thread), time: prefix.time, line: line,
        region: resolver.vfioConfigRegion(), &builder)
    case .configRead, .configWrite:
      let access = try cursor.decodedConfig(isWrite: event == .configWrite, bytes)
      handleDecoded(access, &builder)
    default:
      try parseOther(event, &cursor, bytes, &builder)
    }
  }

  @inline(never)
  private mutating func parseOther(
    _ event: QEMUEvent, _ cursor: inout TextCursor, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) throws(LineFault) {
    switch event {
    case .mappingsAdd: handle(try cursor.barMapping(bytes), isMapped: true)
    case .mappingsDelete: handle(try cursor.barMapping(bytes), isMapped: false)
    case .regionSetup:
      try handle(try cursor.regionSetup(bytes), bytes)
    case .resetFLR: try appendReset("flr", &cursor, bytes, &builder)
    case .resetPM: try appendReset("pm", &cursor, bytes, &builder)
    case .hotResetResult: try handleHotReset(&cursor, bytes, &builder)
    case .reset, .hotReset: counters[.resetAttempt] += 1
    case .subpageRead, .subpageWrite: counters[.subpageAccess] += 1
    case .ramDeviceRead, .ramDeviceWrite:
      counters[.ramDeviceAccess] += 1
      seen.ramDevice = true
    case .opsRead, .opsWrite, .regionRead, .regionWrite, .vfioConfigRead, .vfioConfigWrite,
      .configRead, .configWrite:
      break
    }
  }

  // MARK: Other lines

  /// Lower-case letters, digits and underscores, at least one of these.
  private func isEventName(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    var hasUnderscore = false
    for index in range {
      switch bytes[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
      case UInt8(ascii: "_"): hasUnderscore = true
      default: return false
      }
    }
    return hasUnderscore && range.count <= 64
  }

  /// A line of another kind; one that holds an event all the same has lost its start.
  @inline(never)
  private mutating func countUnknown(
    _ line: Line, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    for event in QEMUEvent.allCases {
      for start in line.start..<line.end where holds(event, at: start, line, bytes) {
        throw LineFault(at: line.start, "a time stamp or nothing in front of the event")
      }
    }
    counters[.unknownLine] += 1
  }

  private func holds(
    _ event: QEMUEvent, at start: Int, _ line: Line, _ bytes: Span<UInt8>
  ) -> Bool {
    var cursor = TextCursor(start, end: line.end)
    guard cursor.skip(event.name, bytes), cursor.peek(bytes) == 0x20 else { return false }
    cursor.skipBlanks(bytes)
    return cursor.skip("cpu ", bytes) || cursor.skip("(", bytes)
      || bytes.first(UInt8(ascii: "@"), from: cursor.position, to: line.end) != nil
  }

  // MARK: memory_region_ops_*

  @inline(__always)
  private mutating func handle(
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
  private mutating func learnThread(_ access: MemoryAccess) {
    guard let thread = prefix.thread else { return }
    if threads.learn(thread, UInt16(truncatingIfNeeded: access.cpu)) {
      counters[.threadRenumbered] += 1
    }
  }

  /// What the name, or without one the address, says; and the name's number.
  @inline(__always)
  private mutating func classify(
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
  private mutating func region(
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
  private mutating func append(
    _ access: MemoryAccess, _ region: RegionID, _ builder: inout BlockAppender
  ) {
    seen.memoryRecords = true
    seen.barRecords = seen.barRecords || resolver.kinds[region.index] == .bar
    push(
      isWrite: access.isWrite, access.address, access.size, access.value,
      vcpu: UInt16(truncatingIfNeeded: access.cpu), region, &builder)
  }

  @inline(__always)
  private mutating func push(
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
  private mutating func countWide(_ value: UInt64, _ size: UInt8) {
    if size < 8, value >> UInt64(8 * size) != 0, value != .max, value != 0xffff_ffff {
      counters[.wideValue] += 1
    }
  }

  // MARK: vfio_region_*

  @inline(__always)
  private mutating func handle(
    _ access: VFIOAccess, isWrite: Bool, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    settle(&builder)
    let index = try place(
      access.place, access.place.lowerBound..<access.deviceEnd, access.number, bytes)
    let found = layout.address(
      index, offset: access.offset, size: access.size, &resolver)
    guard let found else {
      throw LineFault(
        .outOfRange, at: access.place.upperBound,
        "an access inside the region (inside 1 MiB windows, where its size is not known)")
    }
    seen.vfioRecords = true
    seen.barRecords = seen.barRecords || resolver.kinds[found.region.index] == .bar
    push(
      isWrite: isWrite, found.address, access.size, access.value,
      vcpu: threads.vcpu(prefix.thread), found.region, &builder)
  }

  /// The number of a device's region.
  @inline(__always)
  private mutating func place(
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

  private mutating func handle(
    _ setup: RegionSetup, _ bytes: Span<UInt8>
  ) throws(LineFault) {
    let device = bytes.text(setup.device)
    let key = Array((device + ":region\(setup.number)").utf8)
    guard let index = places.index(of: 0..<key.count, in: key.span) else {
      throw LineFault(
        .outOfRange, at: setup.device.lowerBound, "at most 4096 regions of VFIO devices")
    }
    if index == layout.count { layout.add(device: device, number: setup.number, resolver) }
    layout.describe(index, size: setup.size, isMappable: setup.isMappable)
  }

  // MARK: Config accesses

  private var thread: UInt64 { prefix.thread ?? Self.noThread }

  /// An access may be the other half of what waits; then it must not be settled before.
  private func isHalf(_ access: MemoryAccess, _ bytes: Span<UInt8>) -> Bool {
    guard !access.isWrite, access.cpu >= 0 else { return false }
    var name = TextCursor(access.name.lowerBound, end: access.name.upperBound)
    return access.name.isEmpty || name.skip("pci", bytes)
  }

  /// Appends what waits in this thread: its other half did not come.
  @inline(__always)
  private mutating func settle(_ builder: inout BlockAppender) {
    guard !pairing.isEmpty, let half = pairing.take(thread) else { return }
    appendUnpaired(half, &builder)
  }

  /// The ECAM window or the ports of config mechanism #1.
  private mutating func handleConfigWindow(
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
      counters[.portAccess] += 1
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
  private func half(_ access: MemoryAccess, isECAM: Bool) -> ConfigPairing.Half? {
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

  private mutating func handleDecoded(_ access: ConfigAccess, _ builder: inout BlockAppender) {
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

  private mutating func hold(_ half: ConfigPairing.Half, _ builder: inout BlockAppender) {
    if let oldest = pairing.hold(half) { appendUnpaired(oldest, &builder) }
  }

  private mutating func appendPair(
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
  private mutating func appendUnpaired(_ half: ConfigPairing.Half, _ builder: inout BlockAppender) {
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

  private mutating func append(_ half: ConfigPairing.Half, _ builder: inout BlockAppender) {
    guard let function = half.function else { return }
    let access = ConfigAccess(
      isWrite: half.isWrite, function: function, hasBus: true, register: half.register,
      value: half.value, size: half.size)
    let vcpu = half.vcpu ?? threads.vcpu(half.thread == Self.noThread ? nil : half.thread)
    append(access, vcpu: vcpu, time: half.time, line: half.line, &builder)
  }

  private mutating func append(
    _ access: ConfigAccess, vcpu: UInt16, _ builder: inout BlockAppender
  ) {
    append(access, vcpu: vcpu, time: prefix.time, line: line, &builder)
  }

  private mutating func append(
    _ access: ConfigAccess, vcpu: UInt16, time: UInt64?, line: UInt64,
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

  // MARK: BARs and resets

  private mutating func handle(_ mapping: BARMapping, isMapped: Bool) {
    guard mapping.base >= 0x1_0000 else {
      counters[.lowBAR] += isMapped ? 1 : 0
      return
    }
    if isMapped {
      resolver.mapBAR(
        mapping.function, mapping.bar, base: mapping.base, size: mapping.size, &counters)
    } else {
      resolver.unmapBAR(mapping.function, mapping.bar, base: mapping.base, size: mapping.size)
    }
  }

  private mutating func handleHotReset(
    _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    guard bytes.text(cursor.position..<cursor.end).hasSuffix(": Success") else {
      counters[.failedHotReset] += 1
      return
    }
    try appendReset("hot", &cursor, bytes, &builder)
  }

  /// A reset that took place; a device that is no PCI function gives a record without one.
  private mutating func appendReset(
    _ kind: String, _ cursor: inout TextCursor, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    cursor.skipBlanks(bytes)
    let device = cursor.token(bytes)
    guard !device.isEmpty else { throw LineFault(at: device.lowerBound, "a device's name") }
    settle(&builder)
    seen.untimed = seen.untimed || prefix.time == nil
    builder.append(
      RecordClass(
        .reset, vcpu: threads.vcpu(prefix.thread), region: resolver.vfioConfigRegion(),
        function: PCIFunction(bytes.text(device)), text: context.intern(kind)),
      time: prefix.time, line: line)
  }

  // MARK: The end

  mutating func conclude() {
    for other in events.takeOthers() {
      let name = other.name.map { "other_event_" + $0 } ?? "other_events"
      context.counters.add(
        name, other.count, meaning: "events that are no access, config access, mapping or reset")
    }
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    context.blindSpots += [
      "QEMU's log holds no barriers: whether stores may gather across one is an assumption.",
      "QEMU's log holds no stage-1 attributes and no code addresses.",
    ]
    if seen.memoryRecords {
      context.blindSpots.append(
        "Sizes of memory_region_ops_* are those of the device's callback: QEMU has split or "
          + "widened the guest's accesses before.")
    }
    if seen.vfioRecords {
      context.blindSpots.append(
        "vfio_* events name no vCPU: numbers stand for host threads in order of first appearance, "
          + "QEMU's own included.")
    }
    concludeBARs()
    if seen.untimed { context.blindSpots.append("Some or all records have no time stamp.") }
  }

  private func concludeBARs() {
    if seen.configRecords, !seen.barRecords {
      context.blindSpots.append(
        "Config accesses but no BAR access: a BAR that is mapped into the guest never traps, so "
          + "its accesses are not in the log (VFIO: use x-no-mmap=on).")
    }
    if seen.ramDevice, !seen.memoryRecords {
      context.blindSpots.append(
        "memory_region_ram_device_* events are left out as repetitions, but the log has no "
          + "memory_region_ops_* events that they repeat.")
    }
  }
}

extension Span<UInt8> {
  /// Text of a range; bytes that are no UTF-8 are replaced.
  func text(_ range: Range<Int>) -> String {
    var bytes: [UInt8] = []
    for index in range { bytes.append(self[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
