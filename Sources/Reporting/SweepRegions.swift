import Results
import TraceCore

/// How far the figures of one region lie apart over a sweep.
struct SweepRegionSpread {
  var name: String
  /// nil where the mapping makes no difference to the region, its speed is not its own, or nothing is
  /// known.
  var speed: RatioRange?
  var tlps: RatioRange?
  /// The first point with the greatest speed-up.
  var fastest: SweepResult.Point?
}

extension SweepResult {
  /// Every region that both scenarios have, in the trace's order; empty without two scenarios.
  var regionSpreads: [SweepRegionSpread] {
    guard isCompared else { return [] }
    var speeds: [Comparison.Key: [(Ratio, Point)]] = [:]
    var tlps: [Comparison.Key: [Ratio]] = [:]
    for point in points {
      let before = Dictionary(
        point.scenarios[0].regions.map { (Comparison.Key($0.region), $0) },
        uniquingKeysWith: { first, _ in first })
      for after in point.scenarios[1].regions {
        let key = Comparison.Key(after.region)
        guard let old = before[key] else { continue }
        if let ratio = Ratio(old.metrics.mwr, of: after.metrics.mwr) {
          tlps[key, default: []].append(ratio)
        }
        guard old.effective != after.effective,
          RegionResult.hasOwnSpeed(before: old, after: after)
        else { continue }
        let goodputs = [(after, point.scenarios[1]), (old, point.scenarios[0])].map {
          clock.metrics($0.0.metrics, in: $0.1)?.goodputBytesPerSecond
        }
        if let ratio = Ratio(goodputs[0], of: goodputs[1]) {
          speeds[key, default: []].append((ratio, point))
        }
      }
    }
    return scenarios[1].regions.compactMap { region in
      let key = Comparison.Key(region.region)
      let own = speeds[key] ?? []
      guard let ratios = tlps[key], !ratios.isEmpty || !own.isEmpty else { return nil }
      let most = own.map(\.0).max()
      return SweepRegionSpread(
        name: region.region.name, speed: RatioRange(own.map(\.0)), tlps: RatioRange(ratios),
        fastest: own.first { $0.0 == most }?.1)
    }
  }
}
