public import Results
import TraceCore

/// What a verdict comes to when the profile values that have a range take other values of it.
///
/// Over the combinations that were tried, which are ends of the ranges: no proof for all values in
/// between. A longer latency or fewer credits never make a scenario faster, but a speed-up is a
/// quotient of two times; and the time is not monotone in the number of gathering buffers.
struct VerdictRange: Sendable, Equatable {
  /// Values at which a verdict becomes another.
  struct Flip: Sendable, Equatable {
    /// One value, or several at once.
    var changes: [Setting]
    /// The other verdict, in a few words.
    var word: String
  }

  /// Goodput after / goodput before; nil where unknown, or where the mapping makes no difference.
  var speedup: RatioRange?
  /// Memory writes before / after; nil where there are none after, or faults make
  /// the work another.
  var tlps: RatioRange?
  /// Combinations tried, the run's own values not counted.
  var tried: Int
  /// With as few changes as any; empty where the verdict holds.
  var flips: [Flip]
  /// Every value of every combination at which it does not hold.
  var suspects: [Setting]
  /// Every value of the first flip was also tried alone.
  var isNarrowed: Bool
  /// The region has stores enough for its verdict to matter.
  var matters: Bool

  var holds: Bool { flips.isEmpty }
}

extension VerdictRange {
  /// What one combination of values gives.
  struct Outcome {
    var changes: [Setting]
    var gain: Gain
    /// Compared; the first is the run's own.
    var verdict: String
    var word: String
  }

  /// - Parameters:
  ///   - base: The run's own values.
  ///   - others: Every combination tried.
  ///   - alone: Values that were tried alone, in any combination of the run.
  ///   - hasSpeed: The mapping makes a difference to speed.
  ///   - matters: See ``matters``.
  init(
    base: Outcome, others: [Outcome], alone: [Setting], hasSpeed: Bool, matters: Bool
  ) {
    let gains = [base.gain] + others.map(\.gain)
    let speeds = gains.compactMap(\.speedRatio)
    speedup = hasSpeed && base.gain.speedRatio != nil ? RatioRange(speeds) : nil
    tlps = RatioRange(gains.compactMap(\.tlpRatio))
    tried = others.count
    let flipping = others.filter { $0.verdict != base.verdict }
    let fewest = flipping.map(\.changes.count).min() ?? 0
    let least = flipping.filter { $0.changes.count == fewest }
    // Several values that flip it each alone are all of interest; of combinations one will do.
    flips = (fewest == 1 ? least : Array(least.prefix(1)))
      .map { Flip(changes: $0.changes, word: $0.word) }
    suspects = []
    for change in flipping.flatMap(\.changes) where !suspects.contains(change) {
      suspects.append(change)
    }
    isNarrowed = least.first.map { $0.changes.allSatisfy(alone.contains) } ?? true
    self.matters = matters
  }
}

extension Gain {
  /// Goodput after / goodput before under the `saturated` clock.
  var speedRatio: Ratio? {
    guard isOfSameWork, hasOwnSpeed else { return nil }
    return Ratio(
      after.saturated.goodputBytesPerSecond, of: before.saturated.goodputBytesPerSecond)
  }

  /// Memory writes before / after.
  var tlpRatio: Ratio? { isOfSameWork ? Ratio(before.mwr, of: after.mwr) : nil }

  /// What a whole trace's verdict is about; empty where that is not known.
  var speedWord: String {
    switch speed {
    case .better: "faster"
    case .worse: "slower"
    case .same: "no change"
    case .unknown: ""
    }
  }
}

/// The verdict on a region, or the direction of the whole trace's speed, is not the same for all
/// values tried.
///
/// Regions below ``Verdict/negligiblePerMille`` of the trace's store bytes do not count.
///
/// - Parameter run: Two scenarios with variations.
/// - Returns: The values that may be why, each to be tried alone; empty where every verdict holds.
public func suspectSettings(_ run: RunResult) -> [Setting] {
  let comparison = Comparison(run)
  var suspects: [Setting] = []
  for range in [comparison.range] + comparison.rows.map(\.range) {
    guard let range, range.matters else { continue }
    for change in range.suspects where !suspects.contains(change) { suspects.append(change) }
  }
  return suspects
}
