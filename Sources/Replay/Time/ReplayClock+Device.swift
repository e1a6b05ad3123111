import Results
import TraceCore

// Stores to Device types that do not gather: acknowledged one by one.
extension ReplayClock {
  /// A Device piece is issued when a write may be in flight.
  @inline(__always)
  mutating func issueDeviceWrite(_ vcpu: Int, strict: Bool, _ region: Int) {
    let issuer = issuers[vcpu]
    let held = strict ? issuer.lastAcknowledgement : acknowledgements[vcpu, issuer.deviceWrite]
    let time = max(issuer.now, issuer.strictAcknowledgement, held)
    if measures {
      if time > issuer.now { waitForAcknowledgement(vcpu, until: time, region) }
      probe.add(.issue, storeIssuePs, region)
    }
    issuers[vcpu].reached = issuer.now
    issuers[vcpu].issued = time
    issuers[vcpu].now = time &+ storeIssuePs
    noteIssue(time, region)
  }

  /// The last TLP of a Device piece was accepted by the root complex.
  @inline(__always)
  mutating func acceptDeviceWrite(_ vcpu: Int, strict: Bool, _ start: UInt64) {
    let time = start &+ deviceAckPs
    let slot = issuers[vcpu].deviceWrite
    acknowledgements[vcpu, slot] = time
    issuers[vcpu].deviceWrite = acknowledgements.after(slot)
    issuers[vcpu].lastAcknowledgement = time
    if strict { issuers[vcpu].strictAcknowledgement = time }
    acknowledge(vcpu, time)
  }

  /// Equal Device pieces, each leaving as one TLP with one data credit.
  @inline(__always)
  mutating func deviceRun(_ step: TimeStep, _ vcpu: Int, _ region: Int, _ times: Span<UInt64>) {
    let strict = step.flags.contains(.strict)
    let isTimed = paced && step.index != TimeStep.noIndex
    guard step.count > 1, var writes = link.beginRun(bytes: Int(step.bytes)) else {
      for offset in 0..<Int(step.count) {
        if isTimed, offset > 0 { reach(times[Int(step.index) &+ offset], vcpu) }
        deviceStore(step, vcpu, region, strict: strict)
      }
      return
    }
    if isTimed { recorded.formUnion(at: times[Int(step.index) &+ Int(step.count) &- 1]) }
    var run = DeviceRun(issuers[vcpu], strict: strict)
    for offset in 0..<Int(step.count) {
      if isTimed, offset > 0 { run.reach(times[Int(step.index) &+ offset] &* 1000) }
      let slot = run.issuer.deviceWrite
      let held = strict ? run.issuer.lastAcknowledgement : acknowledgements[vcpu, slot]
      let free = max(run.issuer.now, run.strictest, held)
      if measures, free > run.issuer.now {
        let accepted = max(free &- min(deviceAckPs, free), run.issuer.now)
        run.acknowledging &+= free &- accepted
        if accepted > run.issuer.now {
          waitForStart(.acknowledgement, from: run.issuer.now, until: accepted, region)
        }
      }
      let start = link.post(&writes, ready: free)
      if measures {
        probe.down.add(start, writes.wire)
        if start &- run.issuer.now != run.latency {
          probe.stores.add(run.latency, region, times: run.sameLatency)
          run.latency = start &- run.issuer.now
          run.sameLatency = 0
        }
        run.sameLatency &+= 1
      }
      run.first = min(run.first, free)
      run.issuer.lastAcknowledgement = start &+ deviceAckPs
      acknowledgements[vcpu, slot] = run.issuer.lastAcknowledgement
      run.issuer.deviceWrite = acknowledgements.after(slot)
      run.issuer.now = free &+ storeIssuePs
    }
    link.end(writes)
    noteIssue(run.first, region)
    noteEnd(link.lastEnd, region)
    if measures { endRun(run, step, vcpu, region) }
    issuers[vcpu] = run.ended()
  }

  /// Register traffic: setting up the loop would cost more than its one turn.
  @inline(__always)
  private mutating func deviceStore(
    _ step: TimeStep, _ vcpu: Int, _ region: Int, strict: Bool
  ) {
    issueDeviceWrite(vcpu, strict: strict, region)
    let issued = issuers[vcpu].issued
    let start = link.post(ready: issued, bytes: Int(step.bytes), data: 1)
    noteEnd(link.lastEnd, region)
    if measures {
      probe.keepLast(vcpu, link.lastStart, link.lastEnd)
      noteUse()
      probe.stores.add(start &- issuers[vcpu].reached, region)
    }
    acceptDeviceWrite(vcpu, strict: strict, start)
  }

  @inline(__always)
  private mutating func endRun(_ run: DeviceRun, _ step: TimeStep, _ vcpu: Int, _ region: Int) {
    probe.keepLast(vcpu, link.lastStart, link.lastEnd)
    probe.stores.add(run.latency, region, times: run.sameLatency)
    probe.add(.issue, UInt64(step.count) &* storeIssuePs, region)
    probe.add(.acknowledgement, run.acknowledging, region)
    probe.add(.idle, run.idle, region)
  }

  /// Says what the vCPU waits for until an acknowledgement comes.
  private mutating func waitForAcknowledgement(_ vcpu: Int, until time: UInt64, _ region: Int) {
    let now = issuers[vcpu].now
    // The write was accepted when its TLP started, which others on the link may have held up.
    let accepted = max(time &- min(deviceAckPs, time), now)
    probe.add(.acknowledgement, time &- accepted, region)
    if accepted > now {
      waitForStart(.acknowledgement, from: now, until: accepted, region)
    }
  }
}

/// The state of a run of Device stores, in registers; sums go to the probe at its end.
private struct DeviceRun {
  var issuer: ReplayClock.Issuer
  let strict: Bool
  /// Acknowledgement of the last nGnRnE write before the run.
  let strictest: UInt64
  var first = UInt64.max
  var idle: UInt64 = 0
  var acknowledging: UInt64 = 0
  /// Latency of the last writes, and how many in a row had it.
  var latency: UInt64 = 0
  var sameLatency: UInt64 = 0

  @inline(__always)
  init(_ issuer: ReplayClock.Issuer, strict: Bool) {
    self.issuer = issuer
    self.strict = strict
    strictest = issuer.strictAcknowledgement
  }

  @inline(__always)
  mutating func reach(_ time: UInt64) {
    guard time > issuer.now else { return }
    idle &+= time &- issuer.now
    issuer.now = time
  }

  @inline(__always)
  consuming func ended() -> ReplayClock.Issuer {
    if strict { issuer.strictAcknowledgement = issuer.lastAcknowledgement }
    issuer.outstanding = max(issuer.outstanding, issuer.lastAcknowledgement)
    return issuer
  }
}
