import ArmMemory
import ConfigSpace
import Hazards
import Profiles
import Resets
import Results
public import TraceCore

/// One scenario applied to a trace, block by block.
///
/// Plans that count alike up to some event follow it; each gets a replay of its own when that comes.
public final class ScenarioReplay {
  let configuration: ScenarioConfiguration
  let accessors: AccessorAssumption
  let context: TraceContext
  var engine: Engine
  var tables = ReplayTables()
  /// None where nothing is remembered of functions.
  private var slots = FunctionSlots()
  /// The plan that it counts for.
  let plan: Int
  var followers: [Follower] = []
  /// Replays of plans that followed it.
  var forks: [ScenarioReplay] = []
  /// The engine as it was ahead of the present block, where something follows.
  private(set) lazy var state = EngineState(configuration.settings.cpu)
  /// The followers' clocks as they were then.
  private var clocksBefore: ClockSet?
  /// Where BARs are looked up: a fork's is that of the replay that it followed.
  let space: ConfigSpace
  private(set) var rules: [any HazardRule]
  /// Records handled so far.
  public internal(set) var records: UInt64 = 0
  /// Where the records come from that findings name, as far as known.
  private(set) var places: [UInt64: RecordOrigin] = [:]
  /// Where the records come from that wrote the open lines last, when their block is gone.
  private var origins: [UInt64: RecordOrigin] = [:]
  /// Findings of each rule so far.
  private var tallyCounts: [Int]
  /// Rules that see what one record alone gives cause to.
  private var inquiry: (record: UInt64, rules: [any HazardRule])?

  /// - Parameters:
  ///   - configuration: Policy, profiles and options.
  ///   - accessors: The accessor assumption in force.
  ///   - context: The trace's regions and texts, which may grow while it streams in.
  public convenience init(
    _ configuration: ScenarioConfiguration, accessors: AccessorAssumption, context: TraceContext
  ) {
    self.init(
      configuration, accessors: accessors, context: context,
      [configuration.ownPlan])
  }

  /// - Parameters:
  ///   - configuration: As above; its settings are those of the first plan.
  ///   - accessors: As above.
  ///   - context: As above.
  ///   - plans: The one that is run, and any number that follow it.
  ///   - clocks: Which clocks are run of those that measure nothing.
  init(
    _ configuration: ScenarioConfiguration, accessors: AccessorAssumption, context: TraceContext,
    _ plans: [ReplayPlan], clocks: ScenarioConfiguration.Clocks? = nil
  ) {
    self.configuration = configuration
    self.accessors = accessors
    self.context = context
    plan = plans[0].number
    followers = plans.dropFirst().compactMap { Follower($0, of: plans[0]) }
    precondition(followers.count == plans.count - 1, "a plan that cannot follow")
    let measured = configuration.measures
    let members = plans.flatMap(\.members).filter {
      !measured || $0.id != ClockID(plan: 0, place: 0)
    }
    engine = Engine(
      configuration, accessors: accessors, images: context.configImages,
      clocks: ClockSet(
        own: measured ? (configuration.settings, configuration.clocks) : nil, members,
        clocks ?? configuration.clocks, gathers: configuration.policy != .kvmDevice))
    engine.forks.watch(followers.compactMap(\.condition.split), configuration.settings)
    space = engine.hazards.space
    rules = configuration.measures ? HazardRules.all() : []
    tallyCounts = rules.map(\.tallyCount)
  }

  /// A replay for plans that have followed another one up to a block.
  ///
  /// - Parameters:
  ///   - plans: The one that is run, and any number that follow it.
  ///   - leader: Knows the state ahead of the block, and the regions up to its end.
  ///   - clocks: The plans' clocks as they were ahead of the block.
  ///   - records: Records ahead of it.
  init(_ plans: [ReplayPlan], of leader: ScenarioReplay, _ clocks: ClockSet, records: UInt64) {
    var configuration = leader.configuration
    configuration.settings = plans[0].settings
    configuration.measures = false
    configuration.keepsResetCases = false
    self.configuration = configuration
    accessors = leader.accessors
    context = leader.context
    plan = plans[0].number
    followers = plans.dropFirst().compactMap { Follower($0, of: plans[0]) }
    self.records = records
    engine = Engine(
      configuration, accessors: accessors, images: [:], clocks: clocks, observesConfig: false)
    engine.take(leader.state)
    engine.forks.watch(followers.compactMap(\.condition.split), configuration.settings)
    tables = leader.tables
    space = leader.space
    rules = []
    tallyCounts = []
  }

  /// Keep every access that leaves the CPU, for ``path()``.
  ///
  /// For tests on short traces, because each access needs memory and time; to be set before the
  /// first block.
  public var recordsPath: Bool {
    get { engine.path != nil }
    set {
      engine.path = newValue ? BusPath() : nil
      tables.takesWholeRuns = !newValue
    }
  }

  /// Takes every access that leaves the CPU; to be set before the first block.
  ///
  /// Slower than a plain replay, which takes whole runs at once.
  var sink: (any BusSink)? {
    didSet {
      engine.path = BusPath(sink: sink)
      tables.takesWholeRuns = false
    }
  }

  /// Looks at what one record gives cause to; to be said before the first block, of a scenario
  /// that measures.
  func inquire(_ record: UInt64) { inquiry = (record, HazardRules.all()) }

  /// What the rules say of the record that ``inquire(_:)`` named.
  func inquiredFindings() -> [Finding] { inquiry.map { findings(of: $0.rules) } ?? [] }

  /// Bytes of a record are still gathered; to be asked only where there is a ``sink``.
  func isPending(_ record: UInt64) -> Bool { engine.path?.isPending(record) ?? false }

  /// The clocks that are its, and whose they are.
  var clockPairs: [ClockID: ClockSet.Pair] { engine.clocks.pairs }

  /// Clocks that time is kept by.
  var clockCount: Int { engine.clocks.count }

  /// The region with a number, as the trace describes it.
  func region(_ number: Int) -> Region { tables.regions[number].region(context) }

  /// The accesses that left the CPU so far, in the engine's order; empty unless ``recordsPath``.
  public func path() -> [BusAccess] { engine.path?.accesses ?? [] }

  /// Takes a block whose times are in ns from the trace's first record and never decrease.
  ///
  /// - Throws: ``TraceError`` where a record cannot be what its class says.
  public func consume(_ block: Block) throws(TraceError) {
    guard !followers.isEmpty else { return try take(block) }
    let clocks = keepState()
    let before = records
    try take(block)
    for fork in part(clocks, records: before) { try fork.consume(block) }
  }

  private func take(_ block: Block) throws(TraceError) {
    let classes = try tables.resolve(block, configuration, accessors, context)
    // Of interest only beside others that carry a type.
    if context.totals?.withAttribute != 0 { tables.countUntyped(block, classes) }
    if engine.remembersAccesses {
      slots.grow(functions: tables.functionCount, regions: tables.unownedCount)
    }
    engine.grow(vcpus: tables.vcpuNames.count, regions: tables.regions.count, slots)
    if engine.observesConfig { tables.describe(to: &engine, context) }
    engine.partialLines.keepsEach = hasCode(block)
    if engine.remembersAccesses, !engine.aliases.isUsed,
      classes.contains(where: { $0.traits.contains(.mayAlias) })
    {
      engine.aliases.use()
    }
    if !rules.isEmpty, classes.contains(where: { $0.traits.contains(.deniedNormal) }) {
      engine.logDeniedMappings(block, classes) { MappingDenial(tables.regions[$0].region(context)) }
    }
    records += engine.consume(block, classes: classes)
    try judge(block)
  }

  /// Ends the trace.
  public func finish() throws(TraceError) {
    for fork in forks { try fork.finish() }
    guard !followers.isEmpty else { return try finishEngine() }
    let clocks = keepState()
    try finishEngine()
    for fork in part(clocks, records: records) { try fork.finish() }
  }

  /// Keeps what followers need if they part in the block to come.
  ///
  /// - Returns: Their clocks as they are.
  private func keepState() -> ClockSet {
    state.keep(engine)
    let clocks = engine.clocks.copy(of: { $0 != plan }, reusing: clocksBefore)
    clocksBefore = clocks
    return clocks
  }

  private func finishEngine() throws(TraceError) {
    engine.partialLines.keepsEach = hasCode(nil)
    engine.finish()
    try judge(nil)
  }

  /// Lines that leave now may have been written at a known code address.
  private func hasCode(_ block: Block?) -> Bool {
    block?.classes.contains { $0.columns.contains(.codeAddress) } ?? false
      || origins.values.contains { $0.codeAddress != nil }
  }

  /// Shows a block's incidents to the rules and keeps the source lines that they may name.
  private func judge(_ block: Block?) throws(TraceError) {
    engine.closeLog()
    guard !rules.isEmpty else {
      engine.hazards.resets.reads.removeAll(keepingCapacity: true)
      return engine.log.removeAll()
    }
    var scene = try BlockScene(
      block, needsCode: engine.partialLines.keepsEach && !engine.log[.partialFlush].isEmpty,
      origins: origins)
    scene.barrierAssumption = accessors.addsBarriers ? accessors.rawValue : nil
    try scene.values(of: engine.hazards.resets.reads) { engine.judge($0, allOnes: $1) }
    engine.hazards.resets.reads.removeAll(keepingCapacity: true)
    if let record = inquiry?.record {
      let own = engine.log.only(record)
      for index in inquiry?.rules.indices ?? 0..<0 { inquiry?.rules[index].consume(own, scene) }
    }
    for index in rules.indices {
      rules[index].consume(engine.log, scene)
      guard rules[index].tallyCount > tallyCounts[index] else { continue }
      tallyCounts[index] = rules[index].tallyCount
      try keepPlaces(of: rules[index].tallies(), scene)
    }
    engine.log.removeAll()
    try keepOrigins(scene)
  }

  private func keepPlaces(
    of tallies: [HazardTally], _ scene: BlockScene
  ) throws(TraceError) {
    for record in tallies.map(\.firstRecord) where places[record] == nil {
      if let place = try scene.origin(ofRecord: record, needsLine: true) {
        places[record] = place
      }
    }
  }

  /// Remembers line and code address of the records that findings about open lines may name, so
  /// that they do not depend on where blocks end.
  private func keepOrigins(_ scene: BlockScene) throws(TraceError) {
    var kept: [UInt64: RecordOrigin] = [:]
    if !origins.isEmpty || scene.hasOrigins || namesRegisters {
      for (record, region) in engine.openLines() where kept[record] == nil {
        let needsLine = !engine.partialLines.isKnown(region)
        kept[record] = try scene.origin(ofRecord: record, needsLine: needsLine)
      }
    }
    origins = kept
  }

  /// The map names registers, so that addresses of single records are of use.
  private var namesRegisters: Bool {
    context.regions.regions.contains { $0.registers != nil }
  }
}
