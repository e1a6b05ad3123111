public import ArgumentParser
public import ArmMemory
import Profiles
public import Replay
import TraceCore

/// What a trace is replayed under, besides the mapping policy.
struct ScenarioOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Stage-1 type of a region, or all=TYPE; repeats. Types: "
        + MemoryType.allCases.map(\.name).joined(separator: " ") + ".",
      valueName: "region=type"))
  var stage1: [String] = []

  @Option(help: "FEAT_S2FWB: on or off.")
  var fwb: Switch = .off

  @Option(help: "CPU profile: a name or a YAML file.")
  var cpu: String = ProfileLibrary.defaultCPU

  @Option(help: "Root complex profile: a name or a YAML file.")
  var rc: String = ProfileLibrary.defaultRootComplex

  @Option(
    help: ArgumentHelp(
      "The link: genGxL[,mps=…,mrrs=…,rcb=…,ph=…,pd=…]; default "
        + ProfileLibrary.defaultLink + "."))
  var link: String?

  @Option(help: "Device profile: a name or a YAML file.")
  var device: String = ProfileLibrary.defaultDevice

  @Option(
    help: """
      Barriers taken for granted: auto, recorded, relaxed, linux-writel or bursts. auto is \
      recorded where the capture holds a barrier, else bursts.
      """)
  var accessors: String = "auto"

  @Option(help: "Clocks to run: both, saturated or paced.")
  var clock: ScenarioConfiguration.Clocks = .both

  @Option(
    name: .customLong("set"), help: "Any profile value by its dotted name: KEY=VALUE; repeats.")
  var overrides: [String] = []

  /// On or off.
  enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

  /// The scenario of one policy.
  ///
  /// - Parameters:
  ///   - policy: Who decides stage 2.
  ///   - name: Unique in the run.
  /// - Returns: The scenario.
  /// - Throws: ``TraceError`` for a wrong profile, value or option.
  func configuration(
    policy: KVMPolicy, name: String
  ) throws(TraceError) -> ScenarioConfiguration {
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
      if region == "all" {
        all = type.attributeByte
      } else {
        byRegion[region] = type.attributeByte
      }
    }
    let assumption = AccessorAssumption(rawValue: accessors)
    guard assumption != nil || accessors == "auto" else {
      throw TraceError(
        .configuration,
        "--accessors \(accessors): expected auto, recorded, relaxed, linux-writel or bursts")
    }
    let settings = try ProfileLibrary().resolve(
      cpu: cpu, rc: rc, link: link, device: device, overrides: overrides)
    return ScenarioConfiguration(
      name: name, policy: policy, fwb: fwb == .on, stage1ForAll: all, stage1ByRegion: byRegion,
      accessors: assumption, clocks: clock, settings: settings)
  }
}

extension ScenarioConfiguration.Clocks: ExpressibleByArgument {}
extension KVMPolicy: ExpressibleByArgument {}
