import PCIeModel
import TraceCore

/// When TLPs are on the link, in both directions: bandwidth, credits, Acks and replays.
///
/// Memory writes leave in the order in which they are given. Requests wait for the writes ahead of
/// them; one that has to wait for non-posted credits lets later writes pass, as it must be able to
/// (PCI Express Base Specification 5.0, section 2.4.1, table 2-40, entries A3 and A4).
struct LinkClock: ~Copyable {
  /// What comes back for a request.
  struct Completion {
    /// Wire bytes of all completions.
    var bytes: Int
    /// Completions, and their data credits.
    var headers: Int
    var data: Int
  }

  private let rate: LinkRate
  private let memoryChannel: Int
  private let dataLink: DataLink
  private var posted: PostedCredits
  /// In place of those where a scale makes credits come back in groups.
  private var scaledPosted: CreditPool
  private let isScaled: Bool
  /// Of channel 0, and of the channel of memory requests where that is another one.
  private var nonPosted: CreditPool
  private var memoryNonPosted: CreditPool
  private var completion: CreditPool
  private var replayBuffer: CreditPool
  private var downFree: UInt64 = 0
  private var upFree: UInt64 = 0
  private var held = HeldRequests()
  /// Nothing but order, bandwidth and credits that come back one by one holds up a memory write.
  private var isPlain = true
  /// The last time that the link was idle because memory writes of channel 1 had no credits.
  private var gap: (from: UInt64, until: UInt64) = (0, 0)

  /// The last TLP towards the device: start and end.
  private(set) var lastStart: UInt64 = 0
  private(set) var lastEnd: UInt64 = 0
  /// Start of the last TLP's first transmission, where it was sent twice; nil once it was taken.
  private var damaged: UInt64?
  /// The last completion's start and end.
  private(set) var lastReturn: (start: UInt64, end: UInt64) = (0, 0)
  /// TLPs towards the device so far.
  private var count: UInt64 = 0
  /// The last ones of them.
  private(set) var sent: SentTLPs
  /// Not 0 where something waited for flow control credits.
  private var waits: UInt64 = 0

  /// - Parameters:
  ///   - link: Rate, credits and faults.
  ///   - keepsSent: ``sent`` is kept, to tell what others waited for: the mode measures.
  ///   - most: Credits of clocks that may take the state of this one.
  init(_ link: LinkConfiguration, keepsSent: Bool, most: FlowControl? = nil) {
    sent = SentTLPs(isUsed: keepsSent)
    rate = LinkRate(link)
    memoryChannel = link.memoryChannel
    dataLink = link.dataLink
    let control = link.flowControl.withoutIdleData
    isScaled = control.headerScale != 1 || control.dataScale != 1
    posted = PostedCredits(
      isScaled ? .infinite : control.posted, loop: control.loopPs,
      most: isScaled ? .infinite : most?.posted ?? control.posted)
    scaledPosted = CreditPool(
      isScaled ? control.posted : .infinite, control, most: isScaled ? most?.posted : nil)
    nonPosted = CreditPool(control.nonPosted, control, most: most?.nonPosted)
    memoryNonPosted = CreditPool(control.nonPosted, control, most: most?.nonPosted)
    completion = CreditPool(control.completion, control, most: most?.completion)
    replayBuffer = CreditPool(units: link.dataLink.replayBufferBytes / Self.replayUnit)
    updatePlain()
  }

  /// Something has waited for flow control credits.
  var hasWaited: Bool { waits != 0 }

  /// Takes the state of another clock of the same link, but for flow control.
  ///
  /// - Parameter other: Keeps nothing that was sent. Where the flow control differs, it has no more
  ///   credits and no shorter loop, room for as many credits as here, and nothing has waited.
  mutating func take(_ other: borrowing LinkClock) {
    posted.take(other.posted)
    scaledPosted.take(other.scaledPosted)
    nonPosted.take(other.nonPosted)
    memoryNonPosted.take(other.memoryNonPosted)
    completion.take(other.completion)
    replayBuffer.take(other.replayBuffer)
    held.take(other.held)
    (downFree, upFree) = (other.downFree, other.upFree)
    (isPlain, gap, damaged) = (other.isPlain, other.gap, other.damaged)
    (lastStart, lastEnd, lastReturn) = (other.lastStart, other.lastEnd, other.lastReturn)
    (count, waits) = (other.count, other.waits)
  }

  /// Bytes of a replay buffer are counted in this unit, rounded up for each TLP.
  private static let replayUnit = 16

  // MARK: Towards the device

  /// Transmits a memory write.
  ///
  /// - Parameters:
  ///   - ready: When it may start, in ps.
  ///   - bytes: On the wire.
  ///   - units: Data credits.
  ///   - mode: Whether ``sent`` is kept.
  /// - Returns: When its transmission starts, in ps.
  @inline(__always)
  mutating func post<Mode: ClockMode>(
    ready: UInt64, bytes: Int, data units: Int, _ mode: Mode.Type
  ) -> UInt64 {
    let wire = rate.serialisationPs(bytes)
    let free = max(ready, downFree)
    guard isPlain else { return postDelayed(free, wire, bytes, units, mode) }
    let start = posted.account.wait(at: free, data: UInt64(truncatingIfNeeded: units))
    waits |= start &- free
    carry(start, wire, waited: start &- free, mode)
    posted.account.spend(data: UInt64(truncatingIfNeeded: units), at: start)
    return start
  }

  /// Transmits a memory write where more than one channel and a faultless link is modelled, where
  /// credits are scaled, or where requests wait for credits.
  @inline(never)
  private mutating func postDelayed<Mode: ClockMode>(
    _ free: UInt64, _ wire: UInt64, _ bytes: Int, _ units: Int, _ mode: Mode.Type
  ) -> UInt64 {
    var start =
      isScaled
      ? scaledPosted.wait(at: free, headers: 1, data: units)
      : posted.account.wait(at: free, data: UInt64(truncatingIfNeeded: units))
    waits |= start &- free
    let buffered = (bytes &+ Self.replayUnit &- 1) / Self.replayUnit
    if dataLink.replayBufferBytes > 0 {
      start = replayBuffer.wait(at: start, headers: 0, data: buffered)
    }
    let inVain = timeInVain(wire)
    if !held.isEmpty { start = held.after(start, inVain &+ wire) }
    if memoryChannel == 1, start > free { gap = (free, start) }
    updatePlain()
    let waited = start &- free
    if inVain > 0 { damaged = start }
    carry(start &+ inVain, wire, waited: waited, mode)
    if dataLink.replayBufferBytes > 0 {
      // Until the Ack of the transmission that arrived.
      replayBuffer.spend(headers: 0, data: buffered, at: lastEnd &+ dataLink.ackLatencyPs)
    }
    if isScaled {
      scaledPosted.spend(headers: 1, data: units, at: lastStart)
    } else {
      posted.account.spend(data: UInt64(truncatingIfNeeded: units), at: lastStart)
    }
    return lastStart
  }

  private mutating func updatePlain() {
    isPlain =
      memoryChannel == 0 && dataLink.replayBufferBytes == 0 && dataLink.replayEvery == 0
      && held.isEmpty && !isScaled
  }

  /// From the start of the next TLP's first transmission to that of the one that arrives: not 0 of
  /// every so many TLPs.
  @inline(__always)
  private func timeInVain(_ wire: UInt64) -> UInt64 {
    let every = UInt64(truncatingIfNeeded: dataLink.replayEvery)
    guard !isPlain, every > 0, (count &+ 1) % every == 0 else { return 0 }
    return wire &+ dataLink.replayPs
  }

  @inline(__always)
  private mutating func carry<Mode: ClockMode>(
    _ start: UInt64, _ wire: UInt64, waited: UInt64, _ mode: Mode.Type
  ) {
    count &+= 1
    if Mode.measures { sent.add(start, wire, waited: waited) }
    lastStart = start
    lastEnd = start &+ wire
    downFree = lastEnd
  }

  /// A run of equal memory writes: its state, in registers.
  struct Run {
    /// Transmission time of each, in ps.
    let wire: UInt64
    /// Nothing but order, bandwidth and credits that come back one by one holds them up.
    let isPlain: Bool
    /// Data credits of each.
    let units: UInt64
    /// When the link is free, and the start of the last one.
    private(set) var end: UInt64
    private(set) var start: UInt64 = 0
    /// Not 0 where one of them waited for credits.
    fileprivate var waits: UInt64 = 0
    fileprivate var account: PostedCredits.Account

    fileprivate init(
      wire: UInt64, isPlain: Bool, units: Int, end: UInt64, _ account: PostedCredits.Account
    ) {
      self.wire = wire
      self.isPlain = isPlain
      self.units = UInt64(truncatingIfNeeded: units)
      self.end = end
      self.account = account
    }

    /// Takes a write of a plain run that is ready, as the link is, at a time.
    ///
    /// - Parameters:
    ///   - free: In ps.
    ///   - hasData: Its data credits are known to be no matter.
    /// - Returns: Its start, in ps.
    @inline(__always)
    mutating func post(at free: UInt64, hasData: Bool = false) -> UInt64 {
      start = hasData ? account.waitForHeader(at: free) : account.wait(at: free, data: units)
      waits |= start &- free
      account.spend(data: units, at: start)
      end = start &+ wire
      return start
    }

    /// Takes a write of a plain run that starts at a time, credits being no matter.
    ///
    /// - Returns: That time.
    @inline(__always)
    @discardableResult
    mutating func post(freelyAt time: UInt64) -> UInt64 {
      start = time
      account.spend(data: units, at: time)
      end = time &+ wire
      return time
    }

    /// Whether data credits are no matter to writes of a plain run, none of which starts before a
    /// time.
    @inline(__always)
    mutating func hasData(for writes: Int, from time: UInt64) -> Bool {
      account.hasData(for: writes, data: units, from: time)
    }

    /// Whether no credits are a matter to writes of a plain run, none of which starts before a time.
    @inline(__always)
    mutating func hasCredits(for writes: Int, from time: UInt64) -> Bool {
      account.hasCredits(for: writes, data: units, from: time)
    }

    /// Whether header credits are no matter to writes of a plain run, none of which starts before a
    /// time.
    @inline(__always)
    func hasHeaders(for writes: Int, from time: UInt64) -> Bool {
      account.hasHeaders(for: writes, from: time)
    }

    /// Takes writes that start one after the other, without a wait for credits.
    ///
    /// - Parameters:
    ///   - writes: 1 or more.
    ///   - first: Start of the first one, in ps.
    ///   - step: From each start to the next one.
    @inline(__always)
    mutating func post(_ writes: Int, from first: UInt64, every step: UInt64) {
      account.spend(writes, data: units, from: first, every: step)
      start = first &+ UInt64(truncatingIfNeeded: writes &- 1) &* step
      end = start &+ wire
    }

    /// The next writes of a plain run, where the first one needs credits that were spent before.
    @inline(__always)
    func returns() -> PostedCredits.Account.Returns? { account.returns(data: units) }

    /// Takes writes of a plain run that started when credits returned.
    ///
    /// - Parameters:
    ///   - returns: One or more of them.
    ///   - waited: Not 0 where one of them waited.
    @inline(__always)
    mutating func post(_ returns: PostedCredits.Account.Returns, waited: UInt64) {
      account.spend(returns)
      waits |= waited
      start = returns.start(before: 1)
      end = start &+ wire
    }

    /// Takes writes, credits being no matter.
    ///
    /// - Parameters:
    ///   - writes: 1 or more.
    ///   - start: Of one of them, counted from 0, in ps.
    @inline(__always)
    mutating func post(_ writes: Int, start: (Int) -> UInt64) {
      account.spend(writes, data: units, start: start)
      self.start = start(writes &- 1)
      end = self.start &+ wire
    }

    /// Takes writes whose starts repeat, and where nothing waits for credits.
    ///
    /// - Parameter series: Their starts; its windows become those that were sent.
    mutating func post(_ series: inout StartSeries) {
      series.windows = account.windows(series)
      guard series.windows > 0 else { return }
      account.spend(series)
      let time = series.shift(series.windows &- 1)
      start &+= time
      end &+= time
    }
  }

  /// Begins a run.
  @inline(__always)
  func beginRun(bytes: Int, data units: Int) -> Run {
    Run(
      wire: rate.serialisationPs(bytes), isPlain: isPlain, units: units, end: downFree,
      posted.account)
  }

  /// Remembers a write of a run.
  @inline(__always)
  mutating func keep(_ run: Run, at start: UInt64, waited: UInt64) {
    sent.add(start, run.wire, waited: waited)
  }

  /// Remembers writes of a run that were kept one by one.
  @inline(__always)
  mutating func keep(_ tail: SentTLPs.Tail) { sent.end(tail) }

  /// Remembers writes of a run that were taken as a series.
  mutating func keep(_ run: Run, _ series: borrowing StartSeries) {
    sent.add(series, length: run.wire)
  }

  /// Ends a plain run in which something was sent.
  @inline(__always)
  mutating func end(_ run: Run) {
    count &+= run.account.count &- posted.account.count
    posted.account = run.account
    waits |= run.waits
    lastStart = run.start
    lastEnd = run.end
    downFree = run.end
  }

  /// Start of the transmission that was in vain, if the last TLP was sent twice.
  @inline(__always)
  mutating func takeDamaged() -> UInt64? {
    guard !isPlain else { return nil }
    defer { damaged = nil }
    return damaged
  }

  // MARK: And back

  /// Transmits non-posted requests and brings their completions back.
  ///
  /// - Parameters:
  ///   - ready: When they may start, in ps.
  ///   - bytes: Wire bytes of all requests.
  ///   - headers: Requests, each of which takes a header credit.
  ///   - data: Their data credits.
  ///   - isConfig: They use channel 0 whatever memory requests use.
  ///   - latency: From the end of the requests to the start of the completions, in ps.
  ///   - completions: What comes back.
  ///   - mode: Whether ``sent`` is kept.
  /// - Returns: When the last completion has arrived, in ps.
  @inline(__always)
  mutating func request<Mode: ClockMode>(
    ready: UInt64, bytes: Int, headers: Int, data: Int, isConfig: Bool, latency: UInt64,
    _ completions: Completion, _ mode: Mode.Type
  ) -> UInt64 {
    let wire = rate.serialisationPs(bytes)
    let start =
      isConfig && memoryChannel == 1
      ? sendOnOwnChannel(ready, wire, headers: headers, data: data, mode)
      : send(ready, wire, headers: headers, data: data, mode)
    lastStart = start
    lastEnd = start &+ wire
    var back = max(lastEnd &+ latency, upFree)
    if !completion.isInfinite {
      let ready = back
      back = completion.wait(at: back, headers: completions.headers, data: completions.data)
      waits |= back &- ready
      completion.spend(headers: completions.headers, data: completions.data, at: back)
    }
    upFree = back &+ rate.serialisationPs(completions.bytes)
    lastReturn = (back, upFree)
    return upFree
  }

  /// Transmits requests behind the memory writes; returns their start.
  @inline(__always)
  private mutating func send<Mode: ClockMode>(
    _ ready: UInt64, _ wire: UInt64, headers: Int, data: Int, _ mode: Mode.Type
  ) -> UInt64 {
    let free = max(ready, downFree, held.end)
    let first = memoryNonPosted.wait(at: free, headers: headers, data: data)
    let start = transmitOrHold(first, wire, ready: ready, free: free, mode)
    memoryNonPosted.spend(headers: headers, data: data, at: start)
    return start
  }

  /// Transmits a config request, which memory writes of channel 1 do not hold up: in a gap that
  /// they left, if it fits there.
  @inline(never)
  private mutating func sendOnOwnChannel<Mode: ClockMode>(
    _ ready: UInt64, _ wire: UInt64, headers: Int, data: Int, _ mode: Mode.Type
  ) -> UInt64 {
    let (inGap, inVain) = (max(ready, gap.from), timeInVain(wire))
    let usesGap = inGap &+ inVain &+ wire <= gap.until
    let free = usesGap ? inGap : max(ready, downFree, held.end)
    var start = nonPosted.wait(at: free, headers: headers, data: data)
    if usesGap, start &+ inVain &+ wire <= gap.until {
      waits |= start &- free
      count &+= 1
      if inVain > 0 { damaged = start }
      start &+= inVain
      gap.from = start &+ wire
    } else {
      start = transmitOrHold(start, wire, ready: ready, free: free, mode)
    }
    nonPosted.spend(headers: headers, data: data, at: start)
    return start
  }

  /// Transmits requests that have their credits from a time on, or holds them back until then;
  /// returns their start.
  @inline(__always)
  private mutating func transmitOrHold<Mode: ClockMode>(
    _ start: UInt64, _ wire: UInt64, ready: UInt64, free: UInt64, _ mode: Mode.Type
  ) -> UInt64 {
    waits |= start &- free
    let inVain = timeInVain(wire)
    if inVain > 0 { damaged = start }
    guard start <= max(ready, downFree) else {
      // It waits for credits, or behind a request that does.
      if let gone = held.add(from: start, until: start &+ inVain &+ wire) {
        downFree = max(downFree, gone)
      }
      count &+= 1
      isPlain = false
      return start &+ inVain
    }
    carry(start &+ inVain, wire, waited: 0, mode)
    return lastStart
  }
}

/// Requests that wait for credits, and the times when they will be on the link.
private struct HeldRequests: ~Copyable {
  /// Requests that are kept: a trace of loads alone would hold any number, because only a write tells
  /// which of the gaps between them nothing can use any longer.
  private static let limit = 16_384

  private var from = FixedBuffer<UInt64>(repeating: 0, count: 16)
  private var until = FixedBuffer<UInt64>(repeating: 0, count: 16)
  private var head = 0
  private var count = 0
  /// End of the last one; 0 where there is none.
  private(set) var end: UInt64 = 0

  var isEmpty: Bool { count == 0 }

  mutating func take(_ other: borrowing HeldRequests) {
    from.assign(other.from)
    until.assign(other.until)
    (head, count, end) = (other.head, other.count, other.end)
  }

  /// - Returns: End of the one that has to be forgotten for it, ahead of which nothing may start
  ///   from now on.
  mutating func add(from start: UInt64, until stop: UInt64) -> UInt64? {
    var gone: UInt64?
    if count == Self.limit {
      gone = until[head]
      head = (head + 1) % from.count
      count -= 1
    } else if count == from.count {
      grow()
    }
    let slot = (head + count) % from.count
    from[slot] = start
    until[slot] = stop
    count += 1
    end = stop
    return gone
  }

  private mutating func grow() {
    var more = FixedBuffer<UInt64>(repeating: 0, count: 2 * count)
    var later = FixedBuffer<UInt64>(repeating: 0, count: 2 * count)
    for index in 0..<count {
      more[index] = from[(head + index) % count]
      later[index] = until[(head + index) % count]
    }
    swap(&from, &more)
    swap(&until, &later)
    head = 0
  }

  /// The earliest start at or after `time` of a TLP that fits between them; those before are gone.
  mutating func after(_ time: UInt64, _ wire: UInt64) -> UInt64 {
    var start = time
    while count > 0, start &+ wire > from[head] {
      start = max(start, until[head])
      head = (head + 1) % from.count
      count -= 1
    }
    if count == 0 { end = 0 }
    return start
  }
}
