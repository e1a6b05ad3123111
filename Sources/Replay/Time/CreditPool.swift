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
  /// Nothing waits: asked where pools mostly are so, because elsewhere it would be one question more.
  let isInfinite: Bool

  /// - Parameters:
  ///   - pool: Credits; 0 is infinite.
  ///   - control: The scales, and the time from a start to the return of its credits.
  ///   - most: Credits of a pool that may take the state of this one.
  init(_ pool: FlowControl.Pool, _ control: FlowControl, most: FlowControl.Pool? = nil) {
    let most = most ?? pool
    isInfinite = pool.headers == 0 && pool.data == 0
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
  func windows(_ series: borrowing StartSeries) -> Int {
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
  /// Credits there are; 0 is infinite.
  private let credits: UInt64
  let scale: Int
  /// From a start to the return of its credits, in ps.
  private let loop: UInt64
  /// Every spending so far was of one credit, and credits come back one by one: a spending is found
  /// by its number, and as many credits as spendings were spent.
  private var isSimple: Bool
  /// When the TLP of each spending started, in ps.
  private var starts: Ring<UInt64>
  /// Credits spent up to each spending; not kept as long as they are its number.
  private var through: Ring<UInt64>
  /// Spendings that are kept.
  private var room: UInt64
  /// Spendings so far, and the first one that may still be waited for.
  private var count: UInt64 = 0
  private var first: UInt64 = 0
  /// Credits spent so far; not kept as long as that is the number of spendings.
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
    starts = Ring(repeating: 0, count: kept)
    through = Ring(repeating: 0, count: kept)
    room = UInt64(kept)
  }

  /// Takes the state of another line, on which nothing has waited where the credits differ.
  ///
  /// - Parameter other: With no more credits and no shorter loop, and room for as many as here.
  mutating func take(_ other: borrowing CreditLine) {
    guard credits > 0 else { return }
    starts.assign(other.starts)
    through.assign(other.through)
    room = other.room
    count = other.count
    spent = other.spent
    if credits == other.credits, loop == other.loop {
      first = other.first
      known = other.known
      knownAt = other.knownAt
    } else {
      // More credits reach further back.
      first = oldest
      known = 0
      knownAt = 0
    }
    if !other.isSimple {
      isSimple = false
    } else if !isSimple {
      number()
    }
  }

  // MARK: Waiting and spending

  @inline(__always)
  mutating func wait(at time: UInt64, _ needed: Int) -> UInt64 {
    if isSimple {
      guard needed != 1 else {
        guard count >= credits else { return time }
        return max(time, starts[count &- credits] &+ loop)
      }
      if needed == 0 { return time }
      isSimple = false
      number()
    }
    let last = spent &+ min(UInt64(truncatingIfNeeded: needed), credits)
    guard last > credits, needed > 0 else { return time }
    let wanted = last &- credits
    if wanted <= known, time >= knownAt { return time }
    return max(time, returned(wanted, time))
  }

  @inline(__always)
  mutating func spend(_ needed: Int, at start: UInt64) {
    guard credits > 0, needed > 0 else { return }
    if !isSimple {
      spent &+= min(UInt64(truncatingIfNeeded: needed), credits)
      through[count] = spent
    }
    starts[count] = start
    count &+= 1
  }

  /// The oldest spending that is kept: none is of less than a credit.
  private var oldest: UInt64 { count > room ? count &- room : 0 }

  /// From now on credits are not the number of spendings.
  @inline(never)
  private mutating func number() {
    first = max(first, count > credits ? count &- credits : 0, oldest)
    spent = count
    for spending in oldest..<count { through[spending] = spending &+ 1 }
  }

  /// When so many of all credits spent are back.
  @inline(__always)
  private mutating func returned(_ credits: UInt64, _ time: UInt64) -> UInt64 {
    let wanted = scale == 1 ? credits : wholeGroup(credits)
    var place = first
    while through[place] < wanted { place &+= 1 }
    let back = starts[place] &+ loop
    if back <= time, scale == 1 {
      // Mostly some more are back by then, which need not be looked at one by one.
      let ahead = min(place &+ Self.ahead, count &- 1)
      if starts[ahead] &+ loop <= time { place = ahead }
      known = through[place]
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

  // MARK: Series of one credit a write

  func windows(_ series: borrowing StartSeries) -> Int {
    guard credits > 0 else { return series.windows }
    // Those that the series itself spends are back in time where a round of them takes the loop.
    let period = UInt64(truncatingIfNeeded: series.period)
    let whole = credits / period
    let isBack = whole &* series.step >= loop
    let limit = min(series.windows, Int(truncatingIfNeeded: whole))
    let found = isSimple ? numbered(series, limit) : searched(series, limit)
    return found == limit && isBack ? series.windows : found
  }

  /// Windows, at most so many, whose credits are back: looked up by number.
  private func numbered(_ series: borrowing StartSeries, _ limit: Int) -> Int {
    let period = UInt64(truncatingIfNeeded: series.period)
    func isBack(_ window: Int, by time: UInt64) -> Bool {
      let last = count &+ UInt64(truncatingIfNeeded: window &+ 1) &* period
      return last <= credits || starts[last &- credits &- 1] &+ loop <= time
    }
    // Returns do not decrease: mostly the last one is early enough for the first write.
    if limit == 0 || isBack(limit &- 1, by: series[0] &+ series.shift(0)) { return limit }
    var window = 0
    while window < limit, isBack(window, by: series[0] &+ series.shift(window)) { window &+= 1 }
    return window
  }

  /// The same where credits are not the number of spendings.
  private func searched(_ series: borrowing StartSeries, _ limit: Int) -> Int {
    let period = UInt64(truncatingIfNeeded: series.period)
    var place = first
    for window in 0..<limit {
      let shift = series.shift(window)
      let last = spent &+ UInt64(truncatingIfNeeded: window &+ 1) &* period
      guard last > credits else { continue }
      // A window's last one is to be early enough for its first write.
      while through[place] < last &- credits { place &+= 1 }
      if starts[place] &+ loop > series[0] &+ shift { return window }
    }
    return limit
  }

  mutating func spend(_ series: borrowing StartSeries) {
    guard credits > 0 else { return }
    let period = UInt64(truncatingIfNeeded: series.period)
    // Of several rounds only the last one stays.
    let skipped = max(0, series.windows &- Int(truncatingIfNeeded: room / period) &- 1)
    var number = count &+ UInt64(truncatingIfNeeded: skipped) &* period
    for window in skipped..<series.windows {
      let shift = series.shift(window)
      for place in 0..<series.period {
        starts[number] = series[place] &+ shift
        number &+= 1
      }
    }
    let all = UInt64(truncatingIfNeeded: series.windows) &* period
    count &+= all
    guard !isSimple else { return }
    spent &+= all
    // The last ones, for which there is room: an older one would take the place of a later one.
    for back in 0..<min(all, room) { through[count &- 1 &- back] = spent &- back }
    first = max(first, oldest)
  }
}
