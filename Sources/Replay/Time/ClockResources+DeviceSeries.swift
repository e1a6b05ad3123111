import TraceCore

// Windows of Device stores that follow from the one ahead of them: as many stores as may be in
// flight, each later than the one a window ahead by one and the same time.
extension ClockResources {
  /// Takes as many windows of stores at once as find their credits as the last one did.
  @inline(never)
  mutating func leap<Mode: ClockMode>(
    _ run: inout DeviceRun, _ writes: inout LinkClock.Run, _ vcpu: Int, _ region: Int,
    _ mode: Mode.Type
  ) {
    series.step = run.step
    keepStarts(of: run, vcpu)
    writes.post(&series)
    if Mode.measures, series.windows > 0 {
      keepSent(writes, vcpu)
      let windows = UInt64(truncatingIfNeeded: series.windows)
      for slot in 0..<series.period { probe.stores.add(latencies[slot], region, times: windows) }
    }
    moveAcknowledgements(vcpu)
    run.pass(series)
  }

  /// Takes the windows behind the present one of a run at once, where what holds their stores up is
  /// known beforehand.
  ///
  /// A store is issued when the vCPU is free behind the one before it and the one a window ahead
  /// is acknowledged, and starts when the link is free. Let the stores of a window start no closer
  /// together than the vCPU issues, and let vCPU and link be done with them when the first one is
  /// acknowledged. Then the next window's first store starts at that time, each that follows when
  /// the one a window ahead of it is acknowledged, and as its stores have the distances of those,
  /// the same goes for every window behind it. They wait for acknowledgements alone, but the first
  /// one may have come before the write that it waits for has started.
  ///
  /// Or let the link carry one after the other without a gap, longer than the vCPU issues, and
  /// a window of them longer than an acknowledgement takes. Then it does so with all that follow.
  /// What the vCPU waits for differs from store to store, so that is for clocks that do not measure.
  ///
  /// - Returns: Whether one of both is so; a window that waits for credits or a recorded time may
  ///   come first, and is not done.
  @inline(__always)
  mutating func settle<Mode: ClockMode>(
    _ run: inout DeviceRun, _ writes: inout LinkClock.Run, _ times: Span<UInt64>?, _ vcpu: Int,
    _ region: Int, _ mode: Mode.Type
  ) -> Bool {
    series.windows = (run.count &- run.done) / series.period
    guard series.windows > 0 else { return false }
    keepStarts(of: run, vcpu)
    var reached = run.issuer.now
    if Mode.paced, let times { reached = max(reached, times[run.done] &* 1000) }
    let (first, last) = (series[0], series[series.period &- 1])
    let next = first &+ deviceAckPs
    if max(reached, last &+ max(writes.wire, storeIssuePs)) <= next {
      guard writes.wire >= storeIssuePs || isSpaced else { return false }
      series.step = deviceAckPs
      if Mode.paced, let times {
        series.windows = run.windows(within: times, series, issue: storeIssuePs)
      }
      writes.post(&series)
      if Mode.measures, series.windows > 0 {
        run.idle &+= reached &- run.issuer.now
        if first > reached {
          let number = probe.write(vcpu, run.issuer.deviceWrite)
          waitForStart(&run, from: reached, until: first, of: number, vcpu)
        }
        keepSent(writes, vcpu)
        waitForAcknowledgements(&run, reached, region)
      }
      run.settle(series, now: last &+ series.shift(series.windows &- 1) &+ storeIssuePs)
    } else {
      let turn = UInt64(truncatingIfNeeded: series.period) &* writes.wire
      guard !Mode.measures, times == nil, storeIssuePs <= writes.wire, deviceAckPs <= turn,
        reached <= last &+ writes.wire, last &- first == turn &- writes.wire
      else { return false }
      series.step = turn
      writes.post(&series)
      let stores = UInt64(truncatingIfNeeded: series.windows &* series.period)
      let acknowledged = last &+ series.shift(series.windows &- 1) &- turn &+ deviceAckPs
      run.settle(
        series, now: max(reached &+ (stores &- 1) &* storeIssuePs, acknowledged) &+ storeIssuePs)
    }
    moveAcknowledgements(vcpu)
    return true
  }

  /// Puts the starts of the last window of a run where its repetitions are made of.
  @inline(__always)
  private mutating func keepStarts(of run: DeviceRun, _ vcpu: Int) {
    // The oldest write in flight is where the next one will be.
    let row = unsafe acknowledgements.row(vcpu)
    var slot = run.issuer.deviceWrite
    for place in 0..<series.period {
      series[place] = unsafe row[slot] &- deviceAckPs
      slot = unsafe row.after(slot)
    }
  }

  /// The stores of the window ahead of the series start no closer together than the vCPU issues.
  private var isSpaced: Bool {
    for place in 1..<max(series.period, 1) where series[place] &- series[place - 1] < storeIssuePs {
      return false
    }
    return true
  }

  /// Remembers the TLPs of the series.
  @inline(__always)
  private mutating func keepSent(_ writes: LinkClock.Run, _ vcpu: Int) {
    link.keep(writes, series)
    probe.down.add(series, length: writes.wire)
    let sent = UInt64(truncatingIfNeeded: series.windows &* series.period)
    for slot in 0..<series.period { probe.keepWrite(vcpu, slot, probe.write(vcpu, slot) &+ sent) }
  }

  /// Adds the latencies of stores that wait for acknowledgements, and these waits.
  ///
  /// - Parameters:
  ///   - run: At the end of the window ahead of them.
  ///   - reached: When the vCPU comes to the first of them, in ps.
  ///   - region: Theirs.
  @inline(__always)
  private mutating func waitForAcknowledgements(
    _ run: inout DeviceRun, _ reached: UInt64, _ region: Int
  ) {
    let windows = UInt64(truncatingIfNeeded: series.windows)
    let next = series[0] &+ deviceAckPs
    var before = series[0] &+ storeIssuePs
    // Mostly all wait as long, but the first one.
    var (wait, waits, same) = (UInt64(0), UInt64(0), UInt64(0))
    for place in 1..<max(series.period, 1) {
      if series[place] &- before != wait {
        probe.stores.add(wait, region, times: same &* windows)
        (wait, same) = (series[place] &- before, 0)
      }
      waits &+= wait
      same &+= 1
      before = series[place] &+ storeIssuePs
    }
    probe.stores.add(wait, region, times: same &* windows)
    probe.stores.add(next &- reached, region)
    probe.stores.add(next &- before, region, times: windows &- 1)
    // Until that write started, the first one waited for the link.
    run.waits.acknowledging &+=
      windows &* waits &+ (windows &- 1) &* (next &- before) &+ (next &- max(reached, series[0]))
  }

  /// Acknowledgements of the series' last window take the places of those ahead of it.
  @inline(__always)
  private mutating func moveAcknowledgements(_ vcpu: Int) {
    let time = UInt64(truncatingIfNeeded: series.windows) &* series.step
    let row = unsafe acknowledgements.row(vcpu)
    for slot in 0..<series.period { unsafe row[slot] = unsafe row[slot] &+ time }
  }
}
