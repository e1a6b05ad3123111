import ArgumentParser
import ArmMemory
import Replay
import Reporting
import Results
import TraceCore
import TraceIO

/// `reset`: whether the MMIO around each reset is ordered, and by what.
struct ResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Is the MMIO around each reset ordered, by which rule, or by nothing?",
    discussion: """
      mmioscope reset trace.mmt
      mmioscope reset trace.mmt --reset 3
      mmioscope reset nic.mmt --region 'bar 0' --reset 1
      mmioscope reset trace.mmt --set rc.serialisation_point=root-complex -o resets

      Times, and time_ns in CSV and JSON, count from the first record that is read. dump, why, info, \
      --from-time and the sections of run.json have the capture's own stamps: add first_time_ns, \
      which reset --json and info --json give, or go there by record.

      Each way from a CPU to the device is taken segment by segment, under two mappings; every row \
      that a small program can ask is held to the explorer of litmus.
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @OptionGroup var policies: PolicyOptions

  @Option(
    help: "Only this reset, counted from 1, in full; may be given again. Files have it alone too.")
  var reset: [Int] = []

  @OptionGroup var host: HostOptions
  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var output: ResetOutputOptions

  func validate() throws {
    if reset.contains(where: { $0 < 1 }) { throw ValidationError("--reset counts from 1") }
  }

  func run() throws {
    var configurations = try policies.configurations(scenario)
    for index in configurations.indices {
      configurations[index].keepsResetCases = true
      configurations[index].measures = false
    }
    let source = try trace.open()
    let driver = ReplayDriver(source, configurations)
    let result = try run(driver, source)
    let auditor = ResetAuditor(
      driver, result, configurations.map { host.reading($0.settings) })
    if let number = reset.first(where: { $0 > auditor.count }) {
      throw TraceError(
        .configuration, "--reset \(number): the trace has \(auditor.count) resets",
        file: source.context.name)
    }
    let (audit, programs) = try auditor.audit(only: Set(reset))
    try output.finish(audit, programs: programs, isFull: !reset.isEmpty)
  }

  private func run(
    _ driver: ReplayDriver, _ source: any BlockSource
  ) throws(TraceError) -> RunResult {
    var progress = Progress()
    defer { progress.finish() }
    driver.onBlock = { records in progress.update(records: records, source: source) }
    return try driver.run()
  }
}
