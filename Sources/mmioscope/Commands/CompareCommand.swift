import ArgumentParser
import ArmMemory
import TraceCore

/// `compare`: two mappings side by side.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Replay a trace under two mapping policies, side by side.",
    discussion: """
      mmioscope compare trace.mmt -o report
      mmioscope compare qemu.log --cpu neoverse-v2 --link gen5x16
      zstdcat qemu.log.zst | mmioscope compare - --json -
      """)

  @OptionGroup var trace: TraceOptions

  @Option(help: "Mapping before: kvm-device, kvm-normal-nc or none.")
  var before: KVMPolicy = .kvmDevice

  @Option(help: "Mapping after.")
  var after: KVMPolicy = .kvmNormalNC

  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var litmus: MinimalLitmusOptions

  func run() throws {
    let same = before == after
    let configurations = [
      try scenario.configuration(
        policy: before, name: before.rawValue + (same ? " (before)" : "")),
      try scenario.configuration(policy: after, name: after.rawValue + (same ? " (after)" : "")),
    ]
    let run = try replay(trace.open(), configurations)
    try output.write(run)
    try litmus.write(run, trace, configurations)
  }
}
