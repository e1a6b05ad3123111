import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where an audit goes; with none of these, a summary on the terminal.
struct ResetOutputOptions: OutputForms {
  /// The audit, and the litmus texts that the explorer was asked.
  typealias Content = (audit: ResetAudit, programs: [String])

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

  var forms: [OutputForm<Content>] {
    [
      OutputForm("--json", json) { (content, sink) throws(TraceError) in
        try resetJSON(content.audit, to: sink)
      },
      OutputForm("--csv", csv) { (content, sink) throws(TraceError) in
        try resetsCSV(content.audit, to: sink)
      },
      OutputForm("--markdown", markdown) { resetMarkdown($0.audit) },
      OutputForm("--litmus", litmus) { $0.programs.joined(separator: "\n") },
    ]
  }

  func files(_ content: Content) -> [(name: String, body: Outputs.Body)] {
    ResetFile.all.map { file in
      (file.name, { (sink) throws(TraceError) in try file.write(content.audit, sink) })
    }
  }

  /// Writes everything asked for, or shows the summary.
  ///
  /// - Parameters:
  ///   - audit: The audit.
  ///   - programs: Litmus texts.
  ///   - isFull: Resets were asked for by number: each in full.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func finish(_ audit: ResetAudit, programs: [String], isFull: Bool) throws(TraceError) {
    try write((audit, programs))
    if let directory { Console.note("report: \(directory)/reset.md") }
    reportLosses(audit.trace.counters)
    guard isNone else { return }
    try Console.output(
      resetSummary(audit, isFull: isFull, width: Console.width, color: Console.usesColor))
  }
}
