public import ArmMemory
import Profiles
public import Results
public import TraceCore

/// Which accesses of a trace a fault can hit, with their types under two mappings, and what else a
/// failing write carries.
public struct FaultCensus {
  /// Accesses that are alike.
  public struct Group: Hashable, Sendable {
    /// Number in the trace's region table; nil where nothing describes the address.
    public var region: RegionID?
    public var isStore: Bool
    public var before: MemoryType
    public var after: MemoryType
  }

  /// Which accesses are asked about.
  public enum Scope: Sendable, Equatable {
    case every
    case record(UInt64)
    case region(String)
  }

  private let source: any BlockSource
  private let configurations: [ScenarioConfiguration]
  private let scope: Scope
  private var tables = [ReplayTables(), ReplayTables()]
  /// Accesses of each group, in order of first appearance.
  public private(set) var groups: [(group: Group, count: UInt64)] = []
  private var places: [Group: Int] = [:]
  /// The emulated region that the wanted record lies in.
  private var emulatedWanted: RegionID?
  /// Accesses to configuration space, which a hypervisor performs itself.
  public private(set) var configAccesses: UInt64 = 0
  /// Accesses to regions that a hypervisor emulates, by region, in order of first appearance: they
  /// reach no hardware.
  public private(set) var emulated: [(region: RegionID, count: UInt64)] = []
  /// Accesses that fault at their alignment and never reach a device: before and after; those to
  /// emulated regions left out.
  public private(set) var faulting: [UInt64] = [0, 0]
  public private(set) var blast: [BlastRadius] = []
  public private(set) var failed: FailedAccess?
  public private(set) var records: UInt64 = 0
  /// Called after each block; for progress.
  public var onBlock: ((_ records: UInt64) -> Void)?

  /// - Parameters:
  ///   - source: The trace, from its beginning.
  ///   - before: The first mapping.
  ///   - after: The second mapping.
  ///   - scope: Which accesses are asked about.
  public init(
    _ source: any BlockSource, before: ScenarioConfiguration, after: ScenarioConfiguration,
    scope: Scope
  ) {
    self.source = source
    self.scope = scope
    wanted = if case .record(let record) = scope { record } else { nil }
    wantedRegion = if case .region(let name) = scope { name } else { nil }
    configurations = [before, after].map { configuration in
      var lean = configuration
      lean.clocks = .saturated
      lean.measures = false
      return lean
    }
  }

  /// The record that is asked about.
  private let wanted: UInt64?
  /// The region that is asked about.
  private let wantedRegion: String?

  /// Reads the whole trace.
  ///
  /// - Throws: ``TraceError`` from the source, or where the trace has no such record or region.
  public mutating func run() throws(TraceError) {
    var contest = AccessorContest(
      configurations, source.context, make: contestant)
    var feed = ReplayFeed(source, onBlock)
    try feed.handOut { block throws(TraceError) in
      _ = contest.see(block)
      try count(block)
      for replay in contest.contenders.joined() { try replay.consume(block) }
      return .onwards
    }
    records = feed.records
    for configuration in configurations { try configuration.checkRegions(source.context) }
    let replays = contest.winners
    for replay in replays { try replay.finish() }
    finish(replays)
    try checkScope()
  }

  private func contestant(
    _ configuration: ScenarioConfiguration, accessors: AccessorAssumption
  ) -> ScenarioReplay {
    let replay = ScenarioReplay(configuration, accessors: accessors, context: source.context)
    replay.sink = BlastTally(configuration.settings, wanted: wanted)
    return replay
  }

  /// What the records of a class are here.
  private enum Kind {
    case nothing, config
    case emulated(RegionID)
    case access(Group)
  }

  /// Counts a block's accesses that are asked about.
  private mutating func count(_ block: Block) throws(TraceError) {
    // The accessor assumption changes no type.
    let before = try tables[0].resolve(block, configurations[0], .recorded, source.context)
    let after = try tables[1].resolve(block, configurations[1], .recorded, source.context)
    let kinds = block.classes.indices.map { kind(block.classes[$0], before[$0], after[$0]) }
    let wanted = wanted
    var counts = [UInt64](repeating: 0, count: kinds.count)
    var seen: [Int] = []
    var record = block.firstRecord
    for run in block.runTokens.indices {
      let token = Int(block.runTokens[run])
      let count = UInt64(block.runCounts[run])
      if counts[token] == 0 { seen.append(token) }
      counts[token] += count
      if let wanted, wanted >= record, wanted < record + count {
        let size = block.classes[token].size
        // What is no access may have any address.
        let address = block.runAddresses[run] &+ (wanted - record) &* UInt64(size)
        found(wanted, kinds[token], size: Int(size), address: address)
      }
      record += count
    }
    for token in seen { add(kinds[token], counts[token]) }
  }

  private func kind(_ entry: RecordClass, _ before: ResolvedClass, _ after: ResolvedClass) -> Kind {
    if entry.operation.isConfig || before.path == .ecam { return .config }
    guard entry.operation == .store || entry.operation == .load else { return .nothing }
    if let region = entry.region, isEmulated(source.context.regions[region]) {
      return .emulated(region)
    }
    return .access(
      Group(
        region: entry.region, isStore: entry.operation == .store, before: before.type,
        after: after.type))
  }

  private mutating func add(_ kind: Kind, _ count: UInt64) {
    switch kind {
    case .nothing: break
    case .config: configAccesses += count
    case .emulated(let region): addEmulated(region, count)
    case .access(let group): if isAskedAbout(group) { add(group, count) }
    }
  }

  private func isAskedAbout(_ group: Group) -> Bool {
    guard wanted == nil else { return false }
    return wantedRegion.map { $0 == regionName(group.region) } ?? true
  }

  /// Takes the one record that is asked about.
  private mutating func found(_ record: UInt64, _ kind: Kind, size: Int, address: UInt64) {
    switch kind {
    case .nothing, .config: break
    case .emulated(let region): emulatedWanted = region
    case .access(let group):
      add(group, 1)
      failed = FailedAccess(
        record: record, isStore: group.isStore, region: regionName(group.region),
        address: address, size: size, companions: [])
    }
  }

  /// A guest's access to what is no PCI window traps to the hypervisor, which emulates it (the
  /// vGIC's distributor, a virtual UART), unless the user's map says that VFIO passes it through.
  private func isEmulated(_ region: Region) -> Bool {
    region.kind == .platform && !KVMPolicy.isEligible(region)
      && configurations.allSatisfy { $0.policy != .none }
  }

  private mutating func addEmulated(_ region: RegionID, _ count: UInt64) {
    if let place = emulated.firstIndex(where: { $0.region == region }) {
      emulated[place].count += count
    } else {
      emulated.append((region, count))
    }
  }

  private mutating func add(_ group: Group, _ count: UInt64) {
    if let place = places[group] {
      groups[place].count += count
    } else {
      places[group] = groups.count
      groups.append((group, count))
    }
  }

  private func regionName(_ id: RegionID?) -> String {
    id.map { source.context.regions[$0].name } ?? "unmapped"
  }

  private mutating func finish(_ replays: [ScenarioReplay]) {
    for (index, replay) in replays.enumerated() {
      guard let tally = replay.sink as? BlastTally else { continue }
      faulting[index] = tally.faults.filter { !isEmulated(replay.region($0.key)) }.values
        .reduce(0, +)
      let name = configurations[index].name
      for (region, sizes) in tally.writes.sorted(by: { $0.key < $1.key }) {
        let described = replay.region(region)
        // What is no PCI window sends no TLPs.
        guard described.kind != .platform else { continue }
        let region = described.name
        if let wantedRegion, wantedRegion != region { continue }
        blast.append(
          BlastRadius(
            region: region, scenario: name,
            writes: sizes.sorted { $0.key < $1.key }.map { (stores: $0.key, tlps: $0.value) }))
      }
      failed?.companions.append((scenario: name, records: tally.companions.sorted()))
    }
    guard let failed else { return }
    blast.removeAll { $0.region != failed.region }
  }

  private func checkScope() throws(TraceError) {
    guard groups.isEmpty else { return }
    switch scope {
    case .every: return
    case .region(let name):
      if source.context.regions.first(named: name) != nil { return }
      let known = source.context.regions.regions.prefix(20).map(\.name).joined(separator: ", ")
      throw TraceError(
        .configuration, "--at region \(name): the trace has no such region; it has: \(known)",
        file: source.context.name)
    case .record(let record):
      if let emulatedWanted {
        throw TraceError(
          .configuration,
          "--at \(record): the record is an access to \(regionName(emulatedWanted)), which the"
            + " hypervisor emulates, so that no device fails it; vfio: true in the map says that the"
            + " region is passed through",
          file: source.context.name)
      }
      throw TraceError(
        .configuration,
        record < records
          ? "--at \(record): the record is no load or store of a region, which a device could fail"
          : "--at \(record): the trace has \(records) records, numbered from 0",
        file: source.context.name)
    }
  }
}
