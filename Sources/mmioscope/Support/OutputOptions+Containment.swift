import Reporting
import Results
import TraceCore

extension OutputOptions {
  /// Writes everything asked for.
  ///
  /// - Parameters:
  ///   - result: What to write.
  ///   - steps: Terminal and Markdown show the steps of every chain; the folder always does.
  /// - Throws: ``TraceError`` where a file cannot be written.
  func write(_ result: ContainmentResult, steps: Bool) throws(TraceError) {
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(
        folder: directory,
        [
          ("containment.md", ContainmentMarkdown(result, steps: true).text),
          ("containment.csv", ContainmentCSV(result).text),
          ("stores_per_tlp.csv", BlastCSV(result).text),
          ("containment.json", ContainmentJSON(result).text),
        ])
      try outputs.add(json) { ContainmentJSON(result).text }
      try outputs.add(csv) { ContainmentCSV(result).text }
      try outputs.add(markdown) { ContainmentMarkdown(result, steps: steps).text }
    }
    if let directory { Console.error("report: \(directory)/containment.md") }
    guard isNone else { return }
    let text = ContainmentText(
      result, width: Console.width, color: Console.usesColor, steps: steps)
    try Console.output(text.lines.map { $0 + "\n" }.joined())
  }
}
