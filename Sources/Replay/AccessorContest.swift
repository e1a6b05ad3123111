import TraceCore

/// What the accessor assumption `auto` comes to, which the whole trace tells: the barriers that it
/// records, or where it records none, those around bursts.
///
/// Until then a replay of each goes on, so that the trace is read only once and may be a pipe.
struct AccessorContest<Contender> {
  /// Of each scenario one for each assumption that it may still come to.
  private(set) var contenders: [[Contender]]
  /// Of each scenario one for each assumption that might as well be made where barriers are assumed;
  /// none where nothing is tried, or where the capture turns out to hold barriers.
  private(set) var others: [[Contender]]
  private var hasBarriers: Bool
  /// The trace holds barriers, as far as it was seen.
  var holdsBarriers: Bool { hasBarriers || context.holdsBarriers }
  private let context: TraceContext
  /// Nothing that follows can change who counts.
  private(set) var isDecided: Bool

  /// - Parameters:
  ///   - configurations: The scenarios.
  ///   - context: The trace's; it has totals where they are known ahead of its records.
  ///   - make: A contender of a scenario under an assumption.
  ///   - other: The same of one of ``others``; nil where a scenario does not depend on it.
  init(
    _ configurations: [ScenarioConfiguration], _ context: TraceContext,
    make: (ScenarioConfiguration, AccessorAssumption) -> Contender,
    other: (ScenarioConfiguration, AccessorAssumption) -> Contender? = { _, _ in nil }
  ) {
    contenders = configurations.map { configuration in
      Self.choices(of: configuration).map { make(configuration, $0) }
    }
    others = configurations.map { configuration in
      guard configuration.triesAccessors, configuration.accessors == nil else { return [] }
      return Self.alternatives.compactMap { other(configuration, $0) }
    }
    self.context = context
    hasBarriers = (context.totals?.barriers ?? 0) > 0
    isDecided = false
    if context.totals != nil || context.holdsBarriers { decide() }
  }

  /// Barriers around every access, and none at all: the first and the last resort of those who do not
  /// know a driver's accessors.
  static var alternatives: [AccessorAssumption] { [.linuxWritel, .relaxed] }

  /// The assumptions to replay under: the scenario's own, or both that `auto` may come to.
  private static func choices(of configuration: ScenarioConfiguration) -> [AccessorAssumption] {
    configuration.accessors.map { [$0] } ?? [.recorded, .bursts]
  }

  /// Looks for a barrier in a block, before the contenders take it.
  ///
  /// - Returns: Whether that has decided it just now.
  mutating func see(_ block: Block) -> Bool {
    guard !isDecided,
      context.holdsBarriers || block.classes.contains(where: { $0.operation == .barrier })
    else { return false }
    hasBarriers = true
    decide()
    return true
  }

  private mutating func decide() {
    contenders = winners.map { [$0] }
    if holdsBarriers { others = others.map { _ in [] } }
    isDecided = true
  }

  /// Those that count, as far as the trace was seen: one a scenario.
  var winners: [Contender] {
    contenders.map { $0[holdsBarriers ? 0 : $0.count - 1] }
  }
}
