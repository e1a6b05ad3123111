public import ArgumentParser
public import ArmMemory
import Profiles
public import Replay
import TraceCore

/// What a trace is replayed under, besides the mapping policy.
struct ScenarioOptions: ParsableArguments {
  @OptionGroup var mapping: MappingOptions

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
      Clocks to run: both, saturated or paced; where nothing is said both, in timeline saturated.
      """)
  var clock: ScenarioConfiguration.Clocks?

  @Option(
    name: .customLong("set"),
    help: """
      Any profile value by its dotted name: KEY=VALUE, or what it may be: KEY=LOW..HIGH or \
      KEY=a|b; repeats.
      """)
  var overrides: [String] = []

  /// The scenario of one policy.
  ///
  /// - Parameters:
  ///   - policy: Who decides stage 2.
  ///   - name: Unique in the run.
  ///   - clocks: Those that are run where nothing is said.
  /// - Returns: The scenario.
  /// - Throws: ``TraceError`` for a wrong profile, value or option.
  func configuration(
    policy: KVMPolicy, name: String, clocks: ScenarioConfiguration.Clocks = .both
  ) throws(TraceError) -> ScenarioConfiguration {
    let settings = try ProfileLibrary().resolve(
      cpu: cpu, rc: rc, link: link, device: device, overrides: overrides)
    return try mapping.configuration(
      policy: policy, name: name, clocks: clock ?? clocks, settings: settings)
  }
}

extension ScenarioConfiguration.Clocks: ExpressibleByArgument {}
extension KVMPolicy: ExpressibleByArgument {}
