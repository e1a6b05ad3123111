import TraceCore

/// The state of a run of equal Device stores on one vCPU, in registers; sums go to the probe at its
/// end.
///
/// It looks for a period. What a store's time hangs on is when the vCPU is free, the starts of as
/// many writes before it as may be in flight, and credits. Where as many stores in a row start
/// later than those a window ahead of them by one and the same time, the vCPU is free later by that
/// time too, and nothing waited for credits, all that follow do the same until credits or recorded
/// times come in between.
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
  private let period: Int
  /// By how much the last stores started later than those a window ahead of them, in ps, and how
  /// many of them in a row.
  private(set) var step: UInt64 = 0
  private var alike = 0
  /// When the vCPU was free ahead of those, and what it had waited for.
  private var markNow: UInt64 = 0
  private var markWaits = Waits()
  /// Stores behind so many are compared.
  private var comparedFrom: Int

  @inline(__always)
  init(_ issuer: ReplayClock.Issuer, strict: Bool, count: Int, period: Int) {
    self.issuer = issuer
    self.strict = strict
    self.count = count
    self.period = period
    strictest = issuer.strictAcknowledgement
    // A wait may go back to the store ahead of a window, which is to be of this run. And what is
    // found when less than a window is left is of no use.
    comparedFrom = count > 3 &* period ? period &+ 1 : .max
  }

  /// The vCPU comes to a store that the program had at a later time.
  @inline(__always)
  mutating func reach(_ time: UInt64) {
    guard time > issuer.now else { return }
    idle &+= time &- issuer.now
    issuer.now = time
    startOver(behind: 1)
  }

  /// The store at hand has waited for credits: neither it nor its window goes on so.
  @inline(__always)
  mutating func waitedForCredits() { startOver(behind: period &+ 1) }

  /// Compares anew behind so many further stores.
  @inline(__always)
  private mutating func startOver(behind stores: Int) {
    if comparedFrom != .max { comparedFrom = max(comparedFrom, done &+ stores) }
    alike = 0
  }

  /// Takes the store that was done last; it started `step` later than the one a window ahead.
  ///
  /// - Returns: Whether all that follow, at least a window of them, go on so.
  @inline(__always)
  mutating func repeats(_ step: UInt64) -> Bool {
    guard done > comparedFrom else {
      if done == comparedFrom { mark() }
      return false
    }
    guard alike == 0 || step == self.step else {
      mark()
      return false
    }
    self.step = step
    alike &+= 1
    guard alike == period else { return false }
    guard issuer.now == markNow &+ step, count &- done >= period else {
      mark()
      return false
    }
    return true
  }

  @inline(__always)
  private mutating func mark() {
    alike = 0
    markNow = issuer.now
    markWaits = waits
  }

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

  /// So many windows of stores went on as the last one.
  mutating func pass(_ windows: Int) {
    let times = UInt64(truncatingIfNeeded: windows)
    waits.repeatSince(markWaits, times: times)
    issuer.now &+= times &* step
    issuer.lastAcknowledgement &+= times &* step
    done &+= windows &* period
    waitedForCredits()
  }

  @inline(__always)
  consuming func ended() -> ReplayClock.Issuer {
    if strict { issuer.strictAcknowledgement = issuer.lastAcknowledgement }
    issuer.outstanding = max(issuer.outstanding, issuer.lastAcknowledgement)
    return issuer
  }
}
