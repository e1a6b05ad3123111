import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where results go; with none of these, a summary on the terminal.
struct OutputOptions: OutputForms {
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

  @Option(
    help: "The findings as SARIF 2.1.0, for CI and editors; - is standard output.",
    transform: outputPath)
  var sarif: String?

  var forms: [OutputForm<RunResult>] {
    [
      OutputForm("--json", json, runJSON),
      OutputForm("--csv", csv, summaryCSV),
      OutputForm("--markdown", markdown) { markdownReport($0, companions: false) },
      OutputForm("--sarif", sarif) { findingsSARIF($0, namesPath: true) },
    ]
  }

  func files(_ run: RunResult) -> [(name: String, body: Outputs.Body)] { reportFiles(of: run) }

  /// Says where the report is, or shows the summary where nothing was asked for.
  ///
  /// - Parameters:
  ///   - run: The results.
  ///   - isAlone: Nothing else goes to standard output, where the summary would be in its way.
  /// - Throws: ``TraceError`` where standard output cannot be written.
  func show(_ run: RunResult, isAlone: Bool = true) throws(TraceError) {
    if let directory { Console.note("report: \(directory)/report.md") }
    if !isNone { reportLosses(run.trace.counters) }
    if isNone, isAlone {
      try Console.output(
        terminalSummary(run, width: Console.width, color: Console.usesColor))
    }
  }
}

/// The files of a report folder, each made when it is written.
func reportFiles(of run: RunResult) -> [(name: String, body: Outputs.Body)] {
  ReportFile.all.map { file in (file.name, Outputs.text { file.contents(run) }) }
}
