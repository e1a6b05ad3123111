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

  /// Something was on the link for `length` ps from `start` on.
  @inline(__always)
  mutating func add(_ start: UInt64, _ length: UInt64) {
    let stop = start &+ length
    if stop > end {
      end = stop
      while stop &>> shift >= UInt64(Self.count) { coarsen() }
    }
    let bin = start &>> shift
    if stop <= (bin &+ 1) &<< shift {
      busy[Int(truncatingIfNeeded: bin)] &+= length
    } else {
      spread(start, stop)
    }
  }

  @inline(never)
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
    for bin in 0..<Self.count / 2 { busy[bin] = busy[2 * bin] + busy[2 * bin + 1] }
    for bin in Self.count / 2..<Self.count { busy[bin] = 0 }
    shift += 1
  }

  /// Makes the bins at least as wide as another direction's.
  mutating func widen(to width: UInt64) {
    while binPs > 0, binPs < width { coarsen() }
  }

  /// Busy ps of the bins up to the last one that anything was in.
  ///
  /// - Parameter bins: How many there are to be.
  /// - Returns: One value a bin.
  func values(_ bins: Int) -> [UInt64] { (0..<bins).map { busy[$0] } }

  /// Bins up to the end.
  var used: Int { end == 0 ? 0 : Int((end - 1) >> shift) + 1 }
}
