import Results
import TraceCore

/// Latency histograms of every region, in one pool; a region without samples takes few bytes.
///
/// Bins are exact below 64 ps and 1/64 of an octave wide above; see ``Latency``.
struct LatencyPool: ~Copyable {
  /// Octave 0 holds 0 to 63 ps; octave k from 1 on holds 2^(k+5) ps up to twice that.
  private static let octaves = 59
  private static let bins = 64

  /// Number of each octave's page, by region; 0 = none.
  private var pages = FixedBuffer<UInt32>(repeating: 0, count: 0)
  /// Samples of each bin, `bins` a page; page 0 is never used.
  private var samples = FixedBuffer<UInt64>(repeating: 0, count: bins)
  private var maxima = FixedBuffer<UInt64>(repeating: 0, count: 0)
  private var used = 1

  mutating func grow(regions: Int) {
    pages.grow(to: regions * Self.octaves, repeating: 0)
    maxima.grow(to: regions, repeating: 0)
  }

  /// Adds equal samples.
  @inline(__always)
  mutating func add(_ time: UInt64, _ region: Int, times: UInt64 = 1) {
    guard times > 0 else { return }
    if time > maxima[region] { maxima[region] = time }
    // 5 for 0 to 63, else the place of the highest bit.
    let top = 63 &- (time | 63).leadingZeroBitCount
    let octave = top &- 5
    let bin = Int(truncatingIfNeeded: time &>> UInt64(truncatingIfNeeded: max(0, top &- 6))) & 63
    var page = Int(pages[region &* Self.octaves &+ octave])
    if page == 0 { page = takePage(region, octave) }
    samples[page &* Self.bins &+ bin] &+= times
  }

  @inline(never)
  private mutating func takePage(_ region: Int, _ octave: Int) -> Int {
    let page = used
    used += 1
    if used * Self.bins > samples.count {
      samples.grow(to: max(2 * samples.count, used * Self.bins), repeating: 0)
    }
    pages[region * Self.octaves + octave] = UInt32(page)
    return page
  }

  /// Adds a region's bins to a histogram.
  func add(region: Int, to histogram: inout LatencySum) {
    guard region < maxima.count else { return }
    histogram.maxPs = max(histogram.maxPs, maxima[region])
    for octave in 0..<Self.octaves {
      let page = Int(pages[region * Self.octaves + octave])
      guard page > 0 else { continue }
      for bin in 0..<Self.bins where samples[page * Self.bins + bin] > 0 {
        histogram.bins[octave * Self.bins + bin, default: 0] += samples[page * Self.bins + bin]
      }
    }
  }

  /// The first and the last ps of a bin.
  static func limits(_ index: Int) -> (low: UInt64, high: UInt64) {
    let (octave, bin) = (index / bins, UInt64(index % bins))
    guard octave > 0 else { return (bin, bin) }
    let width = UInt64(1) << UInt64(octave - 1)
    let low = (UInt64(bins) + bin) * width
    return (low, low + (width - 1))
  }
}

/// Histograms of several regions put together.
struct LatencySum {
  /// Samples by bin number.
  var bins: [Int: UInt64] = [:]
  var maxPs: UInt64 = 0

  var latency: Latency {
    Latency(
      bins: bins.sorted { $0.key < $1.key }.map { index, samples in
        let (low, high) = LatencyPool.limits(index)
        return Latency.Bin(lowPs: low, highPs: high, samples: samples)
      }, maxPs: maxPs)
  }
}
