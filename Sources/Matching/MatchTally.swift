import Results
import TraceCore

/// Counts what becomes of the TLPs of both lists.
struct MatchTally {
  /// Differences of a kind that are kept.
  static let kept = 10

  private var regions: [Int: MatchResult.Counts] = [:]
  private var sizes: [Int: MatchResult.Sides] = [:]
  private var others: [String: MatchResult.Sides] = [:]
  private var differences: [MatchResult.Difference] = []
  private var found: [MatchResult.Difference.Kind: Int] = [:]
  private var order = ObservedOrder()
  /// Earliest and latest start of those: observed, by the saturated clock, by the paced one.
  private var spans: [ClosedRange<UInt64>?] = [nil, nil, nil]

  /// A TLP that is not compared.
  mutating func add(other name: String) { others[name, default: .init()].predicted += 1 }

  /// The same of the observed list, several.
  mutating func add(other name: String, observed count: UInt64) {
    others[name, default: .init()].observed += count
  }

  mutating func add(compared tlp: WaitingTLP) {
    let path = tlp.side.count
    regions[tlp.region, default: .init()].compared[keyPath: path] += 1
    if tlp.request.isWrite {
      sizes[tlp.request.payloadBytes, default: .init()][keyPath: path] += 1
    }
  }

  mutating func add(agreeing predicted: WaitingTLP, _ observed: WaitingTLP) {
    regions[predicted.region, default: .init()].agree += 1
    settle(observed, predicted: predicted.index)
    for (index, time) in (observed.times + predicted.times).enumerated() {
      guard let time else { continue }
      let span = spans[index] ?? time...time
      spans[index] = min(span.lowerBound, time)...max(span.upperBound, time)
    }
  }

  /// It is known what became of an observed TLP.
  private mutating func settle(_ observed: WaitingTLP, predicted: UInt64?) {
    order.add(observed, predicted: predicted) { region in
      regions[region, default: .init()].reordered += 1
    }
  }

  mutating func add(
    split predicted: [WaitingTLP], _ observed: [WaitingTLP], _ finder: RegionFinder
  ) {
    for tlp in predicted + observed {
      regions[tlp.region, default: .init()].splitOtherwise[keyPath: tlp.side.count] += 1
    }
    for tlp in observed { settle(tlp, predicted: nil) }
    keep(.splitOtherwise, predicted + observed, finder)
  }

  /// - Parameters:
  ///   - tlp: What has waited long enough.
  ///   - isMet: The other list has or had something in its line.
  ///   - other: What the other list has there.
  ///   - finder: Has the regions.
  mutating func add(
    left tlp: WaitingTLP, isMet: Bool, beside other: WaitingTLP?, _ finder: RegionFinder
  ) {
    let path = tlp.side.count
    if tlp.side == .observed { settle(tlp, predicted: nil) }
    guard !isMet else {
      regions[tlp.region, default: .init()].otherBytes[keyPath: path] += 1
      // One without another was told beside one that was left ahead of it.
      if let other { keep(.otherBytes, [tlp, other], finder) }
      return
    }
    switch tlp.side {
    case .predicted:
      regions[tlp.region, default: .init()].predictedOnly += 1
      keep(.predictedOnly, [tlp], finder)
    case .observed:
      regions[tlp.region, default: .init()].observedOnly += 1
      keep(.observedOnly, [tlp], finder)
    }
  }

  private mutating func keep(
    _ kind: MatchResult.Difference.Kind, _ tlps: [WaitingTLP], _ finder: RegionFinder
  ) {
    guard found[kind, default: 0] < Self.kept, let first = tlps.first else { return }
    found[kind, default: 0] += 1
    var difference = MatchResult.Difference(
      kind: kind, region: finder[first.region].name, predicted: [], observed: [])
    for tlp in tlps {
      switch tlp.origin {
      case .predicted(let predicted, _, _): difference.predicted.append(predicted)
      case .observed(let observed): difference.observed.append(observed)
      }
    }
    differences.append(difference)
  }

  /// Fills in what has been counted.
  ///
  /// - Parameters:
  ///   - result: Gets it.
  ///   - finder: Has the regions.
  func fill(_ result: inout MatchResult, _ finder: RegionFinder) {
    for (region, counts) in regions.sorted(by: { $0.key < $1.key }) {
      result.regions.append(.init(name: finder[region].name, counts: counts))
      result.totals.add(counts)
      if counts.compared.predicted > 0, finder[region].isBaseAssumed == true {
        result.assumedBases.append(finder[region].name)
      }
    }
    result.sizes = sizes.sorted { $0.key < $1.key }.map { .init(payloadBytes: $0, writes: $1) }
    result.others = others.sorted { $0.key < $1.key }.map { .init(name: $0, tlps: $1) }
    result.differences = differences
    guard spans[0] != nil else { return }
    let lengths = spans.map { $0.map { $0.upperBound - $0.lowerBound } }
    var durations = MatchResult.Durations()
    (durations.observedPs, durations.saturatedPs, durations.pacedPs) =
      (lengths[0], lengths[1], lengths[2])
    result.durations = durations
  }
}

extension WaitingTLP {
  /// When it is on the link: observed, or by the saturated and the paced clock.
  fileprivate var times: [UInt64?] {
    switch origin {
    case .predicted(_, let saturated, let paced): [saturated, paced]
    case .observed(let observed): [observed.timePs]
    }
  }
}

extension WaitingTLP.Side {
  fileprivate var count: WritableKeyPath<MatchResult.Sides, UInt64> {
    self == .predicted ? \.predicted : \.observed
  }
}
