import PCIeModel
import TraceCore

/// When a TLP finds the flow control credits that it needs.
///
/// Credits return in the order in which they were spent. So a TLP waits for the return of the
/// header credit that was spent as many headers before it as there are, and for that of the data
/// credit that used the last one of its own. With scaled flow control a credit is back when the
/// last one of its group is.
struct CreditPool: ~Copyable {
  /// A pool is unlimited in what it has 0 credits of.
  private let headerCredits: Int
  private let dataCredits: Int
  private let headerScale: Int
  private let dataScale: Int
  /// When each credit comes back, in a ring; the slot that is spent next; spent before it.
  private var headerReturns: FixedBuffer<UInt64>
  private var dataReturns: FixedBuffer<UInt64>
  private var nextHeader = 0
  private var nextUnit = 0
  private var spentHeaders = 0
  private var spentUnits = 0

  /// - Parameters:
  ///   - pool: Credits; 0 is infinite.
  ///   - control: The scales.
  init(_ pool: FlowControl.Pool, _ control: FlowControl) {
    headerScale = control.headerScale
    dataScale = control.dataScale
    headerCredits = pool.headers / headerScale * headerScale
    dataCredits = pool.data / dataScale * dataScale
    headerReturns = FixedBuffer(repeating: 0, count: headerCredits)
    dataReturns = FixedBuffer(repeating: 0, count: dataCredits)
  }

  /// A pool of data units alone.
  init(units: Int) {
    self.init(FlowControl.Pool(headers: 0, data: units), .unlimited)
  }

  /// The earliest start at or after `time` with so many credits.
  ///
  /// What needs more credits than there are waits for all of them.
  @inline(__always)
  func wait(at time: UInt64, headers count: Int, data units: Int) -> UInt64 {
    var start = time
    if headerCredits > 0, count > 0 {
      let slot = Self.last(count, from: nextHeader, headerCredits, headerScale, spentHeaders)
      if slot >= 0 { start = max(start, headerReturns[slot]) }
    }
    if dataCredits > 0, units > 0 {
      let slot = Self.last(units, from: nextUnit, dataCredits, dataScale, spentUnits)
      if slot >= 0 { start = max(start, dataReturns[slot]) }
    }
    return start
  }

  /// Credits come back one by one.
  var isUnscaled: Bool { headerScale == 1 && dataScale == 1 }

  /// ``wait(at:headers:data:)`` and ``spend(headers:data:returnedAt:)`` of one credit of each kind,
  /// where credits come back one by one.
  ///
  /// - Parameters:
  ///   - time: The earliest start.
  ///   - loop: From the start to the return.
  /// - Returns: The start.
  @inline(__always)
  mutating func takeOne(at time: UInt64, loop: UInt64) -> UInt64 {
    var start = time
    let (header, unit) = (nextHeader, nextUnit)
    if headerCredits > 0 { start = max(start, headerReturns[header]) }
    if dataCredits > 0 { start = max(start, dataReturns[unit]) }
    if headerCredits > 0 {
      headerReturns[header] = start &+ loop
      nextHeader = header &+ 1 == headerCredits ? 0 : header &+ 1
    }
    if dataCredits > 0 {
      dataReturns[unit] = start &+ loop
      nextUnit = unit &+ 1 == dataCredits ? 0 : unit &+ 1
    }
    return start
  }

  /// How many windows of a series find their credits, one of each kind a write, without a wait.
  ///
  /// - Parameters:
  ///   - series: The starts.
  ///   - loop: From a start to the return of its credits.
  /// - Returns: Windows, from the first one on.
  func windows(_ series: borrowing StartSeries, loop: UInt64) -> Int {
    min(
      Self.windows(series, loop, headerReturns, headerCredits, nextHeader),
      Self.windows(series, loop, dataReturns, dataCredits, nextUnit))
  }

  private static func windows(
    _ series: borrowing StartSeries, _ loop: UInt64, _ returns: borrowing FixedBuffer<UInt64>,
    _ credits: Int, _ next: Int
  ) -> Int {
    guard credits > 0 else { return series.windows }
    // Those that the series itself spends are back in time where a round of them takes the loop.
    let (whole, period) = (credits / series.period, series.period)
    let isBack = UInt64(truncatingIfNeeded: whole) &* series.step >= loop
    let limit = min(series.windows, whole)
    var slot = next
    for window in 0..<limit {
      let shift = series.shift(window)
      // Returns do not decrease: mostly a window's last one is early enough for its first write.
      var last = slot &+ period &- 1
      if last >= credits { last &-= credits }
      if returns[last] > series[0] &+ shift {
        for place in 0..<period {
          let own = slot &+ place
          let back = returns[own < credits ? own : own &- credits]
          guard back <= series[place] &+ shift else { return window }
        }
      }
      slot = last &+ 1 == credits ? 0 : last &+ 1
    }
    return isBack ? series.windows : limit
  }

  /// Spends one credit of each kind a write of a series.
  mutating func spend(_ series: borrowing StartSeries, loop: UInt64) {
    nextHeader = Self.spend(series, loop, &headerReturns, headerCredits, nextHeader)
    nextUnit = Self.spend(series, loop, &dataReturns, dataCredits, nextUnit)
  }

  private static func spend(
    _ series: borrowing StartSeries, _ loop: UInt64, _ returns: inout FixedBuffer<UInt64>,
    _ credits: Int, _ next: Int
  ) -> Int {
    guard credits > 0 else { return next }
    // Of several rounds only the last one stays.
    let skipped = max(0, series.windows &- credits / series.period &- 1)
    var slot = (next &+ skipped &* series.period) % credits
    for window in skipped..<series.windows {
      let back = series.shift(window) &+ loop
      if slot &+ series.period < credits {
        for place in 0..<series.period { returns[slot &+ place] = series[place] &+ back }
        slot &+= series.period
      } else {
        for place in 0..<series.period {
          returns[slot] = series[place] &+ back
          slot = slot &+ 1 == credits ? 0 : slot &+ 1
        }
      }
    }
    return slot
  }

  /// The slot of the credit whose return brings the last one of `count`; -1 for none.
  @inline(__always)
  private static func last(
    _ count: Int, from next: Int, _ credits: Int, _ scale: Int, _ spent: Int
  ) -> Int {
    guard scale == 1 else { return lastOfGroup(count, credits, scale, spent) }
    let last = next &+ min(count, credits) &- 1
    return last < credits ? last : last &- credits
  }

  /// The same where credits come back in groups.
  @inline(never)
  private static func lastOfGroup(
    _ count: Int, _ credits: Int, _ scale: Int, _ spent: Int
  ) -> Int {
    let needed = spent + min(count, credits) - 1 - credits
    guard needed >= 0 else { return -1 }
    // A group that is not yet spent whole cannot be waited for.
    return min(needed / scale * scale + scale - 1, spent - 1) % credits
  }

  /// Spends credits until they return.
  @inline(__always)
  mutating func spend(headers count: Int, data units: Int, returnedAt time: UInt64) {
    if headerCredits > 0 {
      for _ in 0..<min(count, headerCredits) {
        headerReturns[nextHeader] = time
        nextHeader = nextHeader &+ 1 == headerCredits ? 0 : nextHeader &+ 1
      }
      if headerScale != 1 { spentHeaders &+= min(count, headerCredits) }
    }
    if dataCredits > 0 {
      for _ in 0..<min(units, dataCredits) {
        dataReturns[nextUnit] = time
        nextUnit = nextUnit &+ 1 == dataCredits ? 0 : nextUnit &+ 1
      }
      if dataScale != 1 { spentUnits &+= min(units, dataCredits) }
    }
  }
}
