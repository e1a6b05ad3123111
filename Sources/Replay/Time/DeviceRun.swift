import TraceCore

/// The state of a run of equal Device stores on one vCPU, in registers; sums go to the probe at its
/// end.
///
/// It looks for a period, where that is not known beforehand. What a store's time hangs on is when
/// the vCPU is free, the starts of as many writes before it as may be in flight, and credits. Where
/// all of such a window start later than those a window ahead of them by one and the same time, the
/// vCPU is free later by that time too, and nothing waited for credits, all that follow do the same
/// until credits or recorded times come in between.
struct DeviceRun {
  /// What the vCPU waited for, in ps.
  struct Waits {
    var acknowledging: UInt64 = 0
    var link: UInt64 = 0
    var credit: UInt64 = 0
    var turn: UInt64 = 0

    var isForLink: Bool { link | credit | turn != 0 }

    /// Adds a wait for the start of a TLP; what is for nothing on the link is for the
    /// acknowledgement.
    mutating func add(_ parts: SentTLPs.Parts, within time: UInt64) {
      link &+= parts.link
      credit &+= parts.credit
      turn &+= parts.turn
      acknowledging &+= time &- parts.link &- parts.credit &- parts.turn
    }

    /// Adds what was waited for since an earlier state, so many times.
    mutating func repeatSince(_ mark: Waits, times: UInt64) {
      acknowledging &+= (acknowledging &- mark.acknowledging) &* times
      link &+= (link &- mark.link) &* times
      credit &+= (credit &- mark.credit) &* times
      turn &+= (turn &- mark.turn) &* times
    }
  }

  var issuer: ReplayClock.Issuer
  let strict: Bool
  /// Acknowledgement of the last nGnRnE write before the run.
  let strictest: UInt64
  /// Stores of the run, and those done.
  let count: Int
  var done = 0
  var first = UInt64.max
  var idle: UInt64 = 0
  var waits = Waits()
  /// Latency of the last writes, and how many in a row had it.
  var latency: UInt64 = 0
  var sameLatency: UInt64 = 0
  /// Stores that may be in flight: those of a window.
  let period: Int
  /// Stores of the present window; fewer at the run's end.
  private(set) var windowCount = 0
  /// By how much the last window's stores started later than those a window ahead, in ps.
  private(set) var step: UInt64 = 0
  /// All that follow, at least a window of them, go on as the last one did.
  private(set) var repeats = false
  /// When the vCPU was free ahead of the present window, and what it had waited for.
  private var markNow: UInt64 = 0
  private var markWaits = Waits()
  /// By how much the last store of the window before it started later than the one a window ahead.
  private var markShift: UInt64 = 0
  /// Stores of the run that are ahead of a window that is looked at: at least a window and one.
  private var comparedFrom: Int

  /// Stores of a window at most, so that all that a window sent is remembered (``SentTLPs``).
  private static let mostStores = Int(SentTLPs.memory)

  /// - Parameters:
  ///   - issuer: The vCPU.
  ///   - strict: The stores are nGnRnE.
  ///   - count: Stores of the run.
  ///   - period: Stores that may be in flight.
  @inline(__always)
  init(_ issuer: ReplayClock.Issuer, strict: Bool, count: Int, period: Int) {
    self.issuer = issuer
    self.strict = strict
    self.count = count
    self.period = period
    comparedFrom = period &+ 1
    strictest = issuer.strictAcknowledgement
  }

  @inline(__always)
  mutating func beginWindow() {
    windowCount = min(period, count &- done, Self.mostStores)
    markNow = issuer.now
    markWaits = waits
  }

  /// Ends a window, whose stores are done.
  ///
  /// A wait of its first store may go back to the store ahead of the window before, so that one is
  /// to have repeated as well.
  ///
  /// - Parameters:
  ///   - step: By how much each of them started later than the one a window ahead of it, in ps; nil
  ///     where that differs, or recorded times came in between.
  ///   - shift: The same of the last one.
  ///   - waited: One of them waited for credits: neither it nor its window goes on so.
  @inline(__always)
  mutating func endWindow(step: UInt64?, shift: UInt64, waited: Bool) {
    let isCompared = done >= comparedFrom && step == markShift
    markShift = shift
    done &+= windowCount
    repeats = false
    if waited { return startOver() }
    guard isCompared, windowCount == period, count &- done >= period else { return }
    self.step = shift
    repeats = issuer.now == markNow &+ shift
  }

  /// So many stores were done outside of windows.
  @inline(__always)
  mutating func posted(_ stores: Int) {
    done &+= stores
    startOver()
  }

  /// Compares anew.
  @inline(__always)
  private mutating func startOver() { comparedFrom = done &+ period &+ 1 }

  /// Windows of stores that the program had at no later time than the vCPU comes to them.
  ///
  /// - Parameters:
  ///   - times: Recorded times of the run's stores and those behind them, in ns.
  ///   - windows: How many there are.
  /// - Returns: Those of them, from the first one on.
  func windows(within times: Span<UInt64>, _ windows: Int) -> Int {
    if times[done &+ windows &* period &- 1] &* 1000 <= issuer.now { return windows }
    var found = 0
    var now = issuer.now
    while found < windows, times[done &+ (found &+ 1) &* period &- 1] &* 1000 <= now {
      found &+= 1
      now &+= step
    }
    return found
  }

  /// Whether what follows from a window's acknowledgements may be looked for.
  ///
  /// - Parameter least: Stores behind the first window that are worth it.
  /// - Returns: Whether there are as many, and a window may be looked at.
  @inline(__always)
  func maySettle(least: Int) -> Bool {
    !strict && period <= Self.mostStores && count &- period >= max(least, period)
  }

  /// Windows of a series in which no recorded time but the first one holds up a store.
  ///
  /// - Parameters:
  ///   - times: Recorded times of the run's stores and those behind them, in ns.
  ///   - series: Windows, of which the stores are issued when they start.
  ///   - issue: What the vCPU needs for a store, in ps.
  /// - Returns: Those of them, from the first one on.
  @inline(__always)
  func windows(
    within times: Span<UInt64>, _ series: borrowing StartSeries, issue: UInt64
  ) -> Int {
    var first = series[0] &+ series.step
    let end = done &+ series.windows &* period
    if times[end &- 1] &* 1000 <= first { return series.windows }
    var free = UInt64.max
    var store = done
    while store < end, times[store] &* 1000 <= free,
      times[store &+ period &- 1] &* 1000 <= first &+ issue
    {
      free = first &+ (series[period &- 1] &- series[0]) &+ issue
      first &+= series.step
      store &+= period
    }
    return (store &- done) / period
  }

  /// A series of stores was issued.
  ///
  /// - Parameters:
  ///   - series: They start as it says.
  ///   - now: When the vCPU is free behind them, in ps.
  @inline(__always)
  mutating func settle(_ series: borrowing StartSeries, now: UInt64) {
    guard series.windows > 0 else { return startOver() }
    issuer.now = now
    issuer.lastAcknowledgement &+= UInt64(truncatingIfNeeded: series.windows) &* series.step
    done &+= series.windows &* period
    startOver()
  }

  /// A series of stores went on as the last window.
  mutating func pass(_ series: borrowing StartSeries) {
    waits.repeatSince(markWaits, times: UInt64(truncatingIfNeeded: series.windows))
    settle(series, now: issuer.now &+ series.shift(series.windows &- 1))
  }

  @inline(__always)
  consuming func ended() -> ReplayClock.Issuer {
    if strict { issuer.strictAcknowledgement = issuer.lastAcknowledgement }
    issuer.outstanding = max(issuer.outstanding, issuer.lastAcknowledgement)
    return issuer
  }
}
