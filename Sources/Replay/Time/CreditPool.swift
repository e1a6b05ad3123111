import PCIeModel
import TraceCore

/// When a TLP finds the flow control credits that it needs.
///
/// Credits return in the order in which they were spent. So a TLP waits for the return of the
/// header credit that was spent as many headers before it as there are, and for that of the data
/// credit that used the last one of its own. With scaled flow control a credit is back when the
/// last one of its group is.
struct CreditPool: ~Copyable {
  private var headers: CreditLine
  private var data: CreditLine
  /// Every TLP so far took one credit of each kind, and there are no fewer for data: what is known
  /// of headers is true of data, too, and is kept once.
  private var isUniform: Bool

  /// - Parameters:
  ///   - pool: Credits; 0 is infinite.
  ///   - control: The scales, and the time from a start to the return of its credits.
  ///   - most: Credits of a pool that may take the state of this one.
  init(_ pool: FlowControl.Pool, _ control: FlowControl, most: FlowControl.Pool? = nil) {
    let most = most ?? pool
    isUniform =
      control.headerScale == 1 && control.dataScale == 1 && pool.headers > 0
      && pool.data >= pool.headers
    headers = CreditLine(
      pool.headers, scale: control.headerScale, loop: control.loopPs,
      most: isUniform ? max(most.headers, most.data) : most.headers)
    data = CreditLine(
      pool.data, scale: control.dataScale, loop: control.loopPs, most: most.data)
  }

  /// A pool of data units alone, which are back at the times that they were spent at.
  init(units: Int) {
    self.init(FlowControl.Pool(headers: 0, data: units), .unlimited)
  }

  /// Takes the state of another pool, in which nothing has waited where the credits differ.
  ///
  /// - Parameter other: With no more credits and no shorter loop, and room for as many as here.
  mutating func take(_ other: borrowing CreditPool) {
    headers.take(other.headers)
    isUniform = isUniform && other.isUniform
    guard !isUniform else { return }
    if other.isUniform {
      data.take(other.headers)
    } else {
      data.take(other.data)
    }
  }

  /// From now on data credits are another matter than headers.
  @inline(never)
  private mutating func part() {
    data.take(headers)
    isUniform = false
  }

  /// The earliest start at or after `time` with so many credits, which must be spent next.
  ///
  /// What needs more credits than there are waits for all of them.
  @inline(__always)
  mutating func wait(at time: UInt64, headers count: Int, data units: Int) -> UInt64 {
    if isUniform {
      if units == 1, count == 1 { return headers.wait(at: time, 1) }
      part()
    }
    return data.wait(at: headers.wait(at: time, count), units)
  }

  /// Spends credits of TLPs that start at a time; those spent later do not return earlier.
  @inline(__always)
  mutating func spend(headers count: Int, data units: Int, at start: UInt64) {
    headers.spend(count, at: start)
    if !isUniform { data.spend(units, at: start) }
  }

  /// Credits come back one by one.
  var isUnscaled: Bool { headers.scale == 1 && data.scale == 1 }

  /// How many windows of a series find their credits, one of each kind a write, without a wait.
  ///
  /// - Parameter series: The starts.
  /// - Returns: Windows, from the first one on.
  mutating func windows(_ series: borrowing StartSeries) -> Int {
    let windows = headers.windows(series)
    return isUniform ? windows : min(windows, data.windows(series))
  }

  /// Spends one credit of each kind a write of a series.
  mutating func spend(_ series: borrowing StartSeries) {
    headers.spend(series)
    if !isUniform { data.spend(series) }
  }
}

/// The credits of one kind.
struct CreditLine: ~Copyable {
  /// Credits that one TLP spent.
  struct Spending: BitwiseCopyable {
    /// Credits spent up to here.
    var through: UInt64 = 0
    /// When it started, in ps.
    var start: UInt64 = 0
  }

  /// Credits there are; 0 is infinite.
  private let credits: UInt64
  let scale: Int
  /// From a start to the return of its credits, in ps.
  private let loop: UInt64
  /// Every spending so far was of one credit, and credits come back one by one: a spending is found
  /// by its number.
  private var isSimple: Bool
  private var spendings: Ring<Spending>
  /// Spendings that are kept.
  private var room: UInt64
  /// Spendings so far, and the first one that may still be waited for.
  private var count: UInt64 = 0
  private var first: UInt64 = 0
  /// Credits spent so far.
  private var spent: UInt64 = 0
  /// Of those, credits known to be back at a time, and that time in ps.
  private var known: UInt64 = 0
  private var knownAt: UInt64 = 0

  /// - Parameters:
  ///   - count: Credits; 0 is infinite.
  ///   - scale: Credits that come back together.
  ///   - loop: From a start to the return of its credits, in ps.
  ///   - most: Credits of lines that may be made of this one.
  init(_ count: Int, scale: Int, loop: UInt64, most: Int) {
    self.scale = scale
    self.loop = loop
    let whole = count / scale * scale
    credits = UInt64(whole)
    isSimple = whole > 0 && scale == 1
    // A spending has a credit or more, and one beyond those that are out is waited for.
    let kept = max(whole, most) + 2
    spendings = Ring(repeating: Spending(), count: kept)
    room = UInt64(kept)
  }

  /// Takes the state of another line, on which nothing has waited where the credits differ.
  ///
  /// - Parameter other: With no more credits and no shorter loop, and room for as many as here.
  mutating func take(_ other: borrowing CreditLine) {
    guard credits > 0 else { return }
    spendings.assign(other.spendings)
    room = other.room
    count = other.count
    spent = other.spent
    if credits == other.credits, loop == other.loop {
      first = other.first
      known = other.known
      knownAt = other.knownAt
    } else {
      // More credits reach further back.
      first = count > room ? count - room : 0
      known = 0
      knownAt = 0
    }
    if other.isSimple {
      if !isSimple, count > credits { first = max(first, count &- credits) }
    } else {
      isSimple = false
    }
  }

  @inline(__always)
  mutating func wait(at time: UInt64, _ needed: Int) -> UInt64 {
    if isSimple {
      guard needed != 1 else {
        guard count >= credits else { return time }
        return max(time, spendings[count &- credits].start &+ loop)
      }
      if needed == 0 { return time }
      search()
    }
    let last = spent &+ min(UInt64(truncatingIfNeeded: needed), credits)
    guard last > credits, needed > 0 else { return time }
    let wanted = last &- credits
    if wanted <= known, time >= knownAt { return time }
    return max(time, returned(wanted, time))
  }

  /// From now on spendings are searched for.
  @inline(never)
  private mutating func search() {
    passSimple()
    isSimple = false
  }

  /// Passes over what nothing waits for any more, where that was not done at every wait.
  private mutating func passSimple() {
    if isSimple, count > credits { first = max(first, count &- credits) }
  }

  /// When so many of all credits spent are back.
  @inline(__always)
  private mutating func returned(_ credits: UInt64, _ time: UInt64) -> UInt64 {
    let wanted = scale == 1 ? credits : wholeGroup(credits)
    var place = first
    while spendings[place].through < wanted { place &+= 1 }
    let back = spendings[place].start &+ loop
    if back <= time, scale == 1 {
      // Mostly some more are back by then, which need not be looked at one by one.
      let ahead = min(place &+ Self.ahead, count &- 1)
      if spendings[ahead].start &+ loop <= time { place = ahead }
      known = spendings[place].through
      knownAt = time
    }
    first = place
    return back
  }

  private static let ahead: UInt64 = 8

  /// A group comes back whole, and one that is not yet spent whole cannot be waited for.
  @inline(never)
  private func wholeGroup(_ credits: UInt64) -> UInt64 {
    let size = UInt64(scale)
    return min((credits - 1) / size * size + size, spent)
  }

  @inline(__always)
  mutating func spend(_ needed: Int, at start: UInt64) {
    guard credits > 0, needed > 0 else { return }
    spent &+= min(UInt64(truncatingIfNeeded: needed), credits)
    spendings[count] = Spending(through: spent, start: start)
    count &+= 1
  }

  mutating func windows(_ series: borrowing StartSeries) -> Int {
    guard credits > 0 else { return series.windows }
    passSimple()
    // Those that the series itself spends are back in time where a round of them takes the loop.
    let period = UInt64(truncatingIfNeeded: series.period)
    let whole = credits / period
    let isBack = whole &* series.step >= loop
    let limit = min(series.windows, Int(truncatingIfNeeded: whole))
    var place = first
    for window in 0..<limit {
      let shift = series.shift(window)
      let last = spent &+ UInt64(truncatingIfNeeded: window &+ 1) &* period
      guard last > credits else { continue }
      // Returns do not decrease: mostly a window's last one is early enough for its first write.
      while spendings[place].through < last &- credits { place &+= 1 }
      if spendings[place].start &+ loop > series[0] &+ shift { return window }
    }
    return isBack ? series.windows : limit
  }

  mutating func spend(_ series: borrowing StartSeries) {
    guard credits > 0 else { return }
    let period = UInt64(truncatingIfNeeded: series.period)
    // Of several rounds only the last one stays.
    let skipped = max(0, series.windows &- Int(truncatingIfNeeded: room / period) &- 1)
    count &+= UInt64(truncatingIfNeeded: skipped) &* period
    spent &+= UInt64(truncatingIfNeeded: skipped) &* period
    for window in skipped..<series.windows {
      let shift = series.shift(window)
      for place in 0..<series.period {
        spent &+= 1
        spendings[count] = Spending(through: spent, start: series[place] &+ shift)
        count &+= 1
      }
    }
    // No spending is of less than a credit.
    if count > room { first = max(first, count &- room) }
  }
}
