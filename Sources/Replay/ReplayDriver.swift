public import Results
public import TraceCore

/// Streams a trace once through all scenarios.
public final class ReplayDriver {
  private let source: any BlockSource
  private let configurations: [ScenarioConfiguration]
  private var normalizer = TimeNormalizer()
  /// Called after each block; for progress.
  public var onBlock: ((_ records: UInt64) -> Void)?

  /// - Parameters:
  ///   - source: The trace.
  ///   - configurations: Scenarios, each with a name of its own.
  public init(_ source: any BlockSource, _ configurations: [ScenarioConfiguration]) {
    self.source = source
    self.configurations = configurations
  }

  /// Runs the whole trace.
  ///
  /// - Returns: Scenarios in the order given, and their findings.
  /// - Throws: ``TraceError`` from the source; `.internal` when records were not accounted for.
  public func run() throws(TraceError) -> RunResult {
    let block = Block()
    var contenders = configurations.map { contestants(for: $0) }
    var barriers: UInt64 = source.context.totals?.barriers ?? 0
    var isDecided = source.context.totals != nil
    if isDecided { contenders = contenders.map { Self.decide($0, barriers: barriers) } }
    var records: UInt64 = 0
    var lost: UInt64 = 0
    while try source.next(into: block) {
      try Self.validate(block)
      normalizer.normalize(block, &source.context.counters)
      if !isDecided, block.classes.contains(where: { $0.operation == .barrier }) {
        barriers = 1
        isDecided = true
        contenders = contenders.map { Self.decide($0, barriers: barriers) }
      }
      lost = Self.sum(lost, try Self.lostEvents(block))
      for replay in contenders.joined() { try replay.consume(block) }
      records += UInt64(block.count)
      onBlock?(records)
    }
    let replays = contenders.map { Self.decide($0, barriers: barriers)[0] }
    for configuration in configurations { try checkRegions(of: configuration) }
    for replay in replays {
      try replay.finish()
      guard replay.records == records else {
        throw TraceError(
          .internal, "\(records) records read, \(replay.records) accounted for")
      }
    }
    return result(replays, records: records, lost: lost)
  }

  /// One replay, or where the capture decides the accessor assumption, one for each outcome; the
  /// trace is read only once, and may be a pipe.
  private func contestants(for configuration: ScenarioConfiguration) -> [ScenarioReplay] {
    let choices = configuration.accessors.map { [$0] } ?? [.recorded, .bursts]
    return choices.map {
      ScenarioReplay(configuration, accessors: $0, context: source.context)
    }
  }

  /// Refuses a stage-1 type for a region that the trace turned out not to have.
  private func checkRegions(of configuration: ScenarioConfiguration) throws(TraceError) {
    let regions = source.context.regions
    for name in configuration.stage1ByRegion.keys.sorted() where regions.first(named: name) == nil {
      let known = regions.regions.prefix(20).map(\.name).joined(separator: ", ")
      throw TraceError(
        .configuration, "--stage1 \(name): the trace has no such region; it has: \(known)",
        file: source.context.name)
    }
  }

  private static func decide(_ replays: [ScenarioReplay], barriers: UInt64) -> [ScenarioReplay] {
    guard replays.count > 1 else { return replays }
    return [barriers > 0 ? replays[0] : replays[1]]
  }

  /// First byte of the last 4 KiB of memory.
  private static let lastPage = UInt64.max - 4095

  /// Refuses what no importer writes but a damaged native trace may hold.
  private static func validate(_ block: Block) throws(TraceError) {
    var index = 0
    for run in block.runTokens.indices {
      let entry = block.classes[Int(block.runTokens[run])]
      let count = Int(block.runCounts[run])
      if entry.operation.isAccess {
        // Accesses that fit below the last 4 KiB.
        let address = block.runAddresses[run]
        let size = UInt64(max(1, entry.size))
        let fitting = address > lastPage ? 0 : (lastPage - address) / size
        guard fitting >= count else {
          throw TraceError(
            .range,
            "address 0x\(hex(address &+ fitting &* size)) reaches into the last 4 KiB of memory",
            record: block.firstRecord + UInt64(index) + fitting)
        }
      }
      index += count
    }
  }

  /// Events lost, as far as the source knows: the number that each lost record holds, or 1.
  private static func lostEvents(_ block: Block) throws(TraceError) -> UInt64 {
    let classes = block.classes.filter { $0.operation == .lost }
    guard !classes.isEmpty else { return 0 }
    if block.values.isEmpty, classes.contains(where: { $0.columns.contains(.value) }) {
      try block.load(.values)
    }
    var lost: UInt64 = 0
    var places = (value: 0, config: 0)
    for run in block.runTokens.indices {
      let entry = block.classes[Int(block.runTokens[run])]
      let size = entry.size == 0 ? 8 : Int(entry.size)
      for _ in 0..<(entry.operation == .lost ? block.runCounts[run] : 0) {
        var number: UInt64?
        if entry.columns.contains(.configValue) {
          number = littleEndian(block.configValues, places.config, size)
          places.config += size
        } else if entry.columns.contains(.value) {
          number = littleEndian(block.values, places.value, size)
          places.value += size
        }
        lost = sum(lost, max(1, number ?? 1))
      }
      guard entry.operation != .lost else { continue }
      let bytes = Int(block.runCounts[run]) * size
      if entry.columns.contains(.configValue) {
        places.config += bytes
      } else if entry.columns.contains(.value) {
        places.value += bytes
      }
    }
    return lost
  }

  /// The first 8 of a value's bytes; nil where the column ends before.
  private static func littleEndian(_ column: [UInt8], _ start: Int, _ size: Int) -> UInt64? {
    guard start + size <= column.count else { return nil }
    return column[start..<start + min(size, 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  private func result(
    _ replays: [ScenarioReplay], records: UInt64, lost: UInt64
  ) -> RunResult {
    let context = source.context
    // Every scenario sees the same config space.
    replays.first?.report(into: &context.counters)
    var assumptions = context.blindSpots
    for replay in replays {
      for text in replay.assumptions() where !assumptions.contains(text) {
        assumptions.append(text)
      }
    }
    let trace = TraceResult(
      name: context.name, sha256: context.sha256 ?? "", records: records,
      format: context.format, lost: lost, assumptions: assumptions,
      counters: context.counters.rows)
    return RunResult(
      trace: trace, scenarios: replays.map { $0.result() },
      findings: replays.flatMap { $0.findings() })
  }
}

/// Makes a trace's times start at 0 and never decrease (model: events).
struct TimeNormalizer {
  /// Longest span that fits in picoseconds, in ns: 106 days.
  static let longestSpan = UInt64(Int64.max) / 1000

  private var origin: UInt64?
  private var last: UInt64 = 0

  /// Replaces a block's stamps; records before the trace's first stamp take its time.
  mutating func normalize(_ block: Block, _ counters: inout TraceCounters) {
    guard block.count > 0 else { return }
    var unstamped = 0
    if origin == nil {
      let stamped = Self.firstStamped(block)
      origin = stamped.map { block.times[$0] }
      unstamped = stamped ?? block.count
    }
    let start = origin ?? 0
    var backwards: UInt64 = 0
    var beyond: UInt64 = 0
    var previous = last
    var stamps: [UInt64] = []
    swap(&stamps, &block.times)
    defer { swap(&stamps, &block.times) }
    var times = stamps.mutableSpan
    for index in 0..<unstamped { times[index] = 0 }
    for index in unstamped..<times.count {
      let stamp = times[index]
      var relative = stamp > start ? stamp - start : 0
      if relative < previous || stamp < start {
        backwards += 1
        relative = previous
      } else if relative > Self.longestSpan {
        beyond += 1
        relative = Self.longestSpan
      }
      times[index] = relative
      previous = relative
    }
    last = previous
    counters.add(
      "time_backwards", backwards,
      meaning: "records whose time stamp was smaller than one before; taken as the same time")
    counters.add(
      "time_beyond_span", beyond,
      meaning: "records more than 106 days after the first; taken as 106 days")
  }

  /// Index of the block's first record with a time stamp.
  private static func firstStamped(_ block: Block) -> Int? {
    var index = 0
    for run in block.runTokens.indices {
      if block.classes[Int(block.runTokens[run])].columns.contains(.time) { return index }
      index += Int(block.runCounts[run])
    }
    return nil
  }
}
