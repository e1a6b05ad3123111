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
      mmioscope compare trace.mmt --set link.credit_loop_ns=200..600
      mmioscope compare trace.mmt --fail-on error --sarif findings.sarif
      mmioscope compare nic.mmt --region 'bar 0' --from-mark probe
      zstdcat qemu.log.zst | mmioscope compare - --json -

      A filter's numbers are those of slice with the same options, then compare: records left \
      out take no part, and the report says so.
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @OptionGroup var policies: PolicyOptions

  @Option(
    help: """
      Try the ends of values that have a range, and tell whether the verdicts hold: on or off.
      """)
  var ranges: MappingOptions.Switch = .on

  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var litmus: MinimalLitmusOptions
  @OptionGroup var gate: FindingGate
  @OptionGroup var cores: CoreOptions

  func validate() throws {
    try litmus.check(trace, output)
  }

  func run() throws {
    let configurations = try policies.configurations(scenario)
    let run =
      ranges == .off
      ? try replay(trace.open(threads: cores.usable), configurations, threads: cores.usable)
      : try replayRanges(
        configurations, threads: cores.usable, canBeReadAgain: trace.whole.canBeReadAgain
      ) { hashes throws(TraceError) in
        try trace.open(hashes: hashes, threads: cores.usable)
      }
    try litmus.write(run, trace, configurations, with: output)
    try gate.check(run)
  }
}
