import ArgumentParser
import Reporting
import Results
import TraceCore
import TraceIO

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
    if directory == "-" {
      throw ValidationError(
        "-o names a folder; for standard output there are --json -, --csv -, --markdown -, --svg -")
    }
    guard [json, csv, markdown, svg].count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("only one of --json, --csv, --markdown and --svg can be -")
    }
  }

  /// Writes everything asked for.
  ///
  /// - Parameter sweep: The results.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(_ sweep: SweepResult) throws(TraceError) {
    if let directory {
      try ReportFolder(directory).write(
        SweepFile.all.map { (name: $0.name, text: $0.contents(sweep)) })
      Console.error("report: \(directory)/sweep.md")
    }
    if let json {
      let file = try OutputFile(path: json)
      try sweepJSON(sweep) { (text) throws(TraceError) in try file.write(text) }
      try file.commit()
    }
    try write(csv) { sweepCSV(sweep) }
    try write(markdown) { sweepMarkdown(sweep, companions: false) }
    try write(svg) { sweepPicture(sweep) }
    if directory == nil, json == nil, csv == nil, markdown == nil, svg == nil {
      try Console.output(sweepText(sweep, width: Console.width, color: Console.usesColor))
    }
  }

  private func write(_ path: String?, _ text: () -> String) throws(TraceError) {
    guard let path else { return }
    let file = try OutputFile(path: path)
    try file.write(text())
    try file.commit()
  }
}
