import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where the result of a gate goes that has no folder; with none of these, to the terminal.
struct ResultOutputOptions: OutputForms {
  /// The forms of a result: each is made only where it is wanted.
  struct Texts {
    var json: () -> String
    var csv: () -> String
    var markdown: () -> String
    var gate: GateReport
  }

  @Option(help: "The same as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(help: "A row for each figure as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(help: "The same as Markdown; - is standard output.", transform: outputPath)
  var markdown: String?

  @Option(
    help: "What the gate says as JUnit XML, for CI; - is standard output.", transform: outputPath)
  var junit: String?

  var forms: [OutputForm<Texts>] {
    [
      OutputForm("--json", json) { $0.json() },
      OutputForm("--csv", csv) { $0.csv() },
      OutputForm("--markdown", markdown) { $0.markdown() },
      OutputForm("--junit", junit) { gateJUnit($0.gate) },
    ]
  }

  /// Writes what was asked for.
  ///
  /// - Parameters:
  ///   - gate: What the gate says.
  ///   - jsonText: The result as JSON.
  ///   - csvText: As CSV.
  ///   - markdownText: As Markdown.
  ///   - screen: For the terminal.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(
    _ gate: GateReport, json jsonText: @escaping () -> String,
    csv csvText: @escaping () -> String, markdown markdownText: @escaping () -> String,
    screen: () -> String
  ) throws(TraceError) {
    try write(Texts(json: jsonText, csv: csvText, markdown: markdownText, gate: gate))
    if isNone { try Console.output(screen()) }
  }
}
