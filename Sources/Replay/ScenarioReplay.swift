import ArmMemory
import ConfigSpace
import Hazards
import Profiles
public import Results
public import TraceCore

/// One scenario applied to a trace, block by block.
public final class ScenarioReplay {
  let configuration: ScenarioConfiguration
  let accessors: AccessorAssumption
  private let context: TraceContext
  private var engine: Engine
  private var tables = ReplayTables()
  private var rules = HazardRules.all()
  /// Records handled so far.
  public private(set) var records: UInt64 = 0
  /// Source lines of the records that findings name, as far as known.
  private var lines: [UInt64: UInt64] = [:]

  /// - Parameters:
  ///   - configuration: Policy, profiles and options.
  ///   - accessors: The accessor assumption in force.
  ///   - context: The trace's regions and texts, which may grow while it streams in.
  public init(
    _ configuration: ScenarioConfiguration, accessors: AccessorAssumption, context: TraceContext
  ) {
    self.configuration = configuration
    self.accessors = accessors
    self.context = context
    engine = Engine(configuration, accessors: accessors, images: context.configImages)
  }

  /// Takes a block whose times are in ns from the trace's first record and never decrease.
  ///
  /// - Throws: ``TraceError`` where a record cannot be what its class says.
  public func consume(_ block: Block) throws(TraceError) {
    let classes = try tables.resolve(block, configuration, accessors, context)
    engine.grow(vcpus: tables.vcpuNames.count, regions: tables.regions.count)
    tables.describe(to: &engine, context)
    records += engine.consume(block, classes: classes)
    try judge(block)
  }

  /// Ends the trace.
  public func finish() throws(TraceError) {
    engine.finish()
    try judge(nil)
  }

  /// Shows a block's incidents to the rules and keeps the source lines that they may name.
  private func judge(_ block: Block?) throws(TraceError) {
    let scene = BlockScene(block, needsCode: !engine.log[.partialFlush].isEmpty)
    var seen: Set<UInt64> = []
    for index in rules.indices {
      rules[index].consume(engine.log, scene)
      for tally in rules[index].tallies() { seen.insert(tally.firstRecord) }
    }
    engine.log.removeAll()
    for record in seen where lines[record] == nil && scene.holds(record) {
      if let line = try scene.line(ofRecord: record) { lines[record] = line }
    }
  }

  // MARK: Results

  /// The scenario's metrics; complete after ``finish()``.
  public func result() -> ScenarioResult {
    var totals = Metrics()
    var regions: [RegionResult] = []
    for rows in tables.rows(having: { engine.counters[$0].configWrites > 0 }) {
      let entry = tables.regions[rows[0]]
      var metrics = Metrics()
      var saturated = ReplayClock.Interval()
      var paced = ReplayClock.Interval()
      for index in rows {
        metrics.addCounts(of: engine.counters.metrics(region: index))
        saturated.formUnion(engine.saturated.span(region: index))
        paced.formUnion(engine.paced.span(region: index))
      }
      // A block may name a region that none of its records touches.
      guard metrics != Metrics() else { continue }
      totals.addCounts(of: metrics)
      metrics.saturated = clockMetrics(saturated, metrics.storeBytes)
      metrics.paced = clockMetrics(paced, metrics.storeBytes)
      regions.append(
        RegionResult(
          region: described(entry.region(context, isShared: rows.count > 1)),
          stage1: entry.stage1Name,
          stage1Source: entry.stage1Source, stage2: entry.stage2Name,
          effective: entry.effectiveName, metrics: metrics))
    }
    totals.saturated = clockMetrics(engine.saturated.total, totals.storeBytes)
    totals.paced = clockMetrics(engine.paced.total, totals.storeBytes)
    let settings = configuration.settings
    return ScenarioResult(
      name: configuration.name, policy: configuration.policy.rawValue, fwb: configuration.fwb,
      accessors: accessors.rawValue, cpu: settings.cpuName,
      rootComplex: settings.rootComplexName, link: settings.linkName,
      clocks: configuration.clocks.rawValue, settings: settings.values, totals: totals,
      regions: regions)
  }

  /// The region with what config space showed of its BAR.
  private func described(_ region: Region) -> Region {
    guard let function = region.function, let bar = region.bar,
      let known = engine.hazards.space.memoryBAR(of: function, bar)
    else { return region }
    var result = region
    result.prefetchable = region.prefetchable ?? known.prefetchable
    result.is64Bit = region.is64Bit ?? known.is64Bit
    return result
  }

  private func clockMetrics(_ span: ReplayClock.Interval, _ bytes: UInt64) -> ClockMetrics {
    guard span.duration > 0 else { return ClockMetrics() }
    // bytes per second = bytes * 10^12 / ps, in 128 bits.
    let rate = UInt128(bytes) * 1_000_000_000_000 / UInt128(span.duration)
    return ClockMetrics(
      timePs: span.duration, goodputBytesPerSecond: UInt64(truncatingIfNeeded: rate))
  }

  /// What the rules found, in the order of the rules, then of the regions.
  public func findings() -> [Finding] {
    rules.flatMap { rule in
      rule.tallies().map { tally in
        Finding(
          code: rule.code, severity: tally.severity ?? rule.severity,
          scenario: configuration.name, count: tally.count, firstRecord: tally.firstRecord,
          firstLine: lines[tally.firstRecord],
          region: tally.region >= 0 ? tables.regions[tally.region].region(context).name : nil,
          vcpu: tally.vcpu, message: tally.message, rule: rule.rule, advice: rule.advice)
      }
    }
  }

  /// Adds what was odd about the capture's config space to its counters.
  public func report(into counters: inout TraceCounters) {
    engine.hazards.space.report(into: &counters)
  }

  /// Sentences about what this scenario took for granted.
  public func assumptions() -> [String] { tables.assumptions }
}

/// A block as the hazard rules and the finding lines see it.
struct BlockScene: HazardScene {
  private let block: Block?
  /// Each record's position in the column of code addresses; empty where the block has none.
  private let codePositions: [Int32]

  init(_ block: Block?, needsCode: Bool) {
    self.block = block
    codePositions = needsCode ? Self.positions(in: block, of: .codeAddress) : []
    if let block, !codePositions.isEmpty, block.codeAddresses.isEmpty {
      try? block.load(.codeAddresses)
    }
  }

  func holds(_ record: UInt64) -> Bool {
    guard let block else { return false }
    return record >= block.firstRecord && record - block.firstRecord < UInt64(block.count)
  }

  func codeAddress(ofRecord record: UInt64) -> UInt64? {
    guard !codePositions.isEmpty, let block, holds(record) else { return nil }
    let position = Int(codePositions[Int(record - block.firstRecord)])
    return position >= 0 && position < block.codeAddresses.count
      ? block.codeAddresses[position] : nil
  }

  /// The source line of a record of the block.
  ///
  /// - Parameter record: Index in the trace.
  /// - Returns: The line, from 1; nil where the capture has none.
  /// - Throws: ``TraceError`` when the column is damaged.
  func line(ofRecord record: UInt64) throws(TraceError) -> UInt64? {
    let positions = Self.positions(in: block, of: .line)
    guard let block, !positions.isEmpty else { return nil }
    let position = Int(positions[Int(record - block.firstRecord)])
    guard position >= 0 else { return nil }
    if block.lines.isEmpty { try block.load(.lines) }
    return position < block.lines.count ? block.lines[position] : nil
  }

  /// Each record's position in a column, -1 where it has no entry; empty where none has one.
  private static func positions(
    in block: Block?, of column: RecordClass.Columns
  ) -> [Int32] {
    guard let block, block.classes.contains(where: { $0.columns.contains(column) }) else {
      return []
    }
    var positions: [Int32] = []
    positions.reserveCapacity(block.count)
    var next: Int32 = 0
    for run in block.runTokens.indices {
      let has = block.classes[Int(block.runTokens[run])].columns.contains(column)
      for _ in 0..<block.runCounts[run] {
        positions.append(has ? next : -1)
        if has { next += 1 }
      }
    }
    return positions
  }
}
