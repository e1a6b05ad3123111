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
    let plain =
      !entry.release && !entry.single64 && accessors != .linuxWritel && cpu.drainAfterNs == nil
      && size & (size - 1) == 0 && size <= cpu.lineBytes && address & UInt64(size - 1) == 0
    guard plain else {
      let first = record
      for offset in 0..<count {
        record = first + UInt64(offset)
        time = times[index + offset]
        gatheringStore(entry, address + UInt64(offset * size))
      }
      return
    }
    if runsPaced { paced.reach(time, vcpu: entry.vcpu) }
    if needsAccessorBarrier(entry.vcpu, address, size, count) { accessorBarrier(entry.vcpu) }
    if hazards.isWatching { watch(entry, count, times, index) }
    counters.add(.stores, UInt64(count), region: entry.region)
    counters.add(.storeBytes, UInt64(count * size), region: entry.region)
    gatherRun(entry, address, count, times, index)
    order.gathered(entry.vcpu, entry.function, record: record + UInt64(count - 1))
  }

  /// Merges contiguous aligned stores of a power-of-two size, line by line.
  private mutating func gatherRun(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let size = entry.size
    let lineBytes = UInt64(cpu.lineBytes)
    let first = record
    var done = 0
    while done < count {
      let start = address + UInt64(done * size)
      let line = start & ~(lineBytes - 1)
      let offset = Int(start - line)
      let inLine = min(count - done, (cpu.lineBytes - offset) / size)
      let bytes = byteRange(offset, inLine * size)
      var slot = gather.find(line: line, vcpu: entry.vcpu)
      record = first + UInt64(done)
      time = times[index + done]
      if slot >= 0, gather.mask(slot) >> UInt128(offset) != 0 {
        // Bytes further up are pending: the line may fill before the run reaches its end.
        for step in 0..<inLine {
          record = first + UInt64(done + step)
          time = times[index + done + step]
          if runsPaced { paced.reach(time, vcpu: entry.vcpu) }
          place(entry, start + UInt64(step * size), size)
        }
      } else {
        if runsPaced { paced.reach(time, vcpu: entry.vcpu) }
        if slot < 0 { slot = openLine(line, entry) }
        _ = gather.merge(bytes, into: slot, record: first + UInt64(done + inLine - 1))
        issueRun(entry, times, index + done, inLine)
        if gather.mask(slot) == gather.fullMask { flush(slot, entry.vcpu, .full) }
      }
      done += inLine
    }
    record = first
  }

  @inline(__always)
  private mutating func issueRun(
    _ entry: ResolvedClass, _ times: Span<UInt64>, _ index: Int, _ count: Int
  ) {
    if runsSaturated {
      saturated.issueRun(times, from: index, count: count, vcpu: entry.vcpu, region: entry.region)
    }
    if runsPaced {
      paced.issueRun(times, from: index, count: count, vcpu: entry.vcpu, region: entry.region)
    }
  }

  /// One store to a gathering type, with everything that may happen before it.
  private mutating func gatheringStore(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    begin(vcpu)
    if needsAccessorBarrier(vcpu, address, entry.size, 1) { accessorBarrier(vcpu) }
    guard !faults(entry, address, times: 1) else { return }
    if hazards.isWatching { watch(entry) }
    counters.add(.stores, 1, region: entry.region)
    counters.add(.storeBytes, UInt64(entry.size), region: entry.region)
    if entry.release {
      flushAll(vcpu, .release)
      order.released(vcpu)
    }
    if entry.single64 {
      singleCopyStore(entry, address)
    } else {
      placePieces(entry, address)
    }
    order.gathered(vcpu, entry.function, record: record)
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
    if slot < 0 { slot = openLine(line, entry) }
    let overwritten = gather.merge(byteRange(offset, size), into: slot, record: record)
    if overwritten > 0 { collapsed(entry, address, size, overwritten) }
    if runsSaturated { saturated.issue(vcpu: entry.vcpu, region: entry.region) }
    if runsPaced { paced.issue(vcpu: entry.vcpu, region: entry.region) }
    if gather.mask(slot) == gather.fullMask { flush(slot, entry.vcpu, .full) }
  }

  /// Opens a line, after making room for it.
  @inline(__always)
  private mutating func openLine(_ line: UInt64, _ entry: ResolvedClass) -> Int {
    let vcpu = entry.vcpu
    if cpu.singleStream { flushAll(vcpu, .stream) }
    if gather.count(vcpu) == gather.capacity { flush(gather.victim(vcpu), vcpu, .capacity) }
    if runsSaturated { saturated.takeBuffer(vcpu: vcpu) }
    if runsPaced { paced.takeBuffer(vcpu: vcpu) }
    return gather.open(line: line, vcpu: vcpu, region: entry.region, time: time)
  }

  private mutating func collapsed(
    _ entry: ResolvedClass, _ address: UInt64, _ size: Int, _ bytes: Int
  ) {
    counters.add(.collapsedBytes, UInt64(bytes), region: entry.region)
    let sideEffect = entry.hasSideEffects && hazards.hasSideEffect(entry.region, address, size)
    log.add(
      .collapse,
      Incident(
        record: record, region: entry.region, vcpu: entry.vcpuName, first: UInt64(bytes),
        second: sideEffect ? 1 : 0))
  }

  /// ST64B: pending bytes of its lines leave, then 64 bytes as one access.
  private mutating func singleCopyStore(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    flushSingleCopyLines(entry, address)
    counters.add(.busWrites, 1, region: entry.region)
    if runsSaturated { saturated.issue(vcpu: vcpu, region: entry.region) }
    if runsPaced { paced.issue(vcpu: vcpu, region: entry.region) }
    let starts = sendWhole(address, 64, entry.region, vcpu)
    if runsSaturated { saturated.accept(vcpu: vcpu, start: starts.saturated) }
    if runsPaced { paced.accept(vcpu: vcpu, start: starts.paced) }
  }

  // MARK: Device types that do not gather

  /// A run of stores to nGnRnE, nGnRE or nGRE: every piece is a bus access of its own.
  @inline(__always)
  mutating func deviceStores(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let size = entry.size
    let plain =
      !entry.single64 && cpu.drainAfterNs == nil && size <= cpu.deviceBusBytes
      && size & (size - 1) == 0 && size <= 8 && address & UInt64(size - 1) == 0
    guard plain else {
      let first = record
      for offset in 0..<count {
        record = first + UInt64(offset)
        time = times[index + offset]
        deviceStore(entry, address + UInt64(offset * size))
      }
      return
    }
    let vcpu = entry.vcpu
    if runsPaced { paced.reach(time, vcpu: vcpu) }
    if needsAccessorBarrier(vcpu, address, size, count) { accessorBarrier(vcpu) }
    beforeDeviceStore(entry)
    if hazards.isWatching { watch(entry, count, times, index) }
    counters.add(.stores, UInt64(count), region: entry.region)
    counters.add(.storeBytes, UInt64(count * size), region: entry.region)
    counters.add(.busWrites, UInt64(count), region: entry.region)
    alignedPieces(entry, address, count, times, index)
  }

  /// Aligned pieces of up to 8 bytes leave as one TLP each under every split.
  @inline(__always)
  private mutating func alignedPieces(
    _ entry: ResolvedClass, _ address: UInt64, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    let size = entry.size
    let dwords = size <= 4 ? 1 : 2
    // Only the last address can lie above 4 GiB when the first does not.
    let end = address + UInt64((count - 1) * size)
    guard (address >> 32 == 0) == (end >> 32 == 0) else {
      for offset in 0..<count {
        alignedPieces(entry, address + UInt64(offset * size), 1, times, index + offset)
      }
      return
    }
    let cost = wire.write(address: address, dwords: dwords, partial: size < 4)
    counters.addWrite(
      payload: size, dwords: dwords, wire: cost.bytes, times: UInt64(count), region: entry.region)
    let strict = entry.type == .deviceNGnRnE
    if runsSaturated {
      saturated.deviceRun(
        entry.vcpu, strict: strict, cost.picoseconds, entry.region, times, index, count)
    }
    if runsPaced {
      paced.deviceRun(
        entry.vcpu, strict: strict, cost.picoseconds, entry.region, times, index, count)
    }
  }

  /// One store to a Device type that does not gather, with everything that may happen before it.
  private mutating func deviceStore(_ entry: ResolvedClass, _ address: UInt64) {
    let vcpu = entry.vcpu
    begin(vcpu)
    if needsAccessorBarrier(vcpu, address, entry.size, 1) { accessorBarrier(vcpu) }
    guard !faults(entry, address, times: 1) else { return }
    beforeDeviceStore(entry)
    if entry.single64 { flushSingleCopyLines(entry, address) }
    if hazards.isWatching { watch(entry) }
    counters.add(.stores, 1, region: entry.region)
    counters.add(.storeBytes, UInt64(entry.size), region: entry.region)
    var start = address
    var left = entry.size
    while left > 0 {
      let piece = entry.single64 ? left : min(left, cpu.deviceBusBytes)
      devicePiece(entry, start, piece)
      start &+= UInt64(piece)
      left -= piece
    }
  }

  private mutating func flushSingleCopyLines(_ entry: ResolvedClass, _ address: UInt64) {
    let lineBytes = UInt64(cpu.lineBytes)
    var line = address & ~(lineBytes - 1)
    while line < address + 64 {
      let slot = gather.find(line: line, vcpu: entry.vcpu)
      if slot >= 0 { flush(slot, entry.vcpu, .singleCopy) }
      line += lineBytes
    }
  }

  /// What a Device store does to gathered lines, and what it may overtake.
  @inline(__always)
  private mutating func beforeDeviceStore(_ entry: ResolvedClass) {
    let vcpu = entry.vcpu
    if entry.release {
      if gather.count(vcpu) > 0 { flushAll(vcpu, .release) }
      order.released(vcpu)
    }
    if cpu.deviceDrainsNC {
      if gather.count(vcpu) > 0 { flushAll(vcpu, .device) }
    } else if let payload = order.unorderedStore(
      vcpu, entry.function, keepsOrder: entry.type != .deviceNGRE)
    {
      log.add(
        .deviceStoreUnordered,
        Incident(record: record, region: entry.region, vcpu: entry.vcpuName, first: payload))
    }
  }

  private mutating func devicePiece(_ entry: ResolvedClass, _ address: UInt64, _ size: Int) {
    let vcpu = entry.vcpu
    let strict = entry.type == .deviceNGnRnE
    counters.add(.busWrites, 1, region: entry.region)
    var ready = Starts()
    if runsSaturated {
      ready.saturated = saturated.issueDeviceWrite(
        vcpu: vcpu, strict: strict, region: entry.region)
    }
    if runsPaced {
      ready.paced = paced.issueDeviceWrite(vcpu: vcpu, strict: strict, region: entry.region)
    }
    let starts =
      entry.single64
      ? sendWhole(address, size, entry.region, vcpu, ready: ready)
      : send(byteRange(0, size), at: address, block: 128, entry.region, ready)
    if runsSaturated {
      saturated.acceptDeviceWrite(vcpu: vcpu, strict: strict, start: starts.saturated)
    }
    if runsPaced { paced.acceptDeviceWrite(vcpu: vcpu, strict: strict, start: starts.paced) }
  }

  // MARK: Faults

  /// Counts an access that takes an alignment fault; it reaches neither bus nor buffers.
  @inline(__always)
  mutating func faults(_ entry: ResolvedClass, _ address: UInt64, times: Int) -> Bool {
    let misaligned = address % UInt64(entry.size) != 0
    guard misaligned, entry.type.isDevice || entry.single64 else { return false }
    // A 64-byte single-copy access is checked by the instruction, on every type, in the guest.
    let stage = entry.single64 ? 1 : Int(entry.faultStage)
    counters.add(
      stage == 2 ? .faultsStage2 : .faultsStage1, UInt64(times), region: entry.region)
    log.add(
      .fault,
      Incident(
        record: record, region: entry.region, vcpu: entry.vcpuName, first: UInt64(times),
        second: UInt64(stage)))
    return true
  }
}

/// `count` bytes from `offset` on, as a mask.
@inline(__always)
func byteRange(_ offset: Int, _ count: Int) -> UInt128 {
  count >= 128 ? ~0 : ((1 << UInt128(count)) - 1) << UInt128(offset)
}
