import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where results go; with none of these, a summary on the terminal.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Folder for the report and all its files.", transform: outputPath)
  var directory: String?

  @Option(help: "The run as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(help: "The summary table as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(help: "The report as Markdown; - is standard output.", transform: outputPath)
  var markdown: String?

  func validate() throws {
    try Outputs.check(
      folder: directory, ["--json": json, "--csv": csv, "--markdown": markdown])
  }

  /// One of them goes to standard output.
  var usesStandardOutput: Bool { [json, csv, markdown].contains("-") }

  var isNone: Bool {
    directory == nil && json == nil && csv == nil && markdown == nil
  }

  /// Adds everything asked for.
  ///
  /// - Parameters:
  ///   - run: The results.
  ///   - outputs: What the command writes.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func add(_ run: RunResult, to outputs: inout Outputs) throws(TraceError) {
    try outputs.add(folder: directory, ReportFile.all.lazy.map { ($0.name, $0.contents(run)) })
    try outputs.add(json) { runJSON(run) }
    try outputs.add(csv) { summaryCSV(run) }
    try outputs.add(markdown) { markdownReport(run, companions: false) }
  }

  /// Says where the report is, or shows the summary where nothing was asked for.
  ///
  /// - Parameters:
  ///   - run: The results.
  ///   - isAlone: Nothing else goes to standard output, where the summary would be in its way.
  /// - Throws: ``TraceError`` where standard output cannot be written.
  func show(_ run: RunResult, isAlone: Bool = true) throws(TraceError) {
    if let directory { Console.error("report: \(directory)/report.md") }
    if !isNone { reportLosses(run.trace.counters) }
    if isNone, isAlone {
      try Console.output(
        terminalSummary(run, width: Console.width, color: Console.usesColor))
    }
  }
}
