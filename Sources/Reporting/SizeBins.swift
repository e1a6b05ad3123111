import Results

/// Payload sizes put together for a picture only; the files hold exact sizes.
struct SizeBins {
  struct Bin: Equatable {
    /// Payload bytes, both included.
    var sizes: ClosedRange<Int>
    /// TLPs, one per scenario.
    var tlps: [UInt64]
  }

  /// Exact sizes are shown up to this many, and bins too.
  static let limit = 14

  /// Ascending; none is empty.
  var bins: [Bin]

  /// - Parameter histograms: One per scenario.
  init(_ histograms: [[SizeCount]]) {
    let schemes: [(Int) -> ClosedRange<Int>] = [{ $0...$0 }, Self.fine, Self.coarse]
    bins = []
    for scheme in schemes {
      bins = Self.bins(histograms, scheme)
      if bins.count <= Self.limit { return }
    }
  }

  /// A power of two alone, or all sizes between two of them.
  private static func fine(_ size: Int) -> ClosedRange<Int> {
    let low = coarse(size).lowerBound
    return size == low ? low...low : low + 1...coarse(size).upperBound
  }

  /// From a power of two to below the next.
  private static func coarse(_ size: Int) -> ClosedRange<Int> {
    let low = 1 << (Int.bitWidth - 1 - max(1, size).leadingZeroBitCount)
    return low...low + (low - 1)
  }

  private static func bins(
    _ histograms: [[SizeCount]], _ scheme: (Int) -> ClosedRange<Int>
  ) -> [Bin] {
    var found: [ClosedRange<Int>: [UInt64]] = [:]
    for (scenario, histogram) in histograms.enumerated() {
      for row in histogram where row.tlps > 0 {
        let range = scheme(max(1, row.payloadBytes))
        found[range, default: Array(repeating: 0, count: histograms.count)][scenario] += row.tlps
      }
    }
    return found.map { Bin(sizes: $0.key, tlps: $0.value) }
      .sorted { $0.sizes.lowerBound < $1.sizes.lowerBound }
  }
}
