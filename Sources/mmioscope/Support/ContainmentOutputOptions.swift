import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where the outcomes of failed accesses go; with none of these, to the terminal.
struct ContainmentOutputOptions: OutputForms {
  /// What is written, and whether terminal and Markdown show the steps of every chain.
  typealias Content = (result: ContainmentResult, steps: Bool)

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "Folder for the report and all its files.", transform: outputPath)
  var directory: String?

  @Option(help: "Everything as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(help: "A row for each outcome as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(help: "The report as Markdown; - is standard output.", transform: outputPath)
  var markdown: String?

  var forms: [OutputForm<Content>] {
    [
      OutputForm("--json", json) { ContainmentJSON($0.result).text },
      OutputForm("--csv", csv) { ContainmentCSV($0.result).text },
      OutputForm("--markdown", markdown) { ContainmentMarkdown($0.result, steps: $0.steps).text },
    ]
  }

  func files(_ content: Content) -> [(name: String, body: Outputs.Body)] {
    let result = content.result
    return [
      ("containment.md", Outputs.text { ContainmentMarkdown(result, steps: true).text }),
      ("containment.csv", Outputs.text { ContainmentCSV(result).text }),
      ("stores_per_tlp.csv", Outputs.text { BlastCSV(result).text }),
      ("containment.json", Outputs.text { ContainmentJSON(result).text }),
    ]
  }

  /// Writes everything asked for, or shows it.
  ///
  /// - Parameters:
  ///   - result: What to write.
  ///   - steps: Terminal and Markdown show the steps of every chain; the folder always does.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func finish(_ result: ContainmentResult, steps: Bool) throws(TraceError) {
    try write((result, steps))
    if let directory { Console.note("report: \(directory)/containment.md") }
    guard isNone else { return }
    let text = ContainmentText(
      result, width: Console.width, color: Console.usesColor, steps: steps)
    try Console.output(text.lines.map { $0 + "\n" }.joined())
  }
}
