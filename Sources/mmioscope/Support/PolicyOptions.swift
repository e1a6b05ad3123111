import ArgumentParser
import ArmMemory
import Replay
import TraceCore

/// The two mappings that a command holds side by side.
struct PolicyOptions: ParsableArguments {
  @Option(help: "Mapping before: kvm-device (where nothing is said), kvm-normal-nc or none.")
  var before: KVMPolicy?

  @Option(help: "Mapping after: kvm-normal-nc where nothing is said.")
  var after: KVMPolicy?

  /// A policy, and what a result calls it.
  typealias Named = (policy: KVMPolicy, name: String)

  var isGiven: Bool { before != nil || after != nil }

  /// Both, by names that are unique in a run.
  var pair: (before: Named, after: Named) {
    let (first, second) = (before ?? .kvmDevice, after ?? .kvmNormalNC)
    let names = toldApart(first.rawValue, second.rawValue)
    return ((first, names.before), (second, names.after))
  }

  /// The scenarios of both.
  ///
  /// - Parameters:
  ///   - scenario: What they share.
  ///   - clocks: Those that are run where nothing is said.
  /// - Returns: Before, after.
  /// - Throws: As ``ScenarioOptions/configuration(policy:name:clocks:)``.
  func configurations(
    _ scenario: ScenarioOptions, clocks: ScenarioConfiguration.Clocks = .both
  ) throws(TraceError) -> [ScenarioConfiguration] {
    let (before, after) = pair
    return [
      try scenario.configuration(policy: before.policy, name: before.name, clocks: clocks),
      try scenario.configuration(policy: after.policy, name: after.name, clocks: clocks),
    ]
  }
}

/// Names of two mappings, unique in a run where both are the same.
func toldApart(_ before: String, _ after: String) -> (before: String, after: String) {
  before == after ? (before + " (before)", after + " (after)") : (before, after)
}
