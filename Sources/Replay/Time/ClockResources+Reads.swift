import PCIeModel
import Results
import TraceCore

// Loads, config accesses and DSBs: what waits for something to come back.
extension ClockResources {
  /// Issues a load that has to wait for an earlier one when too many are without data.
  @inline(__always)
  mutating func issueLoad<Mode: ClockMode>(
    _ issuer: inout Issuer, _ vcpu: Int, device: Bool, _ region: Int, _ mode: Mode.Type
  ) {
    let free =
      device ? deviceLoads[vcpu, issuer.deviceLoad] : normalLoads[vcpu, issuer.normalLoad]
    let time = max(issuer.now, free)
    if Mode.measures {
      if time > issuer.now {
        let sent = probe.requestSent(vcpu, device ? issuer.deviceLoad : issuer.normalLoad, device)
        waitForData(issuer.now, until: time, sent: sent, region)
      }
      probe.add(.issue, storeIssuePs, region)
    }
    issuer.issued = time
    issuer.now = time &+ storeIssuePs
    noteIssue(time, region)
  }

  /// Sends read requests behind the posted writes and brings their data back.
  @inline(never)
  mutating func read<Mode: ClockMode>(
    _ step: TimeStep, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ mode: Mode.Type
  ) {
    isReadUsed = true
    let data = link.request(
      ready: issuer.issued, bytes: Int(step.bytes), headers: Int(step.slot), data: 0,
      isConfig: false, latency: device.readLatencyPs, completion(step), mode)
    noteEnd(data, region)
    if Mode.measures { returned(vcpu, .read) }
    guard step.flags.contains(.endsLoad) else { return }
    let isDevice = step.flags.contains(.device)
    if Mode.measures {
      let slot = isDevice ? issuer.deviceLoad : issuer.normalLoad
      probe.keepRequest(vcpu, slot, isDevice, link.lastStart)
    }
    if isDevice {
      deviceLoads[vcpu, issuer.deviceLoad] = data
      issuer.deviceLoad = deviceLoads.after(issuer.deviceLoad)
    } else {
      normalLoads[vcpu, issuer.normalLoad] = data
      issuer.normalLoad = normalLoads.after(issuer.normalLoad)
    }
    issuer.outstandingData = max(issuer.outstandingData, data)
    if Mode.measures { probe.loads.add(data &- issuer.issued, region) }
  }

  /// A config access: the vCPU waits for its completion.
  @inline(never)
  mutating func config<Mode: ClockMode>(
    _ step: TimeStep, _ issuer: inout Issuer, _ vcpu: Int, _ region: Int, _ mode: Mode.Type
  ) {
    let issued = issuer.now
    issuer.issued = issued
    isConfigUsed = true
    noteIssue(issued, region)
    let done = link.request(
      ready: issued, bytes: Int(step.bytes), headers: 1,
      data: step.flags.contains(.configWrite) ? 1 : 0, isConfig: true,
      latency: device.configLatencyPs, completion(step), mode)
    noteEnd(done, region)
    if Mode.measures {
      returned(vcpu, .config)
      let start = max(link.lastStart, issued)
      probe.add(.config, done &- start, region)
      if start > issued { waitForStart(.config, from: issued, until: start, region) }
    }
    issuer.now = done
  }

  private func completion(_ step: TimeStep) -> LinkClock.Completion {
    LinkClock.Completion(
      bytes: Int(step.count), headers: Int(step.completions), data: Int(step.units))
  }

  /// A DSB waits for every acknowledgement and all read data of its vCPU.
  mutating func synchronize<Mode: ClockMode>(
    _ issuer: inout Issuer, _ vcpu: Int, _ mode: Mode.Type
  ) {
    let time = max(issuer.outstanding, issuer.outstandingData)
    guard time > issuer.now else { return }
    if Mode.measures { waitAtBarrier(issuer, until: time, probe.region(vcpu)) }
    issuer.now = time
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
