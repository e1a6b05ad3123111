import PCIeModel
import Results
import TraceCore

// Loads, config accesses and DSBs: what waits for something to come back.
extension ReplayClock {
  /// Issues a load that has to wait for an earlier one when too many are without data.
  @inline(__always)
  mutating func issueLoad(_ vcpu: Int, device: Bool, _ region: Int) {
    let issuer = issuers[vcpu]
    let free =
      device ? deviceLoads[vcpu, issuer.deviceLoad] : normalLoads[vcpu, issuer.normalLoad]
    let time = max(issuer.now, free)
    if measures {
      if time > issuer.now {
        let sent = probe.requestSent(vcpu, device ? issuer.deviceLoad : issuer.normalLoad, device)
        waitForData(issuer.now, until: time, sent: sent, region)
      }
      probe.add(.issue, storeIssuePs, region)
    }
    issuers[vcpu].issued = time
    issuers[vcpu].now = time &+ storeIssuePs
    noteIssue(time, region)
  }

  /// Sends read requests behind the posted writes and brings their data back.
  @inline(__always)
  mutating func read(_ step: TimeStep, _ vcpu: Int, _ region: Int) {
    isReadUsed = true
    let data = link.request(
      ready: issuers[vcpu].issued, bytes: Int(step.bytes), headers: Int(step.slot), data: 0,
      isConfig: false, latency: self.device.readLatencyPs, completion(step))
    noteEnd(data, region)
    if measures { returned(vcpu, .read) }
    guard step.flags.contains(.endsLoad) else { return }
    let isDevice = step.flags.contains(.device)
    if measures {
      let slot = isDevice ? issuers[vcpu].deviceLoad : issuers[vcpu].normalLoad
      probe.keepRequest(vcpu, slot, isDevice, link.lastStart)
    }
    if isDevice {
      let slot = issuers[vcpu].deviceLoad
      deviceLoads[vcpu, slot] = data
      issuers[vcpu].deviceLoad = deviceLoads.after(slot)
    } else {
      let slot = issuers[vcpu].normalLoad
      normalLoads[vcpu, slot] = data
      issuers[vcpu].normalLoad = normalLoads.after(slot)
    }
    issuers[vcpu].outstandingData = max(issuers[vcpu].outstandingData, data)
    if measures { probe.loads.add(data &- issuers[vcpu].issued, region) }
  }

  /// A config access: the vCPU waits for its completion.
  mutating func config(_ step: TimeStep, _ vcpu: Int, _ region: Int) {
    let issued = issuers[vcpu].now
    isConfigUsed = true
    noteIssue(issued, region)
    let done = link.request(
      ready: issued, bytes: Int(step.bytes), headers: 1,
      data: step.flags.contains(.configWrite) ? 1 : 0, isConfig: true,
      latency: self.device.configLatencyPs, completion(step))
    noteEnd(done, region)
    if measures {
      returned(vcpu, .config)
      let start = max(link.lastStart, issued)
      probe.add(.config, done &- start, region)
      if start > issued { waitForStart(.config, from: issued, until: start, region) }
    }
    issuers[vcpu].now = done
  }

  private func completion(_ step: TimeStep) -> LinkClock.Completion {
    LinkClock.Completion(
      bytes: Int(step.count), headers: Int(step.completions), data: Int(step.units))
  }

  /// A DSB waits for every acknowledgement and all read data of its vCPU.
  mutating func synchronize(_ vcpu: Int) {
    let issuer = issuers[vcpu]
    let time = max(issuer.outstanding, issuer.outstandingData)
    guard time > issuer.now else { return }
    if measures { waitAtBarrier(issuer, until: time, probe.region(vcpu)) }
    issuers[vcpu].now = time
  }

  /// For data it is a wait as any other; until a write was accepted, its acknowledgement waits for
  /// the link.
  private mutating func waitAtBarrier(_ issuer: Issuer, until time: UInt64, _ region: Int) {
    guard issuer.outstanding >= issuer.outstandingData else {
      return probe.add(.read, time &- issuer.now, region)
    }
    let accepted = max(time &- min(deviceAckPs, time), issuer.now)
    probe.add(.barrier, time &- accepted, region)
    if accepted > issuer.now {
      waitForStart(.barrier, from: issuer.now, until: accepted, region)
    }
  }

  /// The trace has ended: what is under way arrives.
  mutating func finish() {
    guard measures else { return }
    for vcpu in 0..<issuers.count {
      let now = issuers[vcpu].now
      guard let rest = probe.rest(vcpu, from: now) else { continue }
      probe.add(rest.share, rest.end - rest.start, rest.region)
      if rest.start > now { waitForStart(.buffer, from: now, until: rest.start, rest.region) }
    }
  }

  /// A wait for data, which before its request was on the link was one for that.
  private mutating func waitForData(
    _ from: UInt64, until time: UInt64, sent: UInt64, _ region: Int
  ) {
    let start = min(max(sent, from), time)
    probe.add(.read, time &- start, region)
    if start > from { waitForStart(.read, from: from, until: start, region) }
  }

  /// Requests went out and their completions came back.
  private mutating func returned(_ vcpu: Int, _ share: TimeShare) {
    let back = link.lastReturn
    probe.keepReturn(vcpu, share, back.end)
    noteUse()
    probe.up.add(back.start, back.end &- back.start)
  }
}
