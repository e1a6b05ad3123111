import ArmMemory
import Hazards
import PCIeModel
import Results
import TraceCore

/// The writes of one line or store on their way to the clocks.
struct Sending {
  /// A write of it, but for size and credits.
  var step: TimeStep
  /// What its last write ends.
  var ends: TimeStep.Flags

  init(_ step: TimeStep, ends: TimeStep.Flags) {
    self.step = step
    self.ends = ends
  }

  var region: Int { Int(step.region) }
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

  /// Lines of an access leave, oldest-opened first.
  ///
  /// - Returns: Whether there were any.
  @discardableResult
  mutating func flushLines(
    _ vcpu: Int, from address: UInt64, _ size: Int, _ cause: FlushCause
  ) -> Bool {
    let lineBytes = UInt64(cpu.lineBytes)
    let low = address & ~(lineBytes - 1)
    let high = (address + UInt64(size - 1)) & ~(lineBytes - 1)
    var hit = false
    var slot = gather.oldest(vcpu)
    while slot < gather.oldest(vcpu) + gather.count(vcpu) {
      let line = gather[slot].address
      if line >= low, line <= high {
        flush(slot, vcpu, cause)
        hit = true
      } else {
        slot += 1
      }
    }
    return hit
  }

  @inline(__always)
  private mutating func leave(_ line: GatherBuffers.Line, _ vcpu: Int, _ cause: FlushCause) {
    let region = line.region
    let whole = line.bytes == cpu.lineBytes
    counters.addFlush(cause, bytes: line.bytes, region: region)
    if remembersAccesses {
      hazards.resets.marks.left(line, vcpu, hazards.regionFunctions[region])
      if !whole {
        let isLone = line.firstRecord == line.record
        if !partialLines.count(region, cause, isLone: isLone, vcpu, name: order.name(vcpu)) {
          logPartial(line, vcpu, cause, isLone: isLone)
        }
      }
    }
    if path != nil { logLine(line, vcpu, cause) }
    var write = step(.write, vcpu, region)
    write.slot = line.buffer
    let sending = Sending(write, ends: .endsLine)
    if whole {
      sendWhole(line.address, line.bytes, sending)
    } else {
      send(line.mask, at: line.address, block: cpu.lineBytes, sending)
    }
  }

  private mutating func logPartial(
    _ line: GatherBuffers.Line, _ vcpu: Int, _ cause: FlushCause, isLone: Bool
  ) {
    log.add(
      .partialFlush,
      Incident(
        record: line.record, region: line.region, vcpu: order.name(vcpu),
        first: 1, second: PartialLineTally.detail(Int(cause.rawValue), isLone: isLone)))
  }

  /// A whole line or a 64-byte single-copy store: one TLP under every split.
  @inline(__always)
  mutating func sendWhole(_ address: UInt64, _ size: Int, _ sending: Sending) {
    sendOne(
      address: address, payload: size, dwords: size / 4, partial: false, sending, isLast: true)
  }

  /// The enabled bytes of a line or piece, as the root complex splits them.
  ///
  /// - Parameters:
  ///   - mask: Enabled bytes; bit 0 is the byte at `address`.
  ///   - address: First byte of the line or piece.
  ///   - block: Bytes that leave as one TLP when all are enabled, under every split.
  ///   - sending: Whose bytes they are.
  @inline(__always)
  mutating func send(_ mask: UInt128, at address: UInt64, block: Int, _ sending: Sending) {
    let low = UInt64(truncatingIfNeeded: mask)
    if !forks.splits.isEmpty { compareSplits(mask, at: address, block: block) }
    if mask >> 64 == 0,
      let shape = splitter.oneTLP(mask: low, address: address, lineBytes: block)
    {
      return sendOne(
        address: address &+ UInt64(truncatingIfNeeded: shape.offset), payload: shape.payloadBytes,
        dwords: shape.dwords, partial: shape.partial, sending, isLast: true)
    }
    sendSplit(mask, at: address, block: block, sending)
  }

  /// Whether the bytes leave as one and the same TLP under other policies, too.
  private mutating func compareSplits(_ mask: UInt128, at address: UInt64, block: Int) {
    let low = UInt64(truncatingIfNeeded: mask)
    let policies = forks.splits
    let isSame =
      mask >> 64 == 0
      && policies.allSatisfy {
        TLPSplitter.isOneTLP(mask: low, address: address, lineBytes: block, policy: $0)
      }
    guard !isSame else { return }
    forks.touched.insert(.split)
    forks.splits = []
  }

  private mutating func sendSplit(
    _ mask: UInt128, at address: UInt64, block: Int, _ sending: Sending
  ) {
    let count = splitter.split(mask: mask, address: address, lineBytes: block)
    for index in 0..<count {
      let shape = splitter[index]
      sendOne(
        address: address &+ UInt64(shape.offset), payload: shape.payloadBytes,
        dwords: shape.dwords, partial: shape.partial, sending, isLast: index == count - 1)
    }
  }

  @inline(__always)
  private mutating func sendOne(
    address: UInt64, payload: Int, dwords: Int, partial: Bool, _ sending: Sending, isLast: Bool
  ) {
    let bytes = wire.write(address: address, dwords: dwords, partial: partial)
    counters.addWrite(
      payload: payload, dwords: dwords, wire: bytes, times: 1, region: sending.region)
    var step = sending.step
    if isLast { step.flags.formUnion(sending.ends) }
    step.bytes = UInt16(truncatingIfNeeded: bytes)
    step.units = UInt16(truncatingIfNeeded: (dwords &+ 3) &>> 2)
    steps.append(step)
  }
}
