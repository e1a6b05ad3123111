import ArgumentParser
import ArmMemory
import TraceCore

/// `analyze`: one mapping.
struct AnalyzeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze",
    abstract: "Replay a trace under one mapping policy.",
    discussion: """
      mmioscope analyze trace.mmt
      mmioscope analyze trace.mmt --policy none --stage1 all=device-gre --csv -
      mmioscope analyze trace.mmt --vcpu 0 --address 0x10000000+4K --direction store
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @Option(help: "Mapping: kvm-device, kvm-normal-nc or none.")
  var policy: KVMPolicy = .kvmNormalNC

  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var litmus: MinimalLitmusOptions
  @OptionGroup var gate: FindingGate
  @OptionGroup var cores: CoreOptions

  func validate() throws {
    try litmus.check(trace, output)
  }

  func run() throws {
    let configuration = try scenario.configuration(policy: policy, name: policy.rawValue)
    let run = try replay(
      trace.open(threads: cores.usable), [configuration], threads: cores.usable)
    try litmus.write(run, trace, [configuration], with: output)
    try gate.check(run)
  }
}
