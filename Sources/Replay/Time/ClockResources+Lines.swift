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
  @inline(never)
  mutating func lineRun<Mode: ClockMode>(
    _ step: TimeStep, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ times: Span<UInt64>,
    _ mode: Mode.Type
  ) {
    let stores = Int(step.completions)
    let lines = Int(step.count) / stores
    let isTimed = Mode.paced && step.index != TimeStep.noIndex
    if isTimed { recorded.formUnion(at: times[Int(step.index) &+ Int(step.count) &- 1]) }
    var writes = link.beginRun(bytes: Int(step.bytes), data: Int(step.units))
    var run = LineRun(issuer, issuing: UInt64(truncatingIfNeeded: stores) &* storeIssuePs)
    for line in 0..<lines {
      if isTimed {
        let index = Int(step.index) &+ line &* stores
        post(
          &run, &writes, step, vcpu, region, isFirst: line == 0,
          times.extracting(index..<index &+ stores), mode)
      } else {
        post(&run, &writes, step, vcpu, region, isFirst: line == 0, nil, mode)
      }
    }
    link.end(writes)
    issuer = run.issuer
    note(from: run.first, to: max(link.lastEnd, issuer.now &- storeIssuePs), region)
    guard Mode.measures else { return }
    probe.add(.issue, UInt64(step.count) &* storeIssuePs, region)
    probe.keepLast(vcpu, link.lastStart, link.lastEnd)
  }

  /// A run of lines on its way, in registers.
  private struct LineRun {
    var issuer: Issuer
    /// Time that the stores of a line take to issue, in ps.
    let issuing: UInt64
    /// First issue.
    var first = UInt64.max

    init(_ issuer: Issuer, issuing: UInt64) {
      self.issuer = issuer
      self.issuing = issuing
    }
  }

  /// Stores that fill one line of a run, and its TLP.
  @inline(__always)
  private mutating func post<Mode: ClockMode>(
    _ run: inout LineRun, _ writes: inout LinkClock.Run, _ step: TimeStep, _ vcpu: Int,
    _ region: Int, isFirst: Bool, _ times: Span<UInt64>?, _ mode: Mode.Type
  ) {
    if let times, !isFirst, times[0] &* 1000 > run.issuer.now {
      if Mode.measures { probe.idle(times[0] &* 1000 &- run.issuer.now, vcpu) }
      run.issuer.now = times[0] &* 1000
    }
    let opened = run.issuer.now
    let slot = run.issuer.openedLine
    run.issuer.openedLine = lineBuffers.after(slot)
    let free = lineBuffers[vcpu, slot]
    if Mode.measures, free > opened {
      waitForStart(.buffer, from: opened, until: free, of: probe.line(vcpu, slot), vcpu, region)
    }
    let start = max(opened, free)
    run.first = min(run.first, start)
    var time = start &+ run.issuing
    if let times, times[times.count &- 1] &* 1000 > start {
      time = issue(times, from: start)
      if Mode.measures { probe.add(.idle, time &- start &- run.issuing, region) }
    }
    run.issuer.now = time
    let sent = link.post(&writes, ready: time, mode)
    let last = run.issuer.sentLine
    run.issuer.sentLine = lineBuffers.after(last)
    lineBuffers[vcpu, last] = sent
    run.issuer.acknowledge(sent &+ deviceAckPs)
    guard Mode.measures else { return }
    probe.open(vcpu, Int(step.slot), at: opened)
    if let damaged = link.takeDamaged() { probe.down.add(damaged, writes.wire) }
    probe.down.add(sent, writes.wire)
    probe.keepLine(vcpu, last, link.sent.count)
    probe.stores.add(sent &- opened, region)
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
