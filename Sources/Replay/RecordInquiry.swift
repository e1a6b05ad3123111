import ArmMemory
import Profiles
public import Results
public import TraceCore

/// Finds out what became of one record, in one pass up to where nothing of it is left.
public struct RecordInquiry {
  private let wanted: UInt64
  private let configurations: [ScenarioConfiguration]
  /// Called after each block; for progress.
  public var onBlock: ((_ records: UInt64) -> Void)?

  /// - Parameters:
  ///   - wanted: Index of the record in the trace.
  ///   - configurations: Scenarios, each with a name of its own.
  public init(of wanted: UInt64, _ configurations: [ScenarioConfiguration]) {
    self.wanted = wanted
    self.configurations = configurations.map { configuration in
      var lean = configuration
      lean.clocks = .saturated
      lean.settings.variants = []
      return lean
    }
  }

  /// One scenario under one accessor assumption.
  private struct Contender {
    let replay: ScenarioReplay
    let trail: RecordTrail
  }

  /// Reads the trace as far as needed.
  ///
  /// - Parameter source: The trace, from its beginning.
  /// - Returns: One fate a scenario.
  /// - Throws: ``TraceError`` from the source, or where the trace has no such record.
  public func run(_ source: any BlockSource) throws(TraceError) -> [RecordFate] {
    var contest = AccessorContest(configurations, source.context) {
      contender($0, $1, source.context)
    }
    var mappings: [RecordFate.Mapping?] = []
    var isSettled = false
    var feed = ReplayFeed(source, onBlock)
    try feed.handOut { block throws(TraceError) in
      _ = contest.see(block)
      for contender in contest.contenders.joined() { try contender.replay.consume(block) }
      let end = block.firstRecord + UInt64(block.count)
      if wanted >= block.firstRecord, wanted < end {
        mappings = try self.mappings(block, source.context)
      }
      // A region that was named wrong is told of at the end, where it is known not to be there.
      guard end > wanted, contest.isDecided,
        configurations.allSatisfy({ $0.unknownRegion(in: source.context) == nil })
      else { return .onwards }
      isSettled = contest.winners.allSatisfy { !$0.replay.isPending(wanted) }
      return isSettled ? .enough : .onwards
    }
    if isSettled { return fates(contest.winners, mappings) }
    let records = feed.records
    for configuration in configurations { try configuration.checkRegions(source.context) }
    guard wanted < records else {
      throw TraceError(
        .configuration, "--record \(wanted): the trace has \(records) records, numbered from 0",
        file: source.context.name)
    }
    for contender in contest.winners { try contender.replay.finish() }
    return fates(contest.winners, mappings)
  }

  private func contender(
    _ configuration: ScenarioConfiguration, _ accessors: AccessorAssumption,
    _ context: TraceContext
  ) -> Contender {
    let replay = ScenarioReplay(configuration, accessors: accessors, context: context)
    let trail = RecordTrail(configuration.settings, of: wanted)
    replay.sink = trail
    replay.inquire(wanted)
    return Contender(replay: replay, trail: trail)
  }

  /// How the wanted record's place is mapped under each scenario; nil where it is no access to
  /// memory.
  private func mappings(
    _ block: Block, _ context: TraceContext
  ) throws(TraceError) -> [RecordFate.Mapping?] {
    var left = wanted - block.firstRecord
    var run = 0
    while left >= UInt64(block.runCounts[run]) {
      left -= UInt64(block.runCounts[run])
      run += 1
    }
    let token = Int(block.runTokens[run])
    return try configurations.map { configuration throws(TraceError) in
      try ReplayTables.mapping(of: block.classes[token], configuration, context)
    }
  }

  private func fates(
    _ winners: [Contender], _ mappings: [RecordFate.Mapping?]
  ) -> [RecordFate] {
    zip(zip(configurations, winners), mappings).map { scenario, mapping in
      let (configuration, contender) = scenario
      return RecordFate(
        scenario: configuration.name, accessors: contender.replay.accessors.rawValue,
        mapping: mapping, events: contender.trail.events,
        findings: contender.replay.inquiredFindings())
    }
  }
}

extension ReplayTables {
  /// The memory type of a class alone, and the stages that it comes from.
  fileprivate static func mapping(
    of entry: RecordClass, _ configuration: ScenarioConfiguration, _ context: TraceContext
  ) throws(TraceError) -> RecordFate.Mapping? {
    var tables = ReplayTables()
    // The accessor assumption changes no type.
    let resolved = try tables.resolve(entry, configuration, .recorded, context)
    switch resolved.path {
    case .gatheringStore, .deviceStore, .load:
      let region = tables.regions[resolved.region]
      return RecordFate.Mapping(
        effective: resolved.type.name, stage1: region.stage1Name, stage2: region.stage2Name)
    case .barrier, .ecam, .config, .lost, .reset, .other: return nil
    }
  }
}
