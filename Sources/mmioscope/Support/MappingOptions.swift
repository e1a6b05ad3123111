import ArgumentParser
import ArmMemory
import Profiles
import Replay
import Resets
import TraceCore

/// What memory types a trace's accesses have, besides the mapping policy, and which barriers they
/// bring.
struct MappingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Stage-1 type of a region, or all=TYPE; repeats. Types: "
        + MemoryType.allCases.map(\.name).joined(separator: " ") + ".",
      valueName: "region=type"))
  var stage1: [String] = []

  @Option(help: "FEAT_S2FWB: on or off.")
  var fwb: Switch = .off

  @Option(
    help: """
      Barriers taken for granted: auto, recorded, relaxed, linux-writel or bursts. auto is \
      recorded where the capture holds a barrier, else bursts.
      """)
  var accessors: String = "auto"

  @Option(
    help: """
      How config accesses get to their function: auto, ecam (a store of the same CPU), posted (the \
      host posts them), trapped, or vfio (trapped, and the BARs are unmapped before a reset). auto \
      is what the capture shows.
      """)
  var configPath: String = "auto"

  /// On or off.
  enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

  /// An option is given that changes something.
  var isGiven: Bool {
    !stage1.isEmpty || fwb == .on || accessors != "auto" || configPath != "auto"
  }

  /// The scenario of one policy.
  ///
  /// - Parameters:
  ///   - policy: Who decides stage 2.
  ///   - name: Unique in the run.
  ///   - clocks: Which clocks are run.
  ///   - settings: What the profiles say.
  /// - Returns: The scenario.
  /// - Throws: ``TraceError`` for a wrong option.
  func configuration(
    policy: KVMPolicy, name: String, clocks: ScenarioConfiguration.Clocks, settings: ModelSettings
  ) throws(TraceError) -> ScenarioConfiguration {
    let types = try stage1Types()
    let assumption = AccessorAssumption(rawValue: accessors)
    guard assumption != nil || accessors == "auto" else {
      throw TraceError(
        .configuration,
        "--accessors \(accessors): expected auto, recorded, relaxed, linux-writel or bursts")
    }
    let path = ConfigPath(rawValue: configPath)
    guard path != nil || configPath == "auto" else {
      throw TraceError(
        .configuration,
        "--config-path \(configPath): expected auto, "
          + ConfigPath.allCases.map(\.rawValue).joined(separator: ", "))
    }
    var configuration = ScenarioConfiguration(
      name: name, policy: policy, fwb: fwb == .on, stage1ForAll: types.all,
      stage1ByRegion: types.byRegion, accessors: assumption, clocks: clocks, settings: settings)
    configuration.configPath = path
    return configuration
  }

  /// Attribute bytes for every region, and by the region's name.
  private func stage1Types() throws(TraceError) -> (all: UInt8?, byRegion: [String: UInt8]) {
    var all: UInt8?
    var byRegion: [String: UInt8] = [:]
    for text in stage1 {
      guard let equals = text.lastIndex(of: "="),
        let type = MemoryType(name: String(text[text.index(after: equals)...]))
      else {
        throw TraceError(
          .configuration,
          "--stage1 \(text): expected REGION=TYPE with a type of "
            + MemoryType.allCases.map(\.name).joined(separator: ", "))
      }
      let region = String(text[..<equals])
      guard region == "all" ? all == nil : byRegion[region] == nil else {
        throw TraceError(.configuration, "--stage1 \(text): '\(region)' is set twice")
      }
      if region == "all" {
        all = type.attributeByte
      } else {
        byRegion[region] = type.attributeByte
      }
    }
    return (all, byRegion)
  }
}
