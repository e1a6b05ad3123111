public import ArmMemory
public import Profiles
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
  /// Findings, latencies, shares of time and the link's use are wanted besides counts and times.
  public var measures = true

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
  /// Refuses a stage-1 type for a region that the trace turned out not to have.
  func checkRegions(_ context: TraceContext) throws(TraceError) {
    for name in stage1ByRegion.keys.sorted() where context.regions.first(named: name) == nil {
      let known = context.regions.regions.prefix(20).map(\.name).joined(separator: ", ")
      throw TraceError(
        .configuration, "--stage1 \(name): the trace has no such region; it has: \(known)",
        file: context.name)
    }
  }
}
