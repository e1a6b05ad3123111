import Results
import TraceCore

// Gathering lines: a buffer each, from the first store until the last TLP starts.
extension ClockResources {
  /// Stores into one line, each not before its recorded time; the first may wait for a buffer.
  @inline(__always)
  mutating func store<Mode: ClockMode>(
    _ step: TimeStep, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ times: Span<UInt64>,
    _ mode: Mode.Type
  ) {
    if step.flags.contains(.opens) { takeBuffer(step, &issuer, vcpu, region, mode) }
    let start = issuer.now
    let count = UInt64(step.count)
    var time = start &+ count &* storeIssuePs
    if Mode.paced, step.count > 1, step.index != TimeStep.noIndex {
      let index = Int(step.index)
      let last = times[index &+ Int(step.count) &- 1]
      recorded.formUnion(at: last)
      if last &* 1000 > start {
        let issued = issue(times.extracting(index..<index &+ Int(step.count)), from: start)
        if Mode.measures { probe.add(.idle, issued &- time, region) }
        time = issued
      }
    }
    if Mode.measures { probe.add(.issue, count &* storeIssuePs, region) }
    // Bytes that lie in another region's line have no TLP that would end later.
    note(from: start, to: time &- storeIssuePs, region)
    issuer.now = time
  }

  /// The first piece of a line waits for a free buffer.
  @inline(__always)
  private mutating func takeBuffer<Mode: ClockMode>(
    _ step: TimeStep, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ mode: Mode.Type
  ) {
    let slot = issuer.openedLine
    issuer.openedLine = lineBuffers.after(slot)
    let free = lineBuffers[vcpu, slot]
    if Mode.measures { probe.open(vcpu, Int(step.slot), at: issuer.now) }
    guard free > issuer.now else { return }
    if Mode.measures {
      waitForStart(
        .buffer, from: issuer.now, until: free, of: probe.line(vcpu, slot), vcpu, region)
    }
    issuer.now = free
  }

  /// The last TLP of a line has started: its buffer is free from then on.
  ///
  /// That is its acceptance by the root complex too; only a DSB waits for the acknowledgement.
  @inline(__always)
  mutating func endLine<Mode: ClockMode>(
    slot buffer: Int, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ start: UInt64,
    _ mode: Mode.Type
  ) {
    let slot = issuer.sentLine
    lineBuffers[vcpu, slot] = start
    issuer.sentLine = lineBuffers.after(slot)
    issuer.acknowledge(start &+ deviceAckPs)
    guard Mode.measures else { return }
    probe.keepLine(vcpu, slot, link.sent.count)
    probe.stores.add(start &- probe.opened(vcpu, buffer), region)
  }

  /// Stores that fill lines one after the other, each of which leaves as one TLP.
  ///
  /// What changes with every line is kept in local variables.
  @inline(never)
  mutating func lineRun<Mode: ClockMode>(
    _ step: TimeStep, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ times: Span<UInt64>,
    _ mode: Mode.Type
  ) {
    let stores = Int(step.completions)
    let lines = Int(step.count) / stores
    let issuing = UInt64(truncatingIfNeeded: stores) &* storeIssuePs
    let isTimed = Mode.paced && step.index != TimeStep.noIndex
    if isTimed { recorded.formUnion(at: times[Int(step.index) &+ Int(step.count) &- 1]) }
    var writes = link.beginRun(bytes: Int(step.bytes), data: Int(step.units))
    let buffers = unsafe lineBuffers.row(vcpu)
    if !Mode.measures, !isTimed, writes.isPlain {
      let start = max(issuer.now, unsafe buffers[issuer.openedLine])
      if writes.hasData(for: lines, from: max(start &+ issuing, writes.end)) {
        fillFew(lines, issuing, &writes, &issuer, vcpu)
        link.end(writes)
        return note(from: start, to: max(link.lastEnd, issuer.now &- storeIssuePs), region)
      }
    }
    var (opening, sending) = (issuer.openedLine, issuer.sentLine)
    var now = issuer.now
    var (first, opened, sent) = (UInt64.max, UInt64(0), UInt64(0))
    for line in 0..<lines {
      let index = Int(step.index) &+ line &* stores
      if Mode.paced, isTimed, line > 0, times[index] &* 1000 > now {
        if Mode.measures { probe.idle(times[index] &* 1000 &- now, vcpu) }
        now = times[index] &* 1000
      }
      opened = now
      let free = unsafe buffers[opening]
      if Mode.measures, free > opened {
        waitForStart(
          .buffer, from: opened, until: free, of: probe.line(vcpu, opening), vcpu, region)
      }
      opening = unsafe buffers.after(opening)
      let start = max(opened, free)
      if line == 0 { first = start }
      now = start &+ issuing
      if Mode.paced, isTimed, times[index &+ stores &- 1] &* 1000 > start {
        let issued = issue(times.extracting(index..<index &+ stores), from: start)
        if Mode.measures { probe.add(.idle, issued &- now, region) }
        now = issued
      }
      if writes.isPlain {
        let ready = max(now, writes.end)
        sent = writes.post(at: ready)
        if Mode.measures { link.keep(writes, at: sent, waited: sent &- ready) }
      } else {
        sent = link.post(
          ready: now, bytes: Int(step.bytes), data: Int(step.units), mode)
        if Mode.measures, let damaged = link.takeDamaged() {
          probe.down.add(damaged, writes.wire)
        }
      }
      if Mode.measures {
        probe.down.add(sent, writes.wire)
        probe.keepLine(vcpu, sending, link.sent.count)
        probe.stores.add(sent &- opened, region)
      }
      unsafe buffers[sending] = sent
      sending = unsafe buffers.after(sending)
    }
    if writes.isPlain { link.end(writes) }
    (issuer.openedLine, issuer.sentLine) = (opening, sending)
    issuer.now = now
    issuer.acknowledge(sent &+ deviceAckPs)
    note(from: first, to: max(link.lastEnd, now &- storeIssuePs), region)
    guard Mode.measures else { return }
    probe.open(vcpu, Int(step.slot), at: opened)
    probe.add(.issue, UInt64(step.count) &* storeIssuePs, region)
    probe.keepLast(vcpu, link.lastStart, link.lastEnd)
  }

  /// Lines of a run to which data credits are no matter, where nothing but the times is kept.
  @inline(__always)
  private mutating func fillFew(
    _ lines: Int, _ issuing: UInt64, _ writes: inout LinkClock.Run, _ issuer: inout Issuer,
    _ vcpu: Int
  ) {
    let buffers = unsafe lineBuffers.row(vcpu)
    var posts = writes
    var (opening, sending) = (issuer.openedLine, issuer.sentLine)
    var now = issuer.now
    for _ in 0..<lines {
      now = max(now, unsafe buffers[opening]) &+ issuing
      opening = unsafe buffers.after(opening)
      unsafe buffers[sending] = posts.post(at: max(now, posts.end), hasData: true)
      sending = unsafe buffers.after(sending)
    }
    (issuer.openedLine, issuer.sentLine) = (opening, sending)
    issuer.now = now
    issuer.acknowledge(posts.start &+ deviceAckPs)
    writes = posts
  }

  /// Stores one after the other, each not before its recorded time.
  ///
  /// - Parameters:
  ///   - times: Their recorded times in ns.
  ///   - start: When the vCPU comes to the first one, in ps.
  /// - Returns: When it is free behind the last one.
  @inline(__always)
  private func issue(_ times: Span<UInt64>, from start: UInt64) -> UInt64 {
    var time = start
    for offset in times.indices { time = max(time, times[offset] &* 1000) &+ storeIssuePs }
    return time
  }
}
