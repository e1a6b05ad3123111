import Results

/// Which way a quantity moved between two mappings.
enum Trend: Equatable {
  case better, same, worse
  /// One of the two values is unknown.
  case unknown

  /// Two values whose quotient is below this are the same, in tenths: 1.1.
  static let thresholdTenths: UInt128 = 11

  /// - Parameters:
  ///   - good: The value that is larger when the second mapping is better.
  ///   - bad: The other one.
  init(good: UInt64?, bad: UInt64?) {
    guard let good, let bad else {
      self = .unknown
      return
    }
    if good == bad {
      self = .same
    } else if UInt128(good) * 10 >= UInt128(bad) * Self.thresholdTenths {
      self = .better
    } else if UInt128(bad) * 10 >= UInt128(good) * Self.thresholdTenths {
      self = .worse
    } else {
      self = .same
    }
  }
}

/// What the second mapping changes against the first, in memory writes and in time.
struct Gain {
  var before: Metrics
  var after: Metrics
  /// The change of speed is that of these accesses; see ``RegionResult/hasOwnSpeed(before:after:)``.
  var hasOwnSpeed = true

  /// Accesses that fault under one mapping alone do no work there: where they are more than one in
  /// a hundred, TLPs and times are of different work.
  var isOfSameWork: Bool {
    let (fewer, more) = (
      min(before.faultsAlignment, after.faultsAlignment),
      max(before.faultsAlignment, after.faultsAlignment)
    )
    let all = max(before.stores &+ before.loads, after.stores &+ after.loads)
    return UInt128(more - fewer) * 100 <= UInt128(all)
  }

  var tlps: Trend { isOfSameWork ? Trend(good: before.mwr, bad: after.mwr) : .unknown }
  var speed: Trend {
    guard isOfSameWork, hasOwnSpeed else { return .unknown }
    return Trend(
      good: after.saturated.goodputBytesPerSecond, bad: before.saturated.goodputBytesPerSecond)
  }

  /// `2.6x`: goodput after / goodput before under the `saturated` clock.
  var speedup: String? {
    guard isOfSameWork, hasOwnSpeed, let new = after.saturated.goodputBytesPerSecond,
      let old = before.saturated.goodputBytesPerSecond
    else { return nil }
    return multiple(new, of: old)
  }

  /// `7.9x fewer TLPs, 2.6x faster`: what changed by 1.1 times or more; empty where nothing did.
  var text: String {
    [tlpText, speedText].compactMap { $0 }.joined(separator: ", ")
  }

  private var tlpText: String? {
    switch tlps {
    case .better: multiple(before.mwr, of: after.mwr).map { $0 + " fewer TLPs" }
    case .worse: multiple(after.mwr, of: before.mwr).map { $0 + " more TLPs" }
    case .same, .unknown: nil
    }
  }

  private var speedText: String? {
    let new = after.saturated.goodputBytesPerSecond ?? 0
    let old = before.saturated.goodputBytesPerSecond ?? 0
    return switch speed {
    case .better: multiple(new, of: old).map { $0 + " faster" }
    case .worse: multiple(old, of: new).map { $0 + " slower" }
    case .same, .unknown: nil
    }
  }
}

extension RegionResult {
  /// The change of a region's speed between two mappings is its own.
  ///
  /// Its time goes from its first issue to its last end, so others may decide it: a last line stays
  /// in its buffer while its vCPU waits for another BAR's loads, or a doorbell lies between two
  /// copies. It is its own where the region has ``Verdict/fewestStores``, with fewer of which the
  /// last one's wait is the time; where half of the time or more is what vCPUs spent on it; and
  /// where that moved as far as counts, and the same way, when the whole did. A single mapping's
  /// speed, with that mapping as both, takes the first two.
  static func hasOwnSpeed(before: RegionResult, after: RegionResult) -> Bool {
    guard max(before.metrics.stores, after.metrics.stores) >= Verdict.fewestStores else {
      return false
    }
    let (old, new) = (before.metrics.saturated, after.metrics.saturated)
    guard !old.timeParts.isEmpty, !new.timeParts.isEmpty else { return true }
    guard [old, new].allSatisfy({ 2 * $0.timeParts.sumPs >= UInt128($0.timePs) }) else {
      return false
    }
    let speed = Trend(good: new.goodputBytesPerSecond, bad: old.goodputBytesPerSecond)
    let own = Trend(
      good: UInt64(clamping: old.timeParts.sumPs), bad: UInt64(clamping: new.timeParts.sumPs))
    return (speed != .better && speed != .worse) || own == speed
  }
}
