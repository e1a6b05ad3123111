public import ArmMemory
import PCIeModel
public import Profiles
public import Resets
import TraceCore

/// Which barriers around accesses are taken for granted where the capture may not hold them.
public enum AccessorAssumption: String, Sendable, CaseIterable {
  /// Exactly the barriers of the capture.
  case recorded
  /// The same, for a capture without barriers: said aloud in the report.
  case relaxed
  /// Linux's writel and readl: DMB ST before each store, DMB LD after each load.
  case linuxWritel = "linux-writel"
  /// As `linuxWritel`, but a store that continues the one before is part of a copy loop.
  case bursts

  /// Barriers are taken for granted that the capture does not hold.
  public var addsBarriers: Bool { self == .linuxWritel || self == .bursts }
}

/// One mapping policy and one set of profiles, to be applied to a whole trace.
public struct ScenarioConfiguration: Sendable {
  /// Which of the two clocks are run.
  public enum Clocks: String, Sendable, CaseIterable { case both, saturated, paced }

  /// Unique in a run.
  public var name: String
  public var policy: KVMPolicy
  /// Stage 2 forces write-back through FEAT_S2FWB's encodings.
  public var fwb: Bool
  /// Stage-1 MAIR byte for every region, and by region name; the name wins.
  public var stage1ForAll: UInt8?
  public var stage1ByRegion: [String: UInt8]
  /// nil = decide from the capture: `recorded` if it holds a barrier, else `bursts`.
  public var accessors: AccessorAssumption?
  public var clocks: Clocks
  public var settings: ModelSettings
  /// Where barriers are assumed without anybody having said which, other assumptions are tried, too;
  /// see ``ReplayDriver/run()``.
  public var triesAccessors = false
  /// Clocks to run for each of the settings' variants; they keep no more than times.
  public var variantClocks = Clocks.saturated
  /// Findings, latencies, shares of time and the link's use are wanted besides counts and times.
  public var measures = true
  /// How config accesses get to their functions; nil = as the capture shows.
  public var configPath: ConfigPath?
  /// Each reset is kept with the MMIO next to it; see ``ReplayDriver/resetCases()``.
  public var keepsResetCases = false

  public init(
    name: String, policy: KVMPolicy, fwb: Bool, stage1ForAll: UInt8? = nil,
    stage1ByRegion: [String: UInt8] = [:], accessors: AccessorAssumption?, clocks: Clocks,
    settings: ModelSettings
  ) {
    self.name = name
    self.policy = policy
    self.fwb = fwb
    self.stage1ForAll = stage1ForAll
    self.stage1ByRegion = stage1ByRegion
    self.accessors = accessors
    self.clocks = clocks
    self.settings = settings
  }
}

extension ScenarioConfiguration {
  /// How a config access or a reset of a capture gets to its function.
  ///
  /// A store or load to an ECAM window is what it looks like. Accesses that a source reports by
  /// function have trapped; where the source is QEMU's vfio-pci, the importer says so by a region
  /// that is VFIO-eligible.
  func configPath(of entry: RecordClass, _ region: Region?) -> ConfigPath {
    if let configPath { return configPath }
    if region?.kind == .config, region?.vfioEligible == true { return .vfio }
    guard entry.operation != .reset else { return .trapped }
    if settings.rootComplex.configWritesPosted { return .posted }
    return entry.operation.isAccess ? .ecam : .trapped
  }

  /// A region that has a stage-1 type here, and that the trace does not have so far.
  func unknownRegion(in context: TraceContext) -> String? {
    stage1ByRegion.keys.sorted().first { context.regions.first(named: $0) == nil }
  }

  /// Refuses a stage-1 type for a region that the trace turned out not to have.
  func checkRegions(_ context: TraceContext) throws(TraceError) {
    guard let name = unknownRegion(in: context) else { return }
    let known = context.regions.regions.prefix(20).map(\.name).joined(separator: ", ")
    throw TraceError(
      .configuration, "--stage1 \(name): the trace has no such region; it has: \(known)",
      file: context.name)
  }
}
