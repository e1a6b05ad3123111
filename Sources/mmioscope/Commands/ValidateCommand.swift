import ArgumentParser
import Reporting
import Results
import TraceCore
import Validation

/// `mmioscope validate`: published measurements beside what the model says.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Hold the model against published measurements, the bad rows too.",
    discussion: """
      Each measurement is replaced by a small workload under profiles that stand for the measured \
      machine. The range of a prediction is that over the ranges of the assumed settings that it \
      hangs on. Exit status 0, whatever the errors; with --strict 1 where a wire-limited row is \
      off by more than 10 %.
      """)

  @Flag(help: "Write CSV.")
  var csv = false

  @Flag(help: "Write Markdown.")
  var markdown = false

  @Flag(help: "Fail where a wire-limited row is off by more than 10 %.")
  var strict = false

  func validate() throws {
    if csv, markdown { throw ValidationError("--csv and --markdown exclude each other") }
  }

  func run() throws {
    let result = try Validation().run()
    try Console.output(text(result))
    let missed = result.rows.filter { $0.limit == .wire && !$0.meetsAim }.map(\.id)
    guard strict, !missed.isEmpty else { return }
    Console.error("wire-limited and off by more than 10 %: " + missed.joined(separator: ", "))
    throw ExitCode(1)
  }

  private func text(_ result: ValidationResult) -> String {
    if csv { return ValidationCSV(result).text }
    if markdown { return ValidationMarkdown(result).text }
    return ValidationText(result, width: Console.width, color: Console.usesColor).lines
      .map { $0 + "\n" }.joined()
  }
}
