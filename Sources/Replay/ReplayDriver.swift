import ArmMemory
import Profiles
public import Resets
public import Results
public import TraceCore

/// Streams a trace once through all scenarios.
public final class ReplayDriver {
  private let source: any BlockSource
  private let configurations: [ScenarioConfiguration]
  /// The trace of the last ``run()`` holds barriers.
  public private(set) var holdsBarriers = false
  /// Called after each block; for progress.
  public var onBlock: ((_ records: UInt64) -> Void)?
  /// Cores that replays are spread over at most; results do not depend on it.
  public var threads = 1
  /// Keep every access that leaves the CPU, for ``paths()``: for tests on short traces.
  public var recordsPath = false
  /// The replays that the last ``run()`` settled on, where their paths are wanted.
  private var recorded: [ScenarioReplay] = []

  /// - Parameters:
  ///   - source: The trace.
  ///   - configurations: Scenarios, each with a name of its own.
  public init(_ source: any BlockSource, _ configurations: [ScenarioConfiguration]) {
    self.source = source
    self.configurations = configurations
  }

  /// Runs the whole trace.
  ///
  /// Where barriers are assumed and ``ScenarioConfiguration/triesAccessors`` is set, the variations
  /// begin with the scenarios under each other assumption.
  ///
  /// - Returns: Scenarios in the order given, and their findings.
  /// - Throws: ``TraceError`` from the source; `.internal` when records were not accounted for.
  public func run() throws(TraceError) -> RunResult {
    var contest = AccessorContest(
      configurations, source.context, make: contestant, other: alternative)
    var crew = crew(contest)
    var lost: UInt64 = 0
    var feed = ReplayFeed(source, onBlock)
    try feed.handOut { block throws(TraceError) in
      if contest.see(block) { crew = self.crew(contest) }
      lost.addSaturating(try Self.lostEvents(block))
      try crew.consume(block)
      return .onwards
    }
    let records = feed.records
    holdsBarriers = contest.holdsBarriers
    let scenarios = contest.winners
    for configuration in configurations { try configuration.checkRegions(source.context) }
    for scenario in scenarios { try scenario.finish(records: records) }
    let keeps = configurations.contains { $0.keepsResetCases }
    if recordsPath || keeps { recorded = scenarios.map(\.replay) }
    var result = result(
      scenarios.map(\.replay), records: records, lost: lost, times: feed.times,
      repaired: feed.counters)
    if !contest.holdsBarriers {
      result.variations = try accessorVariations(contest.others, result, records: records)
    }
    result.variations += variations(scenarios)
    return result
  }

  /// What each scenario put on the bus in ``run()``, in the order of the scenarios.
  ///
  /// - Returns: Accesses in the engine's order; empty unless ``recordsPath`` was set before.
  public func paths() -> [[BusAccess]] { recorded.map { $0.path() } }

  /// The resets that the last ``run()`` saw, by scenario in the order given.
  ///
  /// - Returns: Each with the MMIO next to it, and with the names of the regions; empty where
  ///   ``ScenarioConfiguration/keepsResetCases`` is not set.
  public func resetCases() -> [(cases: [ResetCase], regionName: (Int) -> String)] {
    recorded.map { ($0.resetCases, $0.regionName) }
  }

  /// The reset sequences that the last ``run()`` saw, the same under every scenario.
  ///
  /// - Returns: Sequences in the order of their resets; empty where
  ///   ``ScenarioConfiguration/keepsResetCases`` is not set.
  public func resetSequences() -> [ResetSequence] { recorded.first?.resetSequences ?? [] }

  /// Resets that ``resetCases()`` leaves out, because there were too many.
  public func resetsBeyondLimit() -> UInt64 { recorded.first?.resetsBeyondLimit ?? 0 }

  private func contestant(
    for configuration: ScenarioConfiguration, accessors: AccessorAssumption
  ) -> VariedScenario {
    let scenario = VariedScenario(
      configuration, accessors: accessors, context: source.context,
      parts: (max(1, threads) + configurations.count - 1) / configurations.count)
    scenario.replay.recordsPath = recordsPath
    return scenario
  }

  /// The scenario under another accessor assumption, as variants are run; nil where it makes no
  /// difference, because nothing gathers.
  private func alternative(
    for configuration: ScenarioConfiguration, accessors: AccessorAssumption
  ) -> VariedScenario? {
    guard configuration.policy != .kvmDevice else { return nil }
    var lean = configuration
    lean.measures = false
    lean.keepsResetCases = false
    lean.clocks = lean.variantClocks
    lean.settings.variants = []
    lean.settings.variants = [SettingsVariant(changes: [], settings: lean.settings)]
    return VariedScenario(lean, accessors: accessors, context: source.context)
  }

  /// The scenarios again under each other accessor assumption.
  private func accessorVariations(
    _ others: [[VariedScenario]], _ run: RunResult, records: UInt64
  ) throws(TraceError) -> [Variation] {
    let tried = AccessorContest<VariedScenario>.alternatives
    for scenario in others.joined() { try scenario.finish(records: records) }
    guard others.contains(where: { !$0.isEmpty }) else { return [] }
    return tried.enumerated().map { index, accessors in
      let scenarios = zip(others, run.scenarios).map { others, own in
        var result = others.isEmpty ? own : others[index].variantResults()[0]
        result.name = own.name
        result.accessors = accessors.rawValue
        return result
      }
      return Variation(changes: [.accessors(accessors)], scenarios: scenarios)
    }
  }

  private func crew(_ contest: AccessorContest<VariedScenario>) -> ReplayCrew {
    ReplayCrew(
      Array((contest.contenders + contest.others).joined()), threads: max(1, threads))
  }

  /// The scenarios again under each variant of their settings, which are the same for all.
  private func variations(_ scenarios: [VariedScenario]) -> [Variation] {
    let results = scenarios.map { $0.variantResults() }
    let changes = configurations.first?.settings.variants.map(\.changes) ?? []
    return changes.enumerated().compactMap { index, changes in
      let row = results.compactMap { $0.indices.contains(index) ? $0[index] : nil }
      return row.count == scenarios.count ? Variation(changes: changes, scenarios: row) : nil
    }
  }

  /// Events lost; their numbers lie in a column that is decoded only for them.
  private static func lostEvents(_ block: Block) throws(TraceError) -> UInt64 {
    let isCounted = block.classes.contains {
      $0.operation == .lost && $0.columns.contains(.value)
    }
    if isCounted, block.values.isEmpty { try block.load(.values) }
    return block.lostEvents
  }

  /// What a trace without time stamps cannot tell.
  static let untimed =
    "No record has a time stamp: under the paced clock the program is never ahead of the bus, so that "
    + "its times are those of the saturated clock; recovery windows after a reset are not judged, and "
    + "config writes and loads count as under way until a barrier or a read shows otherwise."

  private func result(
    _ replays: [ScenarioReplay], records: UInt64, lost: UInt64, times: TimeNormalizer,
    repaired: TraceCounters
  ) -> RunResult {
    let context = source.context
    // A source may replace its own counters up to its end.
    var counters = repaired
    // Where no record has one, a sentence says so.
    if times.hasStamps {
      counters.add(
        "time_missing", times.unstamped,
        meaning: "accesses without a time stamp; taken at the last one ahead, or at the first")
    }
    // Every scenario sees the same config space.
    replays.first?.report(into: &counters)
    for row in counters.rows {
      context.counters.add(row.name, row.count, severity: row.severity, meaning: row.meaning)
    }
    var assumptions = context.blindSpots
    // A screen has room for the first ones.
    assumptions += replays.first?.untypedAssumptions() ?? []
    for replay in replays {
      for text in replay.assumptions() where !assumptions.contains(text) {
        assumptions.append(text)
      }
    }
    if !times.hasStamps, records > 0 { assumptions.append(Self.untimed) }
    var trace = TraceResult(
      name: context.name, sha256: context.sha256 ?? "", records: records,
      format: context.format, lost: lost, assumptions: assumptions,
      counters: context.counters.rows)
    trace.firstTimeNs = times.origin
    trace.path = context.path
    trace.hasOwnLines = !context.hasForeignLines
    trace.resets = replays.first?.resetCounts ?? []
    return RunResult(
      trace: trace, scenarios: replays.map { $0.result() },
      findings: replays.flatMap { $0.findings() })
  }
}

extension Setting {
  /// An accessor assumption in the place of `bursts`, as a setting of a variation.
  fileprivate static func accessors(_ accessors: AccessorAssumption) -> Setting {
    var setting = Setting(
      key: accessorsKey, value: .text(accessors.rawValue), unit: "",
      source: "the capture holds no barriers", status: .assumed)
    setting.range = ([.bursts] + AccessorContest<VariedScenario>.alternatives).map {
      .text($0.rawValue)
    }
    return setting
  }
}
