import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where a sweep's results go; with none of these, a table on the terminal.
struct SweepOutputOptions: ParsableArguments {
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

  func validate() throws {
    try Outputs.check(
      folder: directory,
      ["--json": json, "--csv": csv, "--markdown": markdown, "--svg": svg])
  }

  /// Writes everything asked for.
  ///
  /// - Parameter sweep: The results.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(_ sweep: SweepResult) throws(TraceError) {
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(
        folder: directory, SweepFile.all.lazy.map { ($0.name, $0.contents(sweep)) })
      try outputs.add(json) { (sink) throws(TraceError) in try sweepJSON(sweep, to: sink) }
      try outputs.add(csv) { sweepCSV(sweep) }
      try outputs.add(markdown) { sweepMarkdown(sweep, companions: false) }
      try outputs.add(svg) { sweepPicture(sweep) }
    }
    if let directory { Console.error("report: \(directory)/sweep.md") }
    if directory == nil, json == nil, csv == nil, markdown == nil, svg == nil {
      try Console.output(sweepText(sweep, width: Console.width, color: Console.usesColor))
    }
  }
}
