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

  /// - Parameters:
  ///   - pool: Credits; 0 is infinite.
  ///   - control: The scales.
  init(_ pool: FlowControl.Pool, _ control: FlowControl) {
    headers = CreditLine(pool.headers, scale: control.headerScale)
    data = CreditLine(pool.data, scale: control.dataScale)
  }

  /// A pool of data units alone.
  init(units: Int) {
    self.init(FlowControl.Pool(headers: 0, data: units), .unlimited)
  }

  /// The earliest start at or after `time` with so many credits, which must be spent next.
  ///
  /// What needs more credits than there are waits for all of them.
  @inline(__always)
  mutating func wait(at time: UInt64, headers count: Int, data units: Int) -> UInt64 {
    data.wait(at: headers.wait(at: time, count), units)
  }

  /// Spends credits until they return, which is not before those spent earlier.
  @inline(__always)
  mutating func spend(headers count: Int, data units: Int, returnedAt time: UInt64) {
    headers.spend(count, returnedAt: time)
    data.spend(units, returnedAt: time)
  }

  /// Credits come back one by one.
  var isUnscaled: Bool { headers.scale == 1 && data.scale == 1 }

  /// How many windows of a series find their credits, one of each kind a write, without a wait.
  ///
  /// - Parameters:
  ///   - series: The starts.
  ///   - loop: From a start to the return of its credits.
  /// - Returns: Windows, from the first one on.
  func windows(_ series: borrowing StartSeries, loop: UInt64) -> Int {
    min(headers.windows(series, loop: loop), data.windows(series, loop: loop))
  }

  /// Spends one credit of each kind a write of a series.
  mutating func spend(_ series: borrowing StartSeries, loop: UInt64) {
    headers.spend(series, loop: loop)
    data.spend(series, loop: loop)
  }
}

/// The credits of one kind.
struct CreditLine: ~Copyable {
  /// Credits that one TLP spent.
  struct Spending: BitwiseCopyable {
    /// Credits spent up to here.
    var through: UInt64 = 0
    /// When its own come back, in ps.
    var back: UInt64 = 0
  }

  /// Credits there are; 0 is infinite.
  private let credits: UInt64
  let scale: Int
  private var spendings: Ring<Spending>
  /// Spendings so far, and the first one that may still be waited for.
  private var count: UInt64 = 0
  private var first: UInt64 = 0
  /// Credits spent so far.
  private var spent: UInt64 = 0

  init(_ count: Int, scale: Int) {
    self.scale = scale
    let whole = count / scale * scale
    credits = UInt64(whole)
    // A spending has a credit or more, and one beyond those that are out is waited for.
    spendings = Ring(repeating: Spending(), count: whole + 2)
  }

  @inline(__always)
  mutating func wait(at time: UInt64, _ needed: Int) -> UInt64 {
    let last = spent &+ min(UInt64(truncatingIfNeeded: needed), credits)
    guard last > credits, needed > 0 else { return time }
    return max(time, returned(last &- credits))
  }

  /// When so many of all credits spent are back.
  @inline(__always)
  private mutating func returned(_ credits: UInt64) -> UInt64 {
    let wanted = scale == 1 ? credits : wholeGroup(credits)
    while spendings[first].through < wanted { first &+= 1 }
    return spendings[first].back
  }

  /// A group comes back whole, and one that is not yet spent whole cannot be waited for.
  @inline(never)
  private func wholeGroup(_ credits: UInt64) -> UInt64 {
    let size = UInt64(scale)
    return min((credits - 1) / size * size + size, spent)
  }

  @inline(__always)
  mutating func spend(_ needed: Int, returnedAt time: UInt64) {
    guard credits > 0, needed > 0 else { return }
    spent &+= min(UInt64(truncatingIfNeeded: needed), credits)
    spendings[count] = Spending(through: spent, back: time)
    count &+= 1
  }

  func windows(_ series: borrowing StartSeries, loop: UInt64) -> Int {
    guard credits > 0 else { return series.windows }
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
      if spendings[place].back > series[0] &+ shift { return window }
    }
    return isBack ? series.windows : limit
  }

  mutating func spend(_ series: borrowing StartSeries, loop: UInt64) {
    guard credits > 0 else { return }
    let period = UInt64(truncatingIfNeeded: series.period)
    // Of several rounds only the last one stays.
    let skipped = max(0, series.windows &- Int(truncatingIfNeeded: credits / period) &- 1)
    count &+= UInt64(truncatingIfNeeded: skipped) &* period
    spent &+= UInt64(truncatingIfNeeded: skipped) &* period
    for window in skipped..<series.windows {
      let back = series.shift(window) &+ loop
      for place in 0..<series.period {
        spent &+= 1
        spendings[count] = Spending(through: spent, back: series[place] &+ back)
        count &+= 1
      }
    }
    // No spending is of less than a credit.
    if count > credits { first = max(first, count &- credits) }
  }
}
