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
      if time > issuer.now { waitForAcknowledgement(vcpu, strict: strict, until: time, region) }
      probe.add(.issue, storeIssuePs, region)
    }
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
    if measures { probe.keepWrite(vcpu, slot, link) }
    issuers[vcpu].deviceWrite = acknowledgements.after(slot)
    issuers[vcpu].lastAcknowledgement = time
    if strict { issuers[vcpu].strictAcknowledgement = time }
    acknowledge(vcpu, time)
  }

  /// Says what the vCPU waits for until an acknowledgement comes.
  private mutating func waitForAcknowledgement(
    _ vcpu: Int, strict: Bool, until time: UInt64, _ region: Int
  ) {
    let now = issuers[vcpu].now
    let slot = issuers[vcpu].deviceWrite
    // The strict one, or the last: what was accepted last; else the one whose slot is taken.
    let isLast = strict || acknowledgements[vcpu, slot] != time
    let sent = probe.write(vcpu, isLast ? acknowledgements.before(slot) : slot)
    let accepted = time &- min(deviceAckPs, time)
    let onLink = max(accepted, now)
    probe.add(.acknowledgement, time &- onLink, region)
    if accepted > now {
      probe.waitForStart(
        .acknowledgement, from: now, until: accepted, sent: sent, link, region)
    }
  }

  /// Equal Device pieces, each leaving as one TLP with one data credit.
  @inline(__always)
  mutating func deviceRun(_ step: TimeStep, _ vcpu: Int, _ region: Int, _ times: Span<UInt64>) {
    let strict = step.flags.contains(.strict)
    let bytes = Int(step.bytes)
    for offset in 0..<Int(step.count) {
      if paced, offset > 0, step.index != TimeStep.noIndex {
        let time = times[Int(step.index) &+ offset] &* 1000
        if time > issuers[vcpu].now {
          if measures { probe.add(.idle, time &- issuers[vcpu].now, region) }
          issuers[vcpu].now = time
        }
      }
      issueDeviceWrite(vcpu, strict: strict, region)
      let issued = issuers[vcpu].issued
      let start = link.post(ready: issued, bytes: bytes, data: 1)
      noteEnd(link.lastEnd, region)
      if measures {
        probe.sent(vcpu, link)
        probe.stores.add(start &- issued, region)
      }
      acceptDeviceWrite(vcpu, strict: strict, start)
    }
  }
}
