import TraceCore

/// How busy one direction of a link was over time, in a fixed number of bins.
///
/// The bins double their width whenever the time outgrows them, so memory does not grow with the
/// trace and the sums stay exact.
struct UseBins: ~Copyable {
  static let count = 256

  private var busy = FixedBuffer<UInt64>(repeating: 0, count: count)
  /// Bins are 2^shift ps wide.
  private var shift: UInt64 = 10
  private var end: UInt64 = 0

  var binPs: UInt64 { end == 0 ? 0 : 1 << shift }

  /// The bin of the last addition, and what is not yet in it.
  private var first: UInt64 = 0
  private var limit: UInt64 = 0
  private var pending: UInt64 = 0

  /// Something was on the link for `length` ps from `start` on.
  @inline(__always)
  mutating func add(_ start: UInt64, _ length: UInt64) {
    let stop = start &+ length
    if start >= first, stop <= limit {
      pending &+= length
      if stop > end { end = stop }
    } else {
      move(start, stop)
    }
  }

  /// Several TLPs were on the link for `busy` ps together between two times.
  ///
  /// - Returns: Whether they could be added at once; else they must be one by one.
  @inline(__always)
  mutating func add(from start: UInt64, to stop: UInt64, busy: UInt64) -> Bool {
    guard start >= first, stop <= limit else { return false }
    pending &+= busy
    if stop > end { end = stop }
    return true
  }

  /// A series of TLPs of one length was on the link.
  mutating func add(_ series: borrowing StartSeries, length: UInt64) {
    let last = series.period &- 1
    guard series.windows > 0 else { return }
    let busy = length &* UInt64(truncatingIfNeeded: series.windows &* series.period)
    let (begin, stop) = (
      series[0] &+ series.shift(0), series[last] &+ series.shift(series.windows &- 1) &+ length
    )
    guard !add(from: begin, to: stop, busy: busy) else { return }
    let part = length &* UInt64(truncatingIfNeeded: series.period)
    for window in 0..<series.windows {
      let shift = series.shift(window)
      let (begin, stop) = (series[0] &+ shift, series[last] &+ shift &+ length)
      guard !add(from: begin, to: stop, busy: part) else { continue }
      for place in 0...last { add(series[place] &+ shift, length) }
    }
  }

  /// Goes to another bin.
  @inline(never)
  private mutating func move(_ start: UInt64, _ stop: UInt64) {
    settle()
    if stop > end {
      end = stop
      while stop >> shift >= UInt64(Self.count) { coarsen() }
    }
    spread(start, stop)
    first = (stop >> shift) << shift
    limit = first + (1 << shift)
  }

  /// Puts what is pending into its bin.
  private mutating func settle() {
    busy[Int(first >> shift)] += pending
    pending = 0
  }

  private mutating func spread(_ start: UInt64, _ stop: UInt64) {
    var time = start
    while time < stop {
      let bin = time >> shift
      let next = min(stop, (bin + 1) << shift)
      busy[Int(bin)] += next - time
      time = next
    }
  }

  @inline(never)
  private mutating func coarsen() {
    limit = 0
    for bin in 0..<Self.count / 2 { busy[bin] = busy[2 * bin] + busy[2 * bin + 1] }
    for bin in Self.count / 2..<Self.count { busy[bin] = 0 }
    shift += 1
  }

  /// Makes the bins at least as wide as another direction's.
  mutating func widen(to width: UInt64) {
    settle()
    while binPs > 0, binPs < width { coarsen() }
  }

  /// Busy ps of the bins up to the last one that anything was in.
  ///
  /// - Parameter bins: How many there are to be.
  /// - Returns: One value a bin.
  mutating func values(_ bins: Int) -> [UInt64] {
    settle()
    return (0..<bins).map { busy[$0] }
  }

  /// Bins up to the end.
  var used: Int { end == 0 ? 0 : Int((end - 1) >> shift) + 1 }
}
