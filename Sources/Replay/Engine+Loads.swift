import ArmMemory
import Hazards
import PCIeModel
import Results
import TraceCore

extension Engine {
  /// A run of loads.
  mutating func loads(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let first = record
    for offset in 0..<count {
      record = first &+ UInt64(truncatingIfNeeded: offset)
      time = times[index &+ offset]
      load(entry, address &+ UInt64(truncatingIfNeeded: offset &* entry.size))
    }
  }

  private mutating func load(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    begin(vcpu)
    bursts.interrupt(vcpu)
    guard !faults(entry, address) else { return }
    flushForLoad(entry, address)
    if remembersAccesses { look(at: entry, address) }
    if hazards.isWatching { watch(entry, isStore: false) }
    counters[entry.region].addLoad(bytes: UInt64(truncatingIfNeeded: entry.size))
    request(entry, address)
  }

  /// What rules ask of a load.
  @inline(__always)
  private mutating func look(at entry: ResolvedClass, _ address: UInt64) {
    if entry.isDevice { orderDeviceLoad(entry, address) }
    if !entry.traits.isDisjoint(with: .rareLoad) { lookAtRareLoad(entry, address) }
    if assumesLoadBarrier { orderLoads(entry.vcpu) }
    remember(entry, address)
  }

  /// Remembers a load for a reset that may come.
  @inline(__always)
  private mutating func remember(_ entry: ResolvedClass, _ address: UInt64) {
    let isDone = assumesLoadBarrier || entry.acquire
    hazards.resets.marks.loaded(entry, address, record: record, time: time, isDone: isDone)
    if isDone { loadReturned(entry) }
  }

  /// What a Device load may overtake, and what arrives before it.
  @inline(__always)
  private mutating func orderDeviceLoad(_ entry: ResolvedClass, _ address: UInt64) {
    let payload = order.deviceLoaded(
      entry.vcpu, entry.function, drains: cpu.deviceDrainsNC && entry.isDraining,
      keepsOrder: !entry.isReordered, isGRE: entry.type == .deviceGRE, isAcquire: entry.acquire)
    guard let payload, !isSameBytes(payload, entry, address) else { return }
    order.tellOfLoad(entry.vcpu, entry.function)
    log.add(
      .deviceLoadUnordered,
      Incident(record: record, region: entry.region, vcpu: entry.vcpuName, first: payload))
  }

  /// The store and the load are GRE and have bytes in common: coherence orders them.
  private func isSameBytes(
    _ payload: UInt64, _ entry: ResolvedClass, _ address: UInt64
  ) -> Bool {
    guard entry.type == .deviceGRE else { return false }
    let store = order.greStore(entry.vcpu, entry.function)
    return store.record == payload && store.isOverlapped(by: address, entry.size)
  }

  /// The DMB LD that an accessor such as readl has behind its load.
  @inline(__always)
  private mutating func orderLoads(_ vcpu: Int) {
    order.loadsOrdered(vcpu)
    if aliases.isUsed { aliases.barrier(vcpu, .ordersLoads, record: record &+ 1) }
  }

  private mutating func lookAtRareLoad(_ entry: ResolvedClass, _ address: UInt64) {
    if entry.acquire {
      order.acquired(entry.vcpu, entry.function, record: record)
      if aliases.isUsed { aliases.acquired(entry.vcpu, record: record) }
    }
    if entry.traits.contains(.hasSideEffects), !entry.isDevice {
      lookForSideEffects(entry, address)
    }
    if entry.traits.contains(.mayAlias) { meetAlias(entry, address, 1) }
  }

  /// A Normal load of a register with side effects, or of a line that holds one.
  private mutating func lookForSideEffects(_ entry: ResolvedClass, _ address: UInt64) {
    let (start, size) = span(of: entry, address)
    let isDirect = hazards.hasSideEffect(entry.region, address, entry.size)
    // Which bytes of a DW beside its own a load enables is left open; a whole line is read.
    let isBeside = cpu.ncLoad == .line && hazards.hasSideEffect(entry.region, start, size)
    guard isDirect || isBeside else { return }
    log.add(
      .sideEffectLoad,
      Incident(
        record: record, region: entry.region, vcpu: entry.vcpuName, first: 1,
        second: isDirect ? 0 : 1))
  }

  /// What a load does to gathered lines before it is issued.
  @inline(__always)
  mutating func flushForLoad(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    if !entry.isDevice { forks.touched.insert(.normalLoad) }
    guard gather.count(vcpu) > 0 else { return }
    forks.touched.formUnion([.loadOverOpen, .deviceOverOpen])
    let hit = flushLines(vcpu, from: address, entry.size, .read)
    if !hit, cpu.loadBreaksGather { flushAll(vcpu, .load) }
    if cpu.deviceDrainsNC, entry.isDraining { flushAll(vcpu, .device) }
  }

  /// Read requests and their completions.
  private mutating func request(_ entry: ResolvedClass, _ address: UInt64) {
    let flags: TimeStep.Flags = entry.isDevice ? .device : []
    var load = step(.load, entry.vcpu, entry.region)
    load.flags = flags
    steps.append(load)
    var (start, left) = span(of: entry, address)
    let bytes = stepBytes(of: entry)
    while left > 0 {
      let piece = min(left, bytes)
      if path != nil { logAccess(.read, entry, start, piece) }
      read(start, piece, entry, left == piece ? flags.union(.endsLoad) : flags)
      start &+= UInt64(piece)
      left -= piece
    }
  }

  /// The bytes that a load asks for: exactly its own on Device, whole DWs or lines on Normal.
  @inline(__always)
  private func span(of entry: ResolvedClass, _ address: UInt64) -> (UInt64, Int) {
    if entry.isDevice || entry.single64 { return (address, entry.size) }
    let unit = cpu.ncLoad == .line ? UInt64(cpu.lineBytes) : 4
    let low = address & ~(unit - 1)
    let high = (address + UInt64(entry.size - 1)) & ~(unit - 1)
    return (low, Int(high - low + unit))
  }

  /// Bytes of one bus read of the load.
  @inline(__always)
  private func stepBytes(of entry: ResolvedClass) -> Int {
    if entry.single64 { return entry.size }
    if entry.isDevice { return cpu.deviceBusBytes }
    return cpu.ncLoad == .line ? cpu.lineBytes : .max
  }

  /// One bus read: its requests and their completions.
  private mutating func read(
    _ address: UInt64, _ size: Int, _ entry: ResolvedClass, _ flags: TimeStep.Flags
  ) {
    let cost = wire.read(address: address, size: size)
    counters[entry.region].addRead(cost)
    var step = step(.read, entry.vcpu, entry.region)
    step.flags = flags
    step.setNonPosted(cost)
    steps.append(step)
  }
}

extension TimeStep {
  /// What requests and their completions put on the link.
  ///
  /// - Parameter cost: Their number and bytes.
  mutating func setNonPosted(_ cost: NonPostedCost) {
    bytes = UInt16(truncatingIfNeeded: cost.downBytes)
    count = UInt32(truncatingIfNeeded: cost.upBytes)
    slot = UInt8(truncatingIfNeeded: cost.requests)
    completions = UInt8(truncatingIfNeeded: cost.completions)
    units = UInt16(truncatingIfNeeded: cost.dataUnits)
  }
}
