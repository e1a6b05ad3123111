import ArgumentParser
import TraceCore

/// Where a result goes that has three forms and no folder; with none of these, to the terminal.
struct ResultOutputOptions: ParsableArguments {
  @Option(help: "The same as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(help: "A row for each figure as CSV; - is standard output.", transform: outputPath)
  var csv: String?

  @Option(help: "The same as Markdown; - is standard output.", transform: outputPath)
  var markdown: String?

  func validate() throws {
    try Outputs.check(["--json": json, "--csv": csv, "--markdown": markdown])
  }

  /// Writes what was asked for.
  ///
  /// - Parameters:
  ///   - jsonText: The result as JSON; as the others, made only where it is wanted.
  ///   - csvText: As CSV.
  ///   - markdownText: As Markdown.
  ///   - screen: For the terminal.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(
    json jsonText: () -> String, csv csvText: () -> String, markdown markdownText: () -> String,
    screen: () -> String
  ) throws(TraceError) {
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(json, jsonText)
      try outputs.add(csv, csvText)
      try outputs.add(markdown, markdownText)
    }
    guard json == nil, csv == nil, markdown == nil else { return }
    try Console.output(screen())
  }
}
