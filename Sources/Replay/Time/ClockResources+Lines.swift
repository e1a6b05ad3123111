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
    let count = Int(step.count)
    let isTimed = Mode.paced && step.index != TimeStep.noIndex
    let first = isTimed ? Int(step.index) : 0
    if isTimed { recorded.formUnion(at: times[first &+ count &- 1]) }
    let own = isTimed ? times.extracting(first..<first &+ count) : times
    var writes = link.beginRun(bytes: Int(step.bytes), data: Int(step.units))
    var run = LineRun(issuer, step, issue: storeIssuePs, buffers: lineBuffers.depth)
    if !Mode.measures, !isTimed, writes.isPlain { fillUnmeasured(&run, &writes, vcpu) }
    let mayBeEasy =
      writes.isPlain && (isTimed || Mode.measures && run.lines >= Self.fewLines)
    var lines = mayBeEasy ? 1 : run.lines
    while run.left > 0 {
      fillLines(min(lines, run.left), &run, &writes, step, isTimed ? own : nil, vcpu, region, mode)
      guard mayBeEasy, run.left > 0 else { continue }
      // Tried less and less often where it is in vain.
      let isEasy =
        isTimed
        ? fillOnTime(&run, &writes, own, vcpu, region, mode)
        : fillInStep(&run, &writes, vcpu, region)
      lines = isEasy ? 1 : min(2 &* lines, Self.mostOnTime)
    }
    if writes.isPlain { link.end(writes) }
    (issuer.openedLine, issuer.sentLine) = (run.opening, run.sending)
    issuer.now = run.now
    issuer.acknowledge(run.sent &+ deviceAckPs)
    note(from: run.first, to: max(link.lastEnd, run.now &- storeIssuePs), region)
    guard Mode.measures else { return }
    probe.open(vcpu, Int(step.slot), at: run.opened)
    probe.add(.issue, UInt64(step.count) &* storeIssuePs, region)
    probe.keepLast(vcpu, link.lastStart, link.lastEnd)
  }

  /// Some lines of a run, their stores not before their recorded times in `times`, in ns, where
  /// those hold.
  ///
  /// What changes with every line is kept in local variables.
  @inline(__always)
  private mutating func fillLines<Mode: ClockMode>(
    _ count: Int, _ run: inout LineRun, _ writes: inout LinkClock.Run, _ step: TimeStep,
    _ times: Span<UInt64>?, _ vcpu: Int, _ region: Int, _ mode: Mode.Type
  ) {
    let buffers = unsafe lineBuffers.row(vcpu)
    let (stores, issuing) = (run.stores, run.issuing)
    var posts = writes
    var (opening, sending, now) = (run.opening, run.sending, run.now)
    var (first, opened, sent) = (run.first, UInt64(0), UInt64(0))
    let isFree =
      posts.isPlain && posts.hasCredits(for: count, from: max(now &+ issuing, posts.end))
    var (idle, latency, same, waited) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    var waits = SentTLPs.Parts()
    for line in run.done..<run.done &+ count {
      let index = line &* stores
      if Mode.paced, let times, line > 0, times[index] &* 1000 > now {
        idle &+= times[index] &* 1000 &- now
        now = times[index] &* 1000
      }
      opened = now
      let free = unsafe buffers[opening]
      if Mode.measures, free > opened {
        waits.add(split(from: opened, until: free, of: probe.line(vcpu, opening), vcpu))
        waited &+= free &- opened
      }
      opening = unsafe buffers.after(opening)
      let start = max(opened, free)
      first = min(first, start)
      now = start &+ issuing
      if Mode.paced, let times, times[index &+ stores &- 1] &* 1000 > start {
        let issued = issue(times.extracting(index..<index &+ stores), from: start)
        idle &+= issued &- now
        now = issued
      }
      if posts.isPlain {
        let ready = max(now, posts.end)
        sent = isFree ? posts.post(freelyAt: ready) : posts.post(at: ready)
        if Mode.measures { link.keep(posts, at: sent, waited: sent &- ready) }
      } else {
        sent = link.post(ready: now, bytes: Int(step.bytes), data: Int(step.units), mode)
        if Mode.measures, let damaged = link.takeDamaged() {
          probe.down.add(damaged, posts.wire)
        }
      }
      if Mode.measures {
        probe.down.add(sent, posts.wire)
        probe.keepLine(vcpu, sending, link.sent.count)
        if sent &- opened != latency {
          probe.stores.add(latency, region, times: same)
          (latency, same) = (sent &- opened, 0)
        }
        same &+= 1
      }
      unsafe buffers[sending] = sent
      sending = unsafe buffers.after(sending)
    }
    if Mode.measures {
      probe.add(.idle, idle, region)
      add(waits, of: waited, .buffer, region)
      probe.stores.add(latency, region, times: same)
    }
    writes = posts
    (run.opening, run.sending, run.now) = (opening, sending, now)
    (run.first, run.opened, run.sent) = (first, opened, sent)
    run.done &+= count
  }

  /// Stores one after the other, each not before its recorded time.
  ///
  /// - Parameters:
  ///   - times: Their recorded times in ns.
  ///   - start: When the vCPU comes to the first one, in ps.
  /// - Returns: When it is free behind the last one.
  @inline(__always)
  func issue(_ times: Span<UInt64>, from start: UInt64) -> UInt64 {
    var time = start
    for offset in times.indices { time = max(time, times[offset] &* 1000) &+ storeIssuePs }
    return time
  }
}
