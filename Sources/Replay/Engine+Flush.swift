import ArmMemory
import Hazards
import PCIeModel
import Results
import TraceCore

/// When the last TLP of a bus write started, under both clocks; 0 where a clock is not run.
struct Starts {
  var saturated: UInt64 = 0
  var paced: UInt64 = 0
}

extension Engine {
  /// Every open line of a vCPU leaves, oldest-opened first.
  @inline(__always)
  mutating func flushAll(_ vcpu: Int, _ cause: FlushCause) {
    if gather.count(vcpu) > 0 { flushOpen(vcpu, cause) }
  }

  private mutating func flushOpen(_ vcpu: Int, _ cause: FlushCause) {
    let first = gather.oldest(vcpu)
    for slot in first..<first &+ gather.count(vcpu) { leave(gather[slot], vcpu, cause) }
    gather.closeAll(vcpu)
  }

  /// One open line leaves the CPU and becomes memory writes.
  mutating func flush(_ slot: Int, _ vcpu: Int, _ cause: FlushCause) {
    let line = gather[slot]
    gather.close(slot, vcpu: vcpu)
    leave(line, vcpu, cause)
  }

  @inline(__always)
  private mutating func leave(_ line: GatherBuffers.Line, _ vcpu: Int, _ cause: FlushCause) {
    let region = line.region
    let whole = line.bytes == cpu.lineBytes
    counters.addFlush(cause, bytes: line.bytes, region: region)
    if !whole, !partialLines.count(region, cause) { logPartial(line, vcpu, cause) }
    if path != nil { logLine(line, vcpu) }
    var ready = Starts()
    if runsSaturated { ready.saturated = saturated.ready(vcpu: vcpu) }
    if runsPaced { ready.paced = paced.ready(vcpu: vcpu) }
    let starts =
      whole
      ? sendWhole(line.address, line.bytes, region, vcpu, ready: ready)
      : send(line.mask, at: line.address, block: cpu.lineBytes, region, ready)
    if runsSaturated { saturated.releaseBuffer(vcpu: vcpu, start: starts.saturated) }
    if runsPaced { paced.releaseBuffer(vcpu: vcpu, start: starts.paced) }
  }

  private mutating func logPartial(
    _ line: GatherBuffers.Line, _ vcpu: Int, _ cause: FlushCause
  ) {
    log.add(
      .partialFlush,
      Incident(
        record: line.record, region: line.region, vcpu: order.name(vcpu),
        first: 1, second: UInt64(cause.rawValue)))
  }

  /// A whole line or a 64-byte single-copy store: one TLP under every split.
  @inline(__always)
  mutating func sendWhole(
    _ address: UInt64, _ size: Int, _ region: Int, _ vcpu: Int, ready given: Starts? = nil
  ) -> Starts {
    var ready = given ?? Starts()
    if given == nil {
      if runsSaturated { ready.saturated = saturated.ready(vcpu: vcpu) }
      if runsPaced { ready.paced = paced.ready(vcpu: vcpu) }
    }
    return sendOne(
      address: address, payload: size, dwords: size / 4, partial: false, region, ready)
  }

  /// The enabled bytes of a line or piece, as the root complex splits them.
  ///
  /// - Parameters:
  ///   - mask: Enabled bytes; bit 0 is the byte at `address`.
  ///   - address: First byte of the line or piece.
  ///   - block: Bytes that leave as one TLP when all are enabled, under every split.
  ///   - region: The region that the bytes belong to.
  ///   - ready: When transmission may start.
  /// - Returns: When the last TLP's transmission started.
  @inline(__always)
  mutating func send(
    _ mask: UInt128, at address: UInt64, block: Int, _ region: Int, _ ready: Starts
  ) -> Starts {
    let low = UInt64(truncatingIfNeeded: mask)
    if mask >> 64 == 0,
      let shape = splitter.oneTLP(mask: low, address: address, lineBytes: block)
    {
      return sendOne(
        address: address &+ UInt64(truncatingIfNeeded: shape.offset), payload: shape.payloadBytes,
        dwords: shape.dwords, partial: shape.partial, region, ready)
    }
    return sendSplit(mask, at: address, block: block, region, ready)
  }

  private mutating func sendSplit(
    _ mask: UInt128, at address: UInt64, block: Int, _ region: Int, _ ready: Starts
  ) -> Starts {
    var starts = ready
    let count = splitter.split(mask: mask, address: address, lineBytes: block)
    for index in 0..<count {
      let shape = splitter[index]
      starts = sendOne(
        address: address &+ UInt64(shape.offset), payload: shape.payloadBytes,
        dwords: shape.dwords, partial: shape.partial, region, ready)
    }
    return starts
  }

  @inline(__always)
  private mutating func sendOne(
    address: UInt64, payload: Int, dwords: Int, partial: Bool, _ region: Int, _ ready: Starts
  ) -> Starts {
    let cost = wire.write(address: address, dwords: dwords, partial: partial)
    counters.addWrite(
      payload: payload, dwords: dwords, wire: cost.bytes, times: 1, region: region)
    let units = (dwords &+ 3) &>> 2
    var starts = Starts()
    if runsSaturated {
      starts.saturated = saturated.send(
        ready: ready.saturated, wirePs: cost.picoseconds, dataUnits: units, region: region)
    }
    if runsPaced {
      starts.paced = paced.send(
        ready: ready.paced, wirePs: cost.picoseconds, dataUnits: units, region: region)
    }
    return starts
  }
}
