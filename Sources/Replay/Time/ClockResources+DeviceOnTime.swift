import TraceCore

// Device stores for which vCPU, slot, link and credits are ready before their recorded times.
extension ClockResources {
  /// Takes stores of a run that are issued and start at their recorded times.
  ///
  /// - Parameters:
  ///   - run: At a store that is not the first one.
  ///   - writes: Its TLPs.
  ///   - times: Recorded times of the run's stores, in ns.
  ///   - vcpu: Whose run it is.
  ///   - region: Where the stores go.
  ///   - mode: What is kept.
  /// - Returns: Whether there were any.
  @inline(never)
  mutating func postOnTime<Mode: ClockMode>(
    _ run: inout DeviceRun, _ writes: inout LinkClock.Run, _ times: Span<UInt64>, _ vcpu: Int,
    _ region: Int, _ mode: Mode.Type
  ) -> Bool {
    let begin = run.done
    let first = times[begin] &* 1000
    // All earlier acknowledgements are there with the last one.
    guard max(run.issuer.now, run.issuer.lastAcknowledgement, writes.end) <= first else {
      return false
    }
    let stores = onTime(run, writes, times)
    guard writes.hasCredits(for: stores, from: first) else { return false }
    writes.post(stores) { times[begin &+ $0] &* 1000 }
    let depth = acknowledgements.depth
    let kept = min(stores, depth)
    run.issuer.deviceWrite = (run.issuer.deviceWrite &+ stores) % depth
    let row = unsafe acknowledgements.row(vcpu)
    var slot = run.issuer.deviceWrite
    for behind in 1...kept {
      slot = acknowledgements.before(slot)
      unsafe row[slot] = times[begin &+ stores &- behind] &* 1000 &+ deviceAckPs
    }
    if Mode.measures {
      link.keep(writes, stores) { times[begin &+ $0] &* 1000 }
      for behind in (0..<kept).reversed() {
        probe.keepWrite(vcpu, slot, link.sent.count &- UInt64(truncatingIfNeeded: behind))
        slot = acknowledgements.after(slot)
      }
      addUse(writes, stores)
      run.idle &+= writes.start &- run.issuer.now
      run.idle &-= UInt64(truncatingIfNeeded: stores &- 1) &* storeIssuePs
      keepLatency(0, of: stores, &run, region)
    }
    run.issuer.now = writes.start &+ storeIssuePs
    run.issuer.lastAcknowledgement = writes.start &+ deviceAckPs
    run.first = min(run.first, first)
    run.posted(stores)
    return true
  }

  /// Stores looked at together; all are still remembered at the end.
  private static let mostOnTime = 64

  /// How many stores of a run, of which the first one is, are issued and start at their recorded
  /// times.
  @inline(__always)
  private func onTime(_ run: DeviceRun, _ writes: LinkClock.Run, _ times: Span<UInt64>) -> Int {
    let end = run.done &+ min(run.count &- run.done, Self.mostOnTime)
    // A strict one waits for the acknowledgement of the last, others for that a window ahead.
    let window = run.strict ? 1 : acknowledgements.depth
    let gap = (max(storeIssuePs, writes.wire) &+ 999) / 1000
    let least = (deviceAckPs &+ 999) / 1000
    var store = run.done &+ 1
    while store < end, times[store] >= times[store &- 1] &+ gap {
      let ahead = store &- window
      guard ahead < run.done || times[store] >= times[ahead] &+ least else { break }
      store &+= 1
    }
    return store &- run.done
  }
}
