import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where a sweep's results go; with none of these, a table on the terminal.
struct SweepOutputOptions: OutputForms {
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Folder for sweep.md, sweep.csv and sweep.svg.", transform: outputPath)
  var directory: String?

  @Option(
    help: "Every point, scenario and region as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(
    help: "Every point as JSON, its scenarios as in run.json; - is standard output.",
    transform: outputPath)
  var json: String?

  @Option(help: "The points as a Markdown table; - is standard output.", transform: outputPath)
  var markdown: String?

  @Option(help: "The heat map as SVG; - is standard output.", transform: outputPath)
  var svg: String?

  var forms: [OutputForm<SweepResult>] {
    [
      OutputForm("--json", json, pieces: sweepJSON),
      OutputForm("--csv", csv, sweepCSV),
      OutputForm("--markdown", markdown) { sweepMarkdown($0, companions: false) },
      OutputForm("--svg", svg, sweepPicture),
    ]
  }

  func files(_ sweep: SweepResult) -> [(name: String, body: Outputs.Body)] {
    SweepFile.all.map { file in (file.name, Outputs.text { file.contents(sweep) }) }
  }

  /// Writes everything asked for, or shows the table.
  ///
  /// - Parameter sweep: The results.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func finish(_ sweep: SweepResult) throws(TraceError) {
    try write(sweep)
    if let directory { Console.note("report: \(directory)/sweep.md") }
    reportLosses(sweep.trace.counters)
    if isNone {
      try Console.output(sweepText(sweep, width: Console.width, color: Console.usesColor))
    }
  }
}
