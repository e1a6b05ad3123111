import ArmMemory
import Hazards
import Results
import TraceCore

extension Engine {
  // MARK: Gathering types

  /// A run of stores to Normal-NC or Device-GRE: a whole line at a time where nothing can come in
  /// between, else one by one.
  @inline(__always)
  mutating func gatheringStores(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let size = entry.size
    guard entry.traits.contains(.takesWholeRuns), !entry.isMisaligned(address) else {
      let first = record
      for offset in 0..<count {
        record = first + UInt64(offset)
        time = times[index + offset]
        gatheringStore(entry, address + UInt64(offset * size))
      }
      return
    }
    if needsAccessorBarrier(entry.vcpu, address, size, count) { accessorBarrier(entry.vcpu) }
    if hazards.isWatching { watch(entry, count, times, index) }
    if entry.traits.contains(.mayAlias) { meetAlias(entry, address, count) }
    countStores(entry, count, gather: true)
    // Before its lines leave, as one by one.
    remember(entry, address, count, times, index)
    gatherRun(entry, address, count, times, index)
    let last = record &+ UInt64(truncatingIfNeeded: count &- 1)
    guard remembersAccesses else { return }
    if entry.isDevice { rememberGRE(entry, address + UInt64((count - 1) * size), last) }
    if order.gathered(entry.vcpu, entry.function, record: last, isRelease: entry.release) {
      lookForOvertaken(entry)
    }
  }

  /// Of the types that gather only GRE is Device; loads of Normal types are not looked at.
  private mutating func rememberGRE(_ entry: ResolvedClass, _ address: UInt64, _ record: UInt64) {
    order.storedGRE(
      entry.vcpu, entry.function,
      OrderTracker.GREStore(record: record, address: address, size: entry.size))
  }

  /// Whether gathering stores, the first one being the present record, overtake a Device store.
  @inline(never)
  private mutating func lookForOvertaken(_ entry: ResolvedClass) {
    guard let control = order.overtakenDevice(entry.vcpu, entry.function) else { return }
    log.add(
      .gatheredStoreUnordered,
      Incident(record: record, region: entry.region, vcpu: entry.vcpuName, first: control))
  }

  /// Remembers the last store of a run, and the first where it may still be under way when the last
  /// is not, for a reset that may come.
  @inline(__always)
  private mutating func remember(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    guard remembersAccesses else { return }
    let last = count &- 1
    if last > 0, entry.isReordered {
      hazards.resets.marks.stored(entry, address, record: record, time: times[index])
    }
    hazards.resets.marks.stored(
      entry, address &+ UInt64(truncatingIfNeeded: last &* entry.size),
      record: record &+ UInt64(truncatingIfNeeded: last), time: times[index &+ last])
  }

  @inline(__always)
  private mutating func countStores(_ entry: ResolvedClass, _ count: Int, gather: Bool) {
    counters[entry.region].addStores(
      UInt64(truncatingIfNeeded: count), bytes: UInt64(truncatingIfNeeded: count &* entry.size),
      gather: gather)
  }

  /// Merges contiguous aligned stores of a power-of-two size, line by line.
  ///
  /// The driver has seen to it that no run reaches the end of the address space, so the sums of
  /// addresses and indices do not overflow.
  @inline(__always)
  private mutating func gatherRun(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let first = record
    let bytes = count &* entry.size
    let shift = entry.size.trailingZeroBitCount
    var done = 0
    while done < bytes {
      let start = address &+ UInt64(truncatingIfNeeded: done)
      let offset = Int(truncatingIfNeeded: start) & (cpu.lineBytes &- 1)
      let inLine = min(bytes &- done, cpu.lineBytes &- offset)
      let stored = done &>> shift
      record = first &+ UInt64(truncatingIfNeeded: stored)
      time = times[index &+ stored]
      if offset == 0, bytes &- done >= 2 &* cpu.lineBytes {
        let whole = (bytes &- done) & ~(cpu.lineBytes &- 1)
        if fillLines(entry, start, whole) {
          done &+= whole
          if remembersAccesses {
            let opener = (done &- cpu.lineBytes) &>> shift
            hazards.resets.marks.filled(
              entry, address &+ UInt64(truncatingIfNeeded: done &- cpu.lineBytes), cpu.lineBytes,
              record: first &+ UInt64(truncatingIfNeeded: opener), time: times[index &+ opener])
          }
          continue
        }
      }
      mergeRun(entry, start, offset, inLine, times, index &+ stored)
      done &+= inLine
    }
    record = first
  }

  /// Fills lines that no store is pending in; each leaves when the next one is opened.
  ///
  /// - Returns: Whether it could be done at once.
  @inline(__always)
  private mutating func fillLines(_ entry: ResolvedClass, _ start: UInt64, _ bytes: Int) -> Bool {
    let last = start &+ UInt64(truncatingIfNeeded: bytes &- 1)
    // Below and above 4 GiB headers differ.
    guard (start >> 32 == 0) == (last >> 32 == 0),
      !gather.hasLine(from: start, through: last, vcpu: entry.vcpu)
    else { return false }
    let slot = openLine(start, entry)
    var step = step(.lineRun, entry.vcpu, entry.region)
    step.slot = gather[slot].buffer
    gather.close(slot, vcpu: entry.vcpu)
    let lines = UInt64(truncatingIfNeeded: bytes / cpu.lineBytes)
    let dwords = cpu.lineBytes / 4
    let cost = wire.write(address: start, dwords: dwords, partial: false)
    counters.addFlush(.full, bytes: cpu.lineBytes, times: lines, region: entry.region)
    counters.addWrite(
      payload: cpu.lineBytes, dwords: dwords, wire: cost, times: lines, region: entry.region)
    let shift = entry.size.trailingZeroBitCount
    step.count = UInt32(truncatingIfNeeded: bytes &>> shift)
    step.completions = UInt8(truncatingIfNeeded: cpu.lineBytes &>> shift)
    step.bytes = UInt16(truncatingIfNeeded: cost)
    step.units = UInt16(truncatingIfNeeded: (dwords &+ 3) &>> 2)
    steps.append(step)
    return true
  }

  /// Merges the stores of a run that lie in one line.
  @inline(__always)
  private mutating func mergeRun(
    _ entry: ResolvedClass, _ start: UInt64, _ offset: Int, _ bytes: Int, _ times: Span<UInt64>,
    _ index: Int
  ) {
    let line = start &- UInt64(truncatingIfNeeded: offset)
    let count = bytes &>> entry.size.trailingZeroBitCount
    var slot = gather.find(line: line, vcpu: entry.vcpu)
    let opens = slot < 0
    if opens {
      slot = openLine(line, entry)
    } else if gather[slot].mask >> UInt128(truncatingIfNeeded: offset) != 0 {
      // Bytes further up are pending: the line may fill before the run reaches its end.
      placeEach(entry, start, count, times, index)
      return
    }
    issue(entry, slot, opens: opens, count)
    record &+= UInt64(truncatingIfNeeded: count &- 1)
    _ = gather.merge(byteRange(offset, bytes), count: bytes, into: slot, record: record)
    if gather.isFull(slot) { flush(slot, entry.vcpu, .full) }
  }

  /// Merges stores of a run one by one.
  private mutating func placeEach(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let first = record
    for step in 0..<count {
      record = first + UInt64(step)
      time = times[index + step]
      place(entry, address + UInt64(step * entry.size), entry.size)
    }
  }

  /// Stores of the present record and those behind it go into a line.
  @inline(__always)
  private mutating func issue(_ entry: ResolvedClass, _ slot: Int, opens: Bool, _ count: Int) {
    var step = step(.store, entry.vcpu, entry.region)
    if opens { step.flags = .opens }
    step.count = UInt32(truncatingIfNeeded: count)
    step.slot = gather[slot].buffer
    steps.append(step)
  }

  /// One store to a gathering type, with everything that may happen before it.
  private mutating func gatheringStore(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    begin(vcpu)
    if needsAccessorBarrier(vcpu, address, entry.size, 1) { accessorBarrier(vcpu) }
    guard !faults(entry, address) else { return }
    if hazards.isWatching { watch(entry, isStore: true) }
    countStores(entry, 1, gather: true)
    if entry.release { release(vcpu, entry.function, isDevice: false) }
    if entry.traits.contains(.mayAlias) { meetAlias(entry, address, 1) }
    if remembersAccesses {
      hazards.resets.marks.stored(entry, address, record: record, time: time)
    }
    if entry.single64 {
      singleCopyStore(entry, address)
    } else {
      placePieces(entry, address)
    }
    guard remembersAccesses else { return }
    if entry.isDevice { rememberGRE(entry, address, record) }
    if order.gathered(vcpu, entry.function, record: record, isRelease: entry.release) {
      lookForOvertaken(entry)
    }
  }

  /// Cuts a store at line boundaries, low part first.
  private mutating func placePieces(_ entry: ResolvedClass, _ address: UInt64) {
    let lineBytes = UInt64(cpu.lineBytes)
    var start = address
    var left = entry.size
    while left > 0 {
      let inLine = min(left, Int(lineBytes - (start & (lineBytes - 1))))
      place(entry, start, inLine)
      start &+= UInt64(inLine)
      left -= inLine
    }
  }

  /// Merges one piece, which lies inside one line.
  private mutating func place(_ entry: ResolvedClass, _ address: UInt64, _ size: Int) {
    let line = address & ~(UInt64(cpu.lineBytes) - 1)
    let offset = Int(address - line)
    var slot = gather.find(line: line, vcpu: entry.vcpu)
    let opens = slot < 0
    if opens { slot = openLine(line, entry) }
    let pending = gather[slot].mask
    let overwritten = gather.merge(
      byteRange(offset, size), count: size, into: slot, record: record)
    if overwritten > 0 { collapsed(entry, line, pending & byteRange(offset, size)) }
    if path != nil { logMerge(entry, line, offset, size) }
    issue(entry, slot, opens: opens, 1)
    if gather.isFull(slot) { flush(slot, entry.vcpu, .full) }
  }

  /// Opens a line, after making room for it.
  @inline(__always)
  private mutating func openLine(_ line: UInt64, _ entry: ResolvedClass) -> Int {
    let vcpu = entry.vcpu
    forks.opens(beside: gather.count(vcpu))
    if cpu.singleStream { flushAll(vcpu, .stream) }
    if gather.count(vcpu) == gather.capacity { flush(gather.victim(vcpu), vcpu, .capacity) }
    return gather.open(
      line: line, vcpu: vcpu, region: entry.region,
      by: GatherBuffers.Opening(record: record, time: time, type: entry.type))
  }

  /// Bytes of a line were pending and are written again.
  private mutating func collapsed(_ entry: ResolvedClass, _ line: UInt64, _ bytes: UInt128) {
    let count = UInt64(bytes.nonzeroBitCount)
    counters[entry.region].collapsedBytes += count
    let hasSideEffect =
      entry.traits.contains(.hasSideEffects)
      && bytes.runs.contains { run in
        hazards.hasSideEffect(entry.region, line &+ UInt64(run.lowerBound), run.count)
      }
    log.add(
      .collapse,
      Incident(
        record: record, region: entry.region, vcpu: entry.vcpuName, first: count,
        second: hasSideEffect ? 1 : 0))
  }

  /// ST64B: pending bytes of its lines leave, then 64 bytes as one access.
  private mutating func singleCopyStore(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    flushLines(vcpu, from: address, 64, .singleCopy)
    counters[entry.region].directWrites += 1
    if path != nil { logAccess(.write, entry, address, 64) }
    steps.append(step(.store, vcpu, entry.region))
    sendWhole(address, 64, Sending(step(.write, vcpu, entry.region), ends: .endsSingle))
  }

  // MARK: Device types that do not gather

  /// A run of stores to nGnRnE, nGnRE or nGRE: every piece is a bus access of its own.
  @inline(__always)
  mutating func deviceStores(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let last = address &+ UInt64(truncatingIfNeeded: (count &- 1) &* entry.size)
    // Below and above 4 GiB headers differ.
    guard entry.traits.contains(.takesWholeRuns), !entry.isMisaligned(address),
      (address >> 32 == 0) == (last >> 32 == 0)
    else {
      let first = record
      for offset in 0..<count {
        record = first + UInt64(offset)
        time = times[index + offset]
        deviceStore(entry, address + UInt64(offset * entry.size))
      }
      return
    }
    if needsAccessorBarrier(entry.vcpu, address, entry.size, count) {
      accessorBarrier(entry.vcpu)
    }
    beforeDeviceStore(entry, count)
    if hazards.isWatching { watch(entry, count, times, index) }
    if entry.traits.contains(.mayAlias) { meetAlias(entry, address, count) }
    countStores(entry, count, gather: false)
    remember(entry, address, count, times, index)
    counters[entry.region].directWrites += UInt64(truncatingIfNeeded: count)
    alignedPieces(entry, address, count)
  }

  /// Aligned pieces of up to 8 bytes leave as one TLP each under every split.
  @inline(__always)
  private mutating func alignedPieces(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int
  ) {
    let dwords = entry.size <= 4 ? 1 : 2
    let cost = wire.write(address: address, dwords: dwords, partial: entry.size < 4)
    counters.addWrite(
      payload: entry.size, dwords: dwords, wire: cost,
      times: UInt64(truncatingIfNeeded: count), region: entry.region)
    var step = step(.deviceRun, entry.vcpu, entry.region)
    if entry.isStrict { step.flags = .strict }
    step.bytes = UInt16(truncatingIfNeeded: cost)
    step.count = UInt32(truncatingIfNeeded: count)
    steps.append(step)
  }

  /// One store to a Device type that does not gather, with everything that may happen before it.
  private mutating func deviceStore(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    begin(vcpu)
    if needsAccessorBarrier(vcpu, address, entry.size, 1) { accessorBarrier(vcpu) }
    guard !faults(entry, address) else { return }
    beforeDeviceStore(entry, 1)
    if entry.single64 { flushLines(vcpu, from: address, 64, .singleCopy) }
    if hazards.isWatching { watch(entry, isStore: true) }
    if entry.traits.contains(.mayAlias) { meetAlias(entry, address, 1) }
    countStores(entry, 1, gather: false)
    if remembersAccesses {
      hazards.resets.marks.stored(entry, address, record: record, time: time)
    }
    var start = address
    var left = entry.size
    while left > 0 {
      let piece = entry.single64 ? left : min(left, cpu.deviceBusBytes)
      devicePiece(entry, start, piece)
      start &+= UInt64(piece)
      left -= piece
    }
  }

  /// What Device stores do to gathered lines, what they may overtake and be overtaken by.
  @inline(__always)
  private mutating func beforeDeviceStore(_ entry: ResolvedClass, _ count: Int) {
    let vcpu = entry.vcpu
    if entry.release { release(vcpu, entry.function, isDevice: true) }
    if gather.count(vcpu) > 0 { forks.touched.insert(.deviceOverOpen) }
    guard !cpu.deviceDrainsNC else {
      flushAll(vcpu, .device)
      return
    }
    guard remembersAccesses else { return }
    let overtaken = order.deviceStored(
      vcpu, entry.function, last: record &+ UInt64(truncatingIfNeeded: count &- 1),
      keepsOrder: !entry.isReordered, isRelease: entry.release)
    if let overtaken {
      log.add(
        .deviceStoreUnordered,
        Incident(record: record, region: entry.region, vcpu: entry.vcpuName, first: overtaken))
    }
  }

  private mutating func devicePiece(_ entry: ResolvedClass, _ address: UInt64, _ size: Int) {
    let strict: TimeStep.Flags = entry.isStrict ? .strict : []
    counters[entry.region].directWrites += 1
    if path != nil { logAccess(.write, entry, address, size) }
    var store = step(.deviceStore, entry.vcpu, entry.region)
    store.flags = strict
    steps.append(store)
    var write = step(.write, entry.vcpu, entry.region)
    write.flags = strict.union(.ofDevice)
    let sending = Sending(write, ends: .endsDevice)
    if entry.single64 {
      sendWhole(address, size, sending)
    } else {
      send(byteRange(0, size), at: address, block: 128, sending)
    }
  }
}

extension UInt128 {
  /// Runs of set bits, lowest first.
  var runs: [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    var rest = self
    while rest != 0 {
      let first = rest.trailingZeroBitCount
      let length = (~(rest >> UInt128(first))).trailingZeroBitCount
      runs.append(first...first + length - 1)
      rest &= ~byteRange(first, length)
    }
    return runs
  }
}

/// `count` bytes from `offset` on, as a mask; 1 or more, and within 128.
@inline(__always)
func byteRange(_ offset: Int, _ count: Int) -> UInt128 {
  guard offset &+ count > 64 else {
    let low = UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- count)
    return UInt128(low &<< UInt64(truncatingIfNeeded: offset))
  }
  return (UInt128.max &>> UInt128(truncatingIfNeeded: 128 &- count))
    &<< UInt128(truncatingIfNeeded: offset)
}
