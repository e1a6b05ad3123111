import PCIeModel
import TraceCore

/// When TLPs find the flow control credits that they need.
///
/// Credits return in the order in which they were spent. So a TLP waits for the return of the
/// header credit that was spent as many headers before it as there are, and for that of the data
/// credit that used the last one of its own. With scaled flow control a credit is back when the
/// last one of its group is.
///
/// Memory writes, which are most, have ``PostedCredits`` of their own where nothing is scaled.
struct CreditPool: ~Copyable {
  private var headers: CreditLine
  private var data: CreditLine
  /// Nothing waits: asked where pools mostly are so, because elsewhere it would be one question more.
  let isInfinite: Bool

  /// - Parameters:
  ///   - pool: Credits; 0 is infinite.
  ///   - control: The scales, and the time from a start to the return of its credits.
  ///   - most: Credits of a pool that may take the state of this one.
  init(_ pool: FlowControl.Pool, _ control: FlowControl, most: FlowControl.Pool? = nil) {
    let most = most ?? pool
    isInfinite = pool.headers == 0 && pool.data == 0
    headers = CreditLine(
      pool.headers, scale: control.headerScale, loop: control.loopPs, most: most.headers)
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
    data.take(other.data)
  }

  /// The earliest start at or after `time` with so many credits, which must be spent next.
  ///
  /// What needs more credits than there are waits for all of them.
  @inline(__always)
  mutating func wait(at time: UInt64, headers count: Int, data units: Int) -> UInt64 {
    data.wait(at: headers.wait(at: time, count), units)
  }

  /// Spends credits of TLPs that start at a time; those spent later do not return earlier.
  @inline(__always)
  mutating func spend(headers count: Int, data units: Int, at start: UInt64) {
    headers.spend(count, at: start)
    data.spend(units, at: start)
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
}
