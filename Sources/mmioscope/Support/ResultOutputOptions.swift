import ArgumentParser
import Reporting
import Results
import TraceCore

/// Where the result of a gate goes that has no folder; with none of these, to the terminal.
struct ResultOutputOptions: OutputForms {
  /// The forms of a result: each is made only where it is wanted.
  struct Texts {
    /// What the gate says.
    let gate: GateReport
    let json: () -> String
    let csv: () -> String
    let markdown: () -> String
    /// For the terminal.
    let screen: () -> String
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

  /// Writes what was asked for, or shows it.
  ///
  /// - Parameter texts: The result.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func finish(_ texts: Texts) throws(TraceError) {
    try write(texts)
    if isNone { try Console.output(texts.screen()) }
  }
}
