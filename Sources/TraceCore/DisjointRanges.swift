/// Addresses that are taken, as ranges in order that do not meet.
public struct DisjointRanges: Sendable {
  private var ranges: [ClosedRange<UInt64>] = []

  public init() {}

  /// No address of the range is taken.
  public func isFree(_ range: ClosedRange<UInt64>) -> Bool {
    let index = index(endingFrom: range.lowerBound)
    return index == ranges.count || ranges[index].lowerBound > range.upperBound
  }

  /// Takes all addresses of the range, those that are taken already, too.
  public mutating func insert(_ range: ClosedRange<UInt64>) {
    let first = index(endingFrom: range.lowerBound)
    var (lower, upper, end) = (range.lowerBound, range.upperBound, first)
    while end < ranges.count, ranges[end].lowerBound <= range.upperBound {
      lower = min(lower, ranges[end].lowerBound)
      upper = max(upper, ranges[end].upperBound)
      end += 1
    }
    ranges.replaceSubrange(first..<end, with: CollectionOfOne(lower...upper))
  }

  /// The first range that ends at an address or behind it.
  private func index(endingFrom address: UInt64) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
