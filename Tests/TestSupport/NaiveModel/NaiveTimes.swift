/// Busy times in ps by one clock.
public struct NaiveTimes: Equatable, Sendable {
  /// From the first issue of an access in a region to the end of its last TLP or completion, or to
  /// a later issue: stores into another region's line send nothing of their own.
  public struct Span: Equatable, Sendable {
    public var first: Int?
    public var last: Int?

    public var ps: Int {
      guard let first, let last else { return 0 }
      return max(last - first, 0)
    }
  }

  /// By region name.
  public private(set) var regions: [String: Span] = [:]

  public subscript(region: String) -> Int { regions[region]?.ps ?? 0 }

  public var total: Int {
    let all = Span(
      first: regions.values.compactMap(\.first).min(),
      last: regions.values.compactMap(\.last).max())
    return all.ps
  }

  mutating func begin(_ region: String, at time: Int) {
    let first = regions[region]?.first ?? time
    regions[region, default: Span()].first = min(first, time)
    end(region, at: time)
  }

  mutating func end(_ region: String, at time: Int) {
    let last = regions[region]?.last ?? time
    regions[region, default: Span()].last = max(last, time)
  }
}
