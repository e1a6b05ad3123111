import TraceCore

// Device stores at recorded times that are hardly held up.
extension ClockResources {
  /// Takes stores of a run that wait for no more than the store ahead of them: acknowledgements,
  /// credits and other TLPs are no matter.
  ///
  /// - Parameters:
  ///   - run: Its stores so far.
  ///   - writes: Its TLPs.
  ///   - times: Recorded times of the run's stores, in ns; that of the first one is reached.
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
    let most = min(run.count &- begin, Self.mostOnTime)
    var free = run.issuer.now
    let first = begin > 0 ? max(free, times[begin] &* 1000) : free
    let row = unsafe acknowledgements.row(vcpu)
    var slot = run.issuer.deviceWrite
    let oldest = run.strict ? run.issuer.lastAcknowledgement : unsafe row[slot]
    guard max(run.strictest, oldest) <= first, writes.hasCredits(for: most, from: first) else {
      return false
    }
    // What the stores wait for in turn: writes in flight, oldest first, and behind them their own.
    let acknowledged = unsafe onTime.pointer(to: 0, count: 2 * Self.mostOnTime)
    unsafe acknowledged[0] = oldest
    let inFlight = run.strict ? 1 : min(acknowledgements.depth, most)
    for place in 1..<max(inFlight, 1) {
      slot = unsafe row.after(slot)
      unsafe acknowledged[place] = unsafe row[slot]
    }
    let (issuing, acknowledging) = (storeIssuePs, deviceAckPs)
    let own = unsafe acknowledged + inFlight
    let times = times.extracting(begin..<begin &+ most)
    var (now, store, late) = (first, 0, 0)
    var (posts, sent) = (writes, link.sent.begin())
    while true {
      let start = posts.post(freelyAt: max(now, posts.end))
      unsafe own[store] = start &+ acknowledging
      if Mode.measures {
        sent.add(start, posts.wire)
        if start > now {
          keepLatency(start &- now, of: 1, &run, region)
          late &+= 1
        }
      }
      free = now &+ issuing
      store &+= 1
      guard store < most else { break }
      now = unsafe max(free, times[unchecked: store] &* 1000)
      guard unsafe acknowledged[store] <= now else { break }
    }
    let stores = store
    writes = posts
    if Mode.measures {
      link.keep(sent)
      addUse(writes, stores)
      probe.stores.add(0, region, times: UInt64(truncatingIfNeeded: stores &- late))
      run.idle &+= free &- run.issuer.now
      run.idle &-= UInt64(truncatingIfNeeded: stores) &* issuing
    }
    run.issuer.deviceWrite = (run.issuer.deviceWrite &+ stores) % acknowledgements.depth
    slot = run.issuer.deviceWrite
    for behind in 1...min(stores, acknowledgements.depth) {
      slot = acknowledgements.before(slot)
      unsafe row[slot] = unsafe own[stores &- behind]
      guard Mode.measures else { continue }
      probe.keepWrite(vcpu, slot, link.sent.count &- UInt64(truncatingIfNeeded: behind &- 1))
    }
    (run.issuer.now, run.issuer.lastAcknowledgement) = (free, writes.start &+ acknowledging)
    run.first = min(run.first, first)
    run.posted(stores)
    return true
  }

  /// Stores looked at together; all are still remembered at the end.
  static let mostOnTime = 64
}
