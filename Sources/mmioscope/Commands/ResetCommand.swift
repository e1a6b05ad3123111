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

  @Option(help: "Mapping before: kvm-device, kvm-normal-nc or none.")
  var before: KVMPolicy = .kvmDevice

  @Option(help: "Mapping after.")
  var after: KVMPolicy = .kvmNormalNC

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
    let names = toldApart(before.rawValue, after.rawValue)
    var configurations = [
      try scenario.configuration(policy: before, name: names.before),
      try scenario.configuration(policy: after, name: names.after),
    ]
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
    try output.write(audit, programs: programs, isFull: !reset.isEmpty)
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

/// Where an audit goes; with none of these, a summary on the terminal.
struct ResetOutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Folder for reset.md, resets.csv, reset_rows.csv and reset.json.", transform: outputPath)
  var directory: String?

  @Option(help: "Everything as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(
    help: "A row for each reset and scenario as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(help: "The report as Markdown; - is standard output.", transform: outputPath)
  var markdown: String?

  @Option(
    help: ArgumentHelp(
      "The programs that the explorer was asked; - is standard output.", valueName: "file"),
    transform: outputPath)
  var litmus: String?

  func validate() throws {
    try Outputs.check(
      folder: directory,
      ["--json": json, "--csv": csv, "--markdown": markdown, "--litmus": litmus])
  }

  /// Writes everything asked for.
  ///
  /// - Parameters:
  ///   - audit: The audit.
  ///   - programs: Litmus texts.
  ///   - isFull: Resets were asked for by number: each in full.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(_ audit: ResetAudit, programs: [String], isFull: Bool) throws(TraceError) {
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(
        folder: directory,
        pieces: ResetFile.all.map { file in
          let body: Outputs.Body = { (sink) throws(TraceError) in try file.write(audit, sink) }
          return (name: file.name, body: body)
        })
      try outputs.add(json) { (sink) throws(TraceError) in try resetJSON(audit, to: sink) }
      try outputs.add(csv) { (sink) throws(TraceError) in try resetsCSV(audit, to: sink) }
      try outputs.add(markdown) { resetMarkdown(audit) }
      try outputs.add(litmus) { programs.joined(separator: "\n") }
    }
    if let directory { Console.error("report: \(directory)/reset.md") }
    guard directory == nil, json == nil, csv == nil, markdown == nil, litmus == nil else {
      return reportLosses(audit.trace.counters)
    }
    try Console.output(
      resetSummary(audit, isFull: isFull, width: Console.width, color: Console.usesColor))
  }
}
