/// Both directions of the link, with everything they ever carried.
struct NaiveLink {
  /// Time on the link: from its start up to, but not including, its end.
  private struct Interval {
    var start: Int
    var end: Int
  }

  /// Credits that a TLP took, and when they are back.
  private struct Use {
    var amount: Int
    var back: Int
  }

  /// Credits of one kind: 0 is infinite.
  private struct Pool {
    var size: Int
    var uses: [Use] = []

    /// The earliest time at which so many credits are there.
    func earliest(_ wanted: Int) -> Int {
      guard size > 0, wanted > 0 else { return 0 }
      // More than there are: as many as there are.
      var taken = min(wanted, size)
      // They come back in the order in which they were taken: the newest that leave room for this
      // one may still be out, the one before them must be back.
      for use in uses.reversed() {
        taken += use.amount
        if taken > size { return use.back }
      }
      return 0
    }

    mutating func take(_ wanted: Int, back: Int) {
      uses.append(Use(amount: min(wanted, size), back: back))
    }
  }

  private let timing: NaiveTiming
  private var loop: Int { timing.creditLoop }
  private var ph: Pool
  private var pd: Pool
  private var nph: Pool
  private var npd: Pool
  private var cplh: Pool
  private var cpld: Pool
  /// All requests that waited for credits.
  private var held: [Interval] = []
  /// End of the last write, and of the last request.
  private var writesEnd = 0
  private var requestsEnd = 0
  /// End of the last request that did not wait for credits: later writes come behind it.
  private var barrier = 0
  private var upEnd = 0
  /// Memory writes that wait for their Acks, in units of 16 bytes.
  private var unacknowledged: Pool
  /// TLPs towards the device; the requests of one bus read are one.
  private var sent = 0

  init(_ timing: NaiveTiming) {
    self.timing = timing
    ph = Pool(size: timing.ph)
    pd = Pool(size: timing.pd)
    nph = Pool(size: timing.nph)
    npd = Pool(size: timing.npd)
    cplh = Pool(size: timing.cplh)
    cpld = Pool(size: timing.cpld)
    unacknowledged = Pool(size: timing.replayBuffer / 16)
  }

  /// From the start of the next TLP to the start of the transmission that arrives.
  private mutating func timeInVain(_ wire: Int) -> Int {
    sent += 1
    let isDamaged = timing.replayEvery > 0 && sent % timing.replayEvery == 0
    return isDamaged ? wire + timing.replayWait : 0
  }

  /// A memory write: behind earlier writes, around requests that wait for credits.
  ///
  /// - Returns: Its start.
  mutating func write(ready: Int, wire: Int, bytes: Int, dataCredits: Int) -> Int {
    let units = (bytes + 15) / 16
    let free = [
      ready, writesEnd, barrier, ph.earliest(1), pd.earliest(dataCredits),
      unacknowledged.earliest(units),
    ]
    var start = free.max() ?? 0
    let inVain = timeInVain(wire)
    let busy = inVain + wire
    while let other = held.first(where: { $0.start < start + busy && start < $0.end }) {
      start = other.end
    }
    start += inVain
    unacknowledged.take(units, back: start + wire + timing.ackLatency)
    ph.take(1, back: start + loop)
    pd.take(dataCredits, back: start + loop)
    writesEnd = start + wire
    return start
  }

  /// A request, or those of one bus read: behind all writes and requests before.
  ///
  /// - Returns: Its start.
  mutating func request(ready: Int, wire: Int, requests: Int, dataCredits: Int) -> Int {
    let credits = max(nph.earliest(requests), npd.earliest(dataCredits))
    let first = max(ready, writesEnd, requestsEnd, credits)
    // Without credits that are missing, its own or those of a request ahead, it would leave then.
    let free = max(ready, writesEnd, barrier)
    let start = first + timeInVain(wire)
    nph.take(requests, back: start + loop)
    npd.take(dataCredits, back: start + loop)
    requestsEnd = start + wire
    if first > free {
      held.append(Interval(start: first, end: requestsEnd))
    } else {
      barrier = requestsEnd
    }
    return start
  }

  /// Completions, which leave the device in the order of their requests.
  ///
  /// - Returns: Their end.
  mutating func complete(
    ready: Int, wire: Int, completions: Int, dataCredits: Int
  ) -> Int {
    let start = [ready, upEnd, cplh.earliest(completions), cpld.earliest(dataCredits)].max() ?? 0
    cplh.take(completions, back: start + loop)
    cpld.take(dataCredits, back: start + loop)
    upEnd = start + wire
    return upEnd
  }
}
