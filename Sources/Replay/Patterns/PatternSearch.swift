import ArmMemory
public import Results
public import TraceCore

/// Streams a trace once through any number of patterns.
public final class PatternSearch {
  private let source: any BlockSource
  private let configuration: ScenarioConfiguration
  private let patterns: [AccessPattern]
  private var tables = ReplayTables()
  private var records: UInt64 = 0
  /// Called after each block; for progress.
  public var onBlock: ((_ records: UInt64) -> Void)?

  /// - Parameters:
  ///   - source: The trace.
  ///   - configuration: What decides the memory types, and which barriers are taken for granted.
  ///   - patterns: What to count.
  public init(
    _ source: any BlockSource, _ configuration: ScenarioConfiguration, _ patterns: [AccessPattern]
  ) {
    self.source = source
    self.configuration = configuration
    self.patterns = patterns
    tables.takesWholeRuns = false
  }

  /// Reads the whole trace.
  ///
  /// - Returns: The counts, in the order of the patterns.
  /// - Throws: ``TraceError`` from the source.
  public func run() throws(TraceError) -> Occurrences {
    var contest = AccessorContest([configuration], source.context) { _, accessors in
      Contender(patterns, accessors)
    }
    var trail =
      patterns.contains(where: \.hasConfig)
      ? ConfigTrail(images: source.context.configImages) : nil
    var feed = ReplayFeed(source, onBlock)
    try feed.handOut { block throws(TraceError) in
      let classes = try tables.patternClasses(of: block, configuration, source.context)
      trail?.follow(block, classes, ConfigTargets(context: source.context))
      _ = contest.see(block)
      for contender in contest.contenders.joined() {
        try contender.consume(block, classes, trail?.touches ?? [], vcpus: tables.vcpuNames.count)
      }
      return .onwards
    }
    records = feed.records
    try configuration.checkRegions(source.context)
    let winner = contest.winners[0]
    for index in winner.counters.indices { try winner.counters[index].finish() }
    return result(winner)
  }

  /// The counters under one accessor assumption.
  private final class Contender {
    let accessors: AccessorAssumption
    var counters: [PatternCounter]

    init(_ patterns: [AccessPattern], _ accessors: AccessorAssumption) {
      self.accessors = accessors
      counters = patterns.map { PatternCounter($0, accessors) }
    }

    func consume(
      _ block: Block, _ classes: [PatternClass], _ touches: [ConfigTrail.Touch], vcpus: Int
    ) throws(TraceError) {
      for index in counters.indices {
        counters[index].grow(vcpus: vcpus)
        try counters[index].consume(block, classes, touches)
      }
    }
  }

  private func result(_ contender: Contender) -> Occurrences {
    Occurrences(
      trace: source.context.name, records: records, policy: configuration.policy.rawValue,
      accessors: contender.accessors.rawValue,
      patterns: contender.counters.map { counter in
        PatternOccurrences(
          pattern: counter.pattern.name, summary: counter.pattern.summary,
          rows: rows(of: counter))
      })
  }

  /// By first record, which is unique: an access belongs to one occurrence.
  private func rows(of counter: PatternCounter) -> [PatternOccurrences.Row] {
    counter.rows.sorted { $0.value.firstRecord < $1.value.firstRecord }.map { key, row in
      PatternOccurrences.Row(
        region: tables.regions[key.region].region(source.context).name,
        vcpu: tables.vcpuNames[key.vcpu], count: row.count, firstRecord: row.firstRecord,
        firstLine: row.firstLine)
    }
  }
}
