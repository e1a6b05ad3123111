import ArmMemory
import ConfigSpace
import Hazards
import Profiles
public import Resets
public import Results
public import TraceCore

// What a replay tells: counts and times, findings, resets and assumptions.
extension ScenarioReplay {
  /// The scenario's metrics; complete after ``finish()``.
  public func result() -> ScenarioResult {
    let own = clockPairs[ClockID(plan: plan, place: 0)] ?? ClockSet.Pair()
    let clocks = own.only(configuration.clocks)
    var result = timed(counts(), configuration.settings, clocks, configuration.clocks)
    if let saturated = clocks.saturated { result.saturatedUse = saturated.clock.linkUse() }
    if let paced = clocks.paced { result.pacedUse = paced.clock.linkUse() }
    return result
  }

  /// The scenario under other settings that give the same counts.
  ///
  /// - Parameters:
  ///   - variants: Settings, and their clocks.
  ///   - kinds: Which clocks are run of them.
  /// - Returns: Counts and times, complete after ``finish()``.
  func results(
    _ variants: [(settings: ModelSettings, clocks: ClockSet.Pair)],
    _ kinds: ScenarioConfiguration.Clocks
  ) -> [ScenarioResult] {
    let counts = counts()
    return variants.map { timed(counts, $0, $1.only(kinds), kinds) }
  }

  /// What all clocks have in common.
  private struct Counts {
    var totals = Metrics()
    var regions: [(result: RegionResult, rows: [Int])] = []
    var all: [Int] = []
  }

  private func counts() -> Counts {
    var counts = Counts()
    for rows in tables.rows(having: { engine.counters[$0].configWrites > 0 }) {
      counts.all += rows
      let entry = tables.regions[rows[0]]
      var metrics = Metrics()
      for index in rows { metrics.addCounts(of: engine.counters.metrics(region: index)) }
      // A block may name a region that none of its records touches.
      guard metrics != Metrics() else { continue }
      counts.totals.addCounts(of: metrics)
      counts.regions.append(
        (
          RegionResult(
            region: described(entry.region(context, isShared: rows.count > 1)),
            stage1: entry.stage1Name, stage1Source: entry.stage1Source, stage2: entry.stage2Name,
            effective: entry.effectiveName, metrics: metrics), rows
        ))
    }
    return counts
  }

  private func timed(
    _ counts: Counts, _ settings: ModelSettings, _ pair: ClockSet.Pair,
    _ clocks: ScenarioConfiguration.Clocks
  ) -> ScenarioResult {
    func addTimes(_ metrics: inout Metrics, _ rows: [Int]) {
      metrics.saturated = pair.saturated?.clock.metrics(rows, metrics.storeBytes) ?? ClockMetrics()
      metrics.paced = pair.paced?.clock.metrics(rows, metrics.storeBytes) ?? ClockMetrics()
    }
    var totals = counts.totals
    addTimes(&totals, counts.all)
    if let paced = pair.paced { totals.paced.recordedPs = paced.clock.recorded.duration * 1000 }
    let regions = counts.regions.map { entry in
      var result = entry.result
      addTimes(&result.metrics, entry.rows)
      return result
    }
    var result = ScenarioResult(
      name: configuration.name, policy: configuration.policy.rawValue, fwb: configuration.fwb,
      accessors: accessors.rawValue, cpu: settings.cpuName,
      rootComplex: settings.rootComplexName, link: settings.linkName,
      clocks: clocks.rawValue, settings: settings.values, totals: totals, regions: regions)
    result.device = settings.deviceName
    result.configPath = configuration.configPath?.rawValue ?? result.configPath
    return result
  }

  /// The region with what config space showed of its BAR.
  private func described(_ region: Region) -> Region {
    guard let function = region.function, let bar = region.bar,
      let known = space.memoryBAR(of: function, bar)
    else { return region }
    var result = region
    result.prefetchable = region.prefetchable ?? known.prefetchable
    result.is64Bit = region.is64Bit ?? known.is64Bit
    return result
  }

  /// What the rules found, in the order of the rules, then of the regions; of a part without reads
  /// nothing that rests on there being none.
  public func findings() -> [Finding] { findings(of: rules) }

  func findings(of rules: [any HazardRule]) -> [Finding] {
    rules.filter { !context.lacksReads || !$0.needsReads }
      .flatMap { rule in rule.tallies().map { finding(rule, $0) } }
  }

  private func finding(_ rule: any HazardRule, _ tally: HazardTally) -> Finding {
    let place = places[tally.firstRecord]
    let region = tally.region >= 0 ? tables.regions[tally.region].region(context) : nil
    let code = tally.code.map { "\(context.callers.shown($0.address)) (\($0.count))" }
    let hot = code.isEmpty ? "" : "; last written most often at " + code.joined(separator: ", ")
    var finding = Finding(
      code: rule.code, severity: tally.severity ?? rule.severity,
      scenario: configuration.name, count: tally.count, firstRecord: tally.firstRecord,
      firstLine: place?.line, region: region?.name, vcpu: tally.vcpu,
      message: tally.message + hot, rule: tally.kind?.rule ?? rule.rule,
      advice: tally.kind?.advice ?? rule.advice, earlierRecord: tally.earlierRecord)
    finding.regionNumber = region.map { _ in tally.region }
    finding.vcpus = tally.vcpus
    finding.meaning = rule.meaning
    finding.kind = tally.kind?.meaning ?? rule.meaning
    finding.caller = place?.codeAddress.map { context.callers.shown($0) }
    finding.register = place?.address.flatMap { region?.register(at: $0) }
    return finding
  }

  /// The resets of the trace so far, with the MMIO next to them; empty unless they are wanted.
  ///
  /// Regions in them are indices; ``regionName(_:)`` has their names.
  public var resetCases: [ResetCase] {
    let functions = engine.hazards.functions
    return engine.hazards.resets.cases.map { reset in
      var reset = reset
      // Those that only a later block shows, too.
      reset.functions = functions.filter { reset.event.affects($0) }
      return reset
    }
  }

  /// The reset sequences of the trace, and BAR sizings; empty unless resets are wanted.
  public var resetSequences: [ResetSequence] {
    var sequences = engine.hazards.resets.sequences
    return sequences?.finish() ?? []
  }

  /// Resets of which ``resetCases`` has nothing, because there were too many.
  public var resetsBeyondLimit: UInt64 { engine.hazards.resets.casesBeyondLimit }

  /// Name of a region of the replay's table.
  public func regionName(_ region: Int) -> String {
    tables.regions.indices.contains(region) ? tables.regions[region].region(context).name : "-"
  }

  /// Resets by kind, in the order in which they first came.
  var resetCounts: [ResetCount] {
    engine.hazards.resets.counts.map { ResetCount(kind: $0.kind.rawValue, count: $0.count) }
  }

  /// Adds what was odd about the capture's config space to its counters.
  public func report(into counters: inout TraceCounters) {
    engine.hazards.space.report(into: &counters)
    counters.add(
      "window_without_time", engine.hazards.withoutTime,
      meaning: "accesses to functions that had been reset, without time stamps to tell whether the"
        + " recovery time was over: RST005 says nothing of them")
    let sharing = tables.functionsSharing
    if sharing > 0 {
      counters.add(
        "functions_sharing_marks", UInt64(sharing),
        meaning: "functions, and regions without one, beyond \(FunctionSlots.most) each,"
          + " which share with others what a vCPU's last accesses are remembered in: ORD001,"
          + " ORD002, ORD003 and RST002 may miss some of theirs")
    }
    var untyped: UInt64 = 0
    for entry in partlyTyped { untyped += entry.untypedAccesses }
    if untyped > 0 {
      counters.add(
        "memory_type_missing", untyped,
        meaning: "accesses without a memory type, to regions where others have one:"
          + " taken as where nothing is known, so that what gathers may be these alone")
    }
  }

  /// Regions of which some accesses have a recorded memory type, and others have none.
  private var partlyTyped: [ReplayTables.Entry] {
    tables.regions.filter { $0.stage1Source == "mixed" && $0.untypedAccesses > 0 }
  }

  /// Sentences about accesses whose type is not known, though that of others of their region is:
  /// what gathers may be these alone.
  func untypedAssumptions() -> [String] {
    partlyTyped.map { entry in
      let region = entry.region(context)
      let type = ReplayTables.untypedStage1(region).name
      return "\(entry.untypedAccesses.digitGroups) accesses to \(region.name) hold no memory type,"
        + " as others of it do; they are taken as \(type): --stage1 says otherwise"
    }
  }

  /// Sentences about what else this scenario took for granted.
  public func assumptions() -> [String] {
    var assumptions = tables.assumptions
    if context.lacksReads {
      let codes = HazardRules.all().filter(\.needsReads).map(\.code).joined(separator: ", ")
      assumptions.append("loads and config reads were left out: nothing is found of \(codes)")
    }
    if let path = configuration.configPath {
      assumptions.append("config accesses are taken as \(path.rawValue) (--config-path)")
    }
    return assumptions
  }
}
