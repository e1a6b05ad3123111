import Results
import TraceCore

// Stores to Device types that do not gather: acknowledged one by one.
extension ClockResources {
  /// A Device piece is issued when a write may be in flight.
  @inline(__always)
  mutating func issueDeviceWrite<Mode: ClockMode>(
    _ issuer: inout Issuer, _ vcpu: Int, strict: Bool, _ region: Int, _ mode: Mode.Type
  ) {
    // A strict one waits for the last write, others for the one in whose slot they will be.
    let slot = strict ? acknowledgements.before(issuer.deviceWrite) : issuer.deviceWrite
    let held = strict ? issuer.lastAcknowledgement : acknowledgements[vcpu, slot]
    let time = max(issuer.now, issuer.strictAcknowledgement, held)
    if Mode.measures {
      if time > issuer.now {
        let number = time == held ? probe.write(vcpu, slot) : 0
        waitForAcknowledgement(from: issuer.now, until: time, of: number, vcpu, region)
      }
      probe.add(.issue, storeIssuePs, region)
    }
    issuer.reached = issuer.now
    issuer.issued = time
    issuer.now = time &+ storeIssuePs
    noteIssue(time, region)
  }

  /// The last TLP of a Device piece was accepted by the root complex.
  @inline(__always)
  mutating func acceptDeviceWrite<Mode: ClockMode>(
    _ issuer: inout Issuer, _ vcpu: Int, strict: Bool, _ start: UInt64, _ mode: Mode.Type
  ) {
    let time = start &+ deviceAckPs
    let slot = issuer.deviceWrite
    if Mode.measures { probe.keepWrite(vcpu, slot, link.sent.count) }
    acknowledgements[vcpu, slot] = time
    issuer.deviceWrite = acknowledgements.after(slot)
    issuer.lastAcknowledgement = time
    if strict { issuer.strictAcknowledgement = time }
    issuer.acknowledge(time)
  }

  /// Equal Device pieces, each leaving as one TLP with one data credit.
  @inline(never)
  mutating func deviceRun<Mode: ClockMode>(
    _ step: TimeStep, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ times: Span<UInt64>,
    _ mode: Mode.Type
  ) {
    let strict = step.flags.contains(.strict)
    let isTimed = Mode.paced && step.index != TimeStep.noIndex
    if isTimed { recorded.formUnion(at: times[Int(step.index) &+ Int(step.count) &- 1]) }
    var writes = link.beginRun(bytes: Int(step.bytes), data: 1)
    guard writes.isPlain else {
      for offset in 0..<Int(step.count) {
        if isTimed, offset > 0 {
          reach(times[Int(step.index) &+ offset], &issuer, vcpu, mode)
        }
        deviceStore(strict: strict, bytes: Int(step.bytes), &issuer, vcpu, region, mode)
      }
      return
    }
    var run = DeviceRun(
      issuer, strict: strict, count: Int(step.count), period: series.period)
    let own = isTimed ? times.extracting(droppingFirst: Int(step.index)) : times
    var maySettle = run.maySettle(least: Mode.measures ? 1 : Self.shortSeries)
    while run.done < run.count {
      if isTimed {
        if postOnTime(&run, &writes, own, vcpu, region, mode) { continue }
      } else if !Mode.measures, postOnReturn(&run, &writes, vcpu) {
        // The next one waits for something else.
        if run.done < run.count { postFew(1, &run, &writes, vcpu) }
        continue
      }
      let few = maySettle ? run.period : Self.fewStores
      if Mode.measures || isTimed || !postFew(few, &run, &writes, vcpu) {
        postWindow(&run, &writes, isTimed ? own : nil, vcpu, region, mode)
      }
      if maySettle {
        maySettle = settle(&run, &writes, isTimed ? own : nil, vcpu, region, mode)
      }
      guard run.repeats else { continue }
      series.windows = (run.count &- run.done) / series.period
      if isTimed { series.windows = run.windows(within: own, series.windows) }
      leap(&run, &writes, vcpu, region, mode)
    }
    link.end(writes)
    note(from: run.first, to: link.lastEnd, region)
    if Mode.measures { endRun(run, step, vcpu, region) }
    issuer = run.ended()
  }

  /// Stores of a run that are posted one by one where data credits are known to be no matter, and
  /// those of a run in which looking for a period is faster.
  private static let fewStores = 64
  private static let longRun = 256
  /// Stores behind its first window for which looking whether a run settles is worth it where
  /// nothing but the times is kept.
  private static let shortSeries = 16

  /// Issues and transmits stores of a run that wait for credits alone, where nothing but the times is
  /// kept.
  ///
  /// - Returns: Whether there were any.
  @inline(__always)
  private mutating func postOnReturn(
    _ run: inout DeviceRun, _ writes: inout LinkClock.Run, _ vcpu: Int
  ) -> Bool {
    guard !run.strict, run.strictest <= run.issuer.now else { return false }
    var turns = Turns(
      now: run.issuer.now, taking: run.issuer.deviceWrite, leaving: run.issuer.deviceWrite,
      depth: acknowledgements.depth, before: 0, after: storeIssuePs, held: deviceAckPs)
    let first = max(turns.now, acknowledgements[vcpu, turns.taking])
    let stores = turns.postOnReturn(run.count &- run.done, acknowledgements, vcpu, &writes)
    guard stores > 0 else { return false }
    run.issuer.now = turns.now
    run.issuer.deviceWrite = (run.issuer.deviceWrite &+ stores) % acknowledgements.depth
    run.issuer.lastAcknowledgement = writes.start &+ deviceAckPs
    run.first = min(run.first, first)
    run.posted(stores)
    return true
  }

  /// Issues and transmits some stores of a short run where nothing but the times is kept.
  ///
  /// - Returns: Whether data credits are no matter to them; else nothing is done.
  @inline(__always)
  @discardableResult
  private mutating func postFew(
    _ few: Int, _ run: inout DeviceRun, _ writes: inout LinkClock.Run, _ vcpu: Int
  ) -> Bool {
    let stores = min(run.count &- run.done, few)
    let row = unsafe acknowledgements.row(vcpu)
    var slot = run.issuer.deviceWrite
    var (now, last) = (max(run.issuer.now, run.strictest), run.issuer.lastAcknowledgement)
    let first = max(now, run.strict ? last : unsafe row[slot])
    guard run.count <= Self.longRun,
      writes.hasData(for: stores, from: max(first, writes.end))
    else { return false }
    let (issuing, acknowledging) = (storeIssuePs, deviceAckPs)
    let strict = run.strict
    var posts = writes
    for _ in 0..<stores {
      let free = max(now, strict ? last : unsafe row[slot])
      last = posts.post(at: max(free, posts.end), hasData: true) &+ acknowledging
      unsafe row[slot] = last
      slot = unsafe row.after(slot)
      now = free &+ issuing
    }
    run.issuer.now = now
    run.issuer.lastAcknowledgement = last
    run.issuer.deviceWrite = slot
    run.first = min(run.first, first)
    run.posted(stores)
    writes = posts
    return true
  }

  /// Issues and transmits a window of stores of a run, or those that are left, each not before its
  /// recorded time in `times`, in ns, where those hold.
  ///
  /// What changes with every store is kept in local variables.
  @inline(__always)
  private mutating func postWindow<Mode: ClockMode>(
    _ run: inout DeviceRun, _ writes: inout LinkClock.Run, _ times: Span<UInt64>?, _ vcpu: Int,
    _ region: Int, _ mode: Mode.Type
  ) {
    let (issuing, acknowledging) = (storeIssuePs, deviceAckPs)
    let row = unsafe acknowledgements.row(vcpu)
    let (strict, strictest) = (run.strict, run.strictest)
    var posts = writes
    var (now, last) = (run.issuer.now, run.issuer.lastAcknowledgement)
    var slot = run.issuer.deviceWrite
    var (first, step, later, differing) = (UInt64.max, UInt64(0), UInt64(0), UInt64(0))
    run.beginWindow()
    var waited: UInt64 = 0
    for store in 0..<run.windowCount {
      if Mode.paced, let times {
        let time = times[run.done &+ store] &* 1000
        if time > now, run.done &+ store > 0 {
          run.idle &+= time &- now
          now = time
          differing = .max
        }
      }
      let before = unsafe row[slot]
      let held = strict ? last : before
      let free = max(now, strictest, held)
      if Mode.measures, free > now {
        let accepted = max(free &- min(acknowledging, free), now)
        run.waits.acknowledging &+= free &- accepted
        if accepted > now {
          let number = probe.write(vcpu, strict ? acknowledgements.before(slot) : slot)
          waitForStart(&run, from: now, until: accepted, of: free == held ? number : 0, vcpu)
        }
      }
      let ready = max(free, posts.end)
      let start = posts.post(at: ready)
      waited |= start &- ready
      if Mode.measures {
        link.keep(posts, at: start, waited: start &- ready)
        probe.keepWrite(vcpu, slot, link.sent.count)
        keepLatency(start &- now, slot, &run, region)
      }
      last = start &+ acknowledging
      later = last &- before
      if store == 0 { (first, step) = (free, later) }
      differing |= later ^ step
      unsafe row[slot] = last
      slot = unsafe row.after(slot)
      now = free &+ issuing
    }
    if Mode.measures { addUse(posts, run.windowCount) }
    run.issuer.now = now
    run.issuer.lastAcknowledgement = last
    run.issuer.deviceWrite = slot
    run.first = min(run.first, first)
    run.endWindow(
      step: differing == 0 ? step : nil, shift: later, waited: waited != 0)
    writes = posts
  }

  /// Adds the latency of a store of a run, mostly the one of the store before it.
  @inline(__always)
  private mutating func keepLatency(
    _ latency: UInt64, _ slot: Int, _ run: inout DeviceRun, _ region: Int
  ) {
    latencies[slot] = latency
    keepLatency(latency, of: 1, &run, region)
  }

  /// The same of some stores.
  @inline(__always)
  mutating func keepLatency(
    _ latency: UInt64, of stores: Int, _ run: inout DeviceRun, _ region: Int
  ) {
    if latency != run.latency {
      probe.stores.add(run.latency, region, times: run.sameLatency)
      run.latency = latency
      run.sameLatency = 0
    }
    run.sameLatency &+= UInt64(truncatingIfNeeded: stores)
  }

  /// The last writes of a run, as many as are remembered or fewer, were on the link.
  @inline(__always)
  mutating func addUse(_ posts: LinkClock.Run, _ count: Int) {
    let last = link.sent.count
    let before = last &- UInt64(truncatingIfNeeded: count)
    let busy = UInt64(truncatingIfNeeded: count) &* posts.wire
    guard !probe.down.add(from: link.sent.start(before &+ 1), to: posts.end, busy: busy) else {
      return
    }
    for number in before..<last { probe.down.add(link.sent.start(number &+ 1), posts.wire) }
  }

  /// The same for a store of a run, whose waits are added up.
  @inline(never)
  mutating func waitForStart(
    _ run: inout DeviceRun, from now: UInt64, until time: UInt64, of number: UInt64, _ vcpu: Int
  ) {
    run.waits.add(split(from: now, until: time, of: number, vcpu), within: time &- now)
  }

  /// Register traffic: setting up the loop would cost more than its one turn.
  @inline(__always)
  mutating func deviceStore<Mode: ClockMode>(
    strict: Bool, bytes: Int, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int,
    _ mode: Mode.Type
  ) {
    issueDeviceWrite(&issuer, vcpu, strict: strict, region, mode)
    let start = link.post(ready: issuer.issued, bytes: bytes, data: 1, mode)
    noteEnd(link.lastEnd, region)
    if Mode.measures {
      probe.keepLast(vcpu, link.lastStart, link.lastEnd)
      noteUse()
      probe.stores.add(start &- issuer.reached, region)
    }
    acceptDeviceWrite(&issuer, vcpu, strict: strict, start, mode)
  }

  @inline(__always)
  private mutating func endRun(_ run: DeviceRun, _ step: TimeStep, _ vcpu: Int, _ region: Int) {
    probe.keepLast(vcpu, link.lastStart, link.lastEnd)
    probe.stores.add(run.latency, region, times: run.sameLatency)
    probe.add(.issue, UInt64(step.count) &* storeIssuePs, region)
    probe.add(.acknowledgement, run.waits.acknowledging, region)
    probe.add(.idle, run.idle, region)
    guard run.waits.isForLink else { return }
    probe.add(.link, run.waits.link, region)
    probe.add(.credit, run.waits.credit, region)
    probe.add(.turn, run.waits.turn, region)
  }

  /// Says what the vCPU waits for until an acknowledgement comes: of this TLP where it is not 0.
  @inline(__always)
  private mutating func waitForAcknowledgement(
    from now: UInt64, until time: UInt64, of number: UInt64, _ vcpu: Int, _ region: Int
  ) {
    // The write was accepted when its TLP started, which others on the link may have held up.
    let accepted = max(time &- min(deviceAckPs, time), now)
    probe.add(.acknowledgement, time &- accepted, region)
    guard accepted > now else { return }
    waitForStart(.acknowledgement, from: now, until: accepted, of: number, vcpu, region)
  }
}
