public import Results
import TraceCore

/// `report.md`: what to do about each region and why, then the detail behind it.
///
/// Below ``markdownByteLimit`` bytes whatever the run holds: rows beyond the bounds are counted
/// and left to the CSV files.
///
/// - Parameters:
///   - run: One or two scenarios.
///   - companions: Whether the report's pictures and CSV files lie beside it.
/// - Returns: GitHub-flavoured Markdown.
public func markdownReport(_ run: RunResult, companions: Bool = true) -> String {
  let comparison = Comparison(run)
  for bounds in MarkdownReport.Bounds.levels {
    let text = MarkdownReport(
      comparison: comparison, bounds: bounds, companions: companions
    ).text
    if text.utf8.count < markdownByteLimit { return text }
  }
  // The last level shows a fixed number of rows of bounded cells, far below the limit.
  preconditionFailure("the smallest report is too large")
}

/// Bytes of `report.md`, at most.
public let markdownByteLimit = 100_000

struct MarkdownReport {
  /// Rows shown before the rest is left to the CSV files.
  struct Bounds {
    /// Regions with a section of their own.
    var sections: Int
    var findings: Int
    var settings: Int
    /// Assumptions and counters.
    var notes: Int

    /// Tried in order until the report is small enough.
    static let levels = [
      Bounds(sections: 16, findings: 30, settings: 100, notes: 20),
      Bounds(sections: 8, findings: 20, settings: 60, notes: 10),
      Bounds(sections: 3, findings: 8, settings: 20, notes: 5),
      Bounds(sections: 0, findings: 5, settings: 5, notes: 3),
    ]
  }

  var comparison: Comparison
  var bounds: Bounds
  var companions: Bool

  var text: String {
    let sections =
      [title, answer, blindSpots, verdicts, howSure] + pictures + [findings, resets, sections]
      + regions
      + basis
      + [captureLimits, guide, files]
    return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private var title: String {
    "# MMIO mapping report: " + markdownCode(comparison.run.trace.name)
  }

  private var answer: String {
    let headline = Headline(comparison: comparison, name: { markdownCode($0, limit: 40) })
    let sentences = headline.sentences
    let rest = sentences.dropFirst().joined(separator: " ")
    return "**" + sentences[0] + "**" + (rest.isEmpty ? "" : " " + rest) + "\n\n" + setting
  }

  /// What was compared, on what, and where the doubt is, in two lines.
  private var setting: String {
    let names = comparison.scenarios.map { markdownCode($0.name) }
    let after = comparison.after
    let profiles = [after.cpu, after.rootComplex, after.link].map { markdownCode($0) }
    let trace = comparison.run.trace
    return [
      names.joined(separator: " (before) against ") + (names.count > 1 ? " (after)" : ""),
      "\(counted(trace.records, "record")) of \(markdownProse(trace.format))"
        + (trace.lost > 0 ? ", **\(grouped(trace.lost)) lost**" : ""),
      "CPU \(profiles[0]), root complex \(profiles[1]), link \(profiles[2])",
      "accessors `\(after.accessors)`",
    ].joined(separator: "; ") + ". " + doubts
  }

  private var doubts: String {
    let assumed = assumedSettings.count
    return "A model's result, not a measurement: it hangs on "
      + "[\(counted(UInt64(assumed), "assumed value"))](#what-the-numbers-hang-on) and on "
      + "[what the capture holds](#what-the-capture-does-not-hold)."
  }

  /// The pictures of the whole trace; those of time are in a section with what they say.
  private var pictures: [String] {
    guard companions else { return whyNotFaster }
    return [
      "![Memory writes by payload size](tlp_sizes.svg)",
      "![Why lines left the CPU, by region](flush_causes.svg)",
    ] + whyNotFaster
  }

  private var resets: String {
    ResetPointer(comparison.run.trace).sentence(comparison.run.trace.name)
  }

  /// A link to a file beside the report, or how to come by it where there is none.
  func link(_ file: String) -> String {
    companions ? "[\(file)](\(file))" : "`\(file)`, which `-o DIR` writes"
  }

  private var files: String {
    let rows = ReportFile.all.dropFirst().map { "- [\($0.name)](\($0.name)): \($0.summary)" }
    let trace = comparison.run.trace
    let source =
      "Trace \(markdownCode(trace.name)), SHA-256 `\(clipped(printable(trace.sha256), to: 64))`."
      + " By \(Product.name) \(Product.version)."
    return companions ? "## Files\n\n" + rows.joined(separator: "\n") + "\n\n" + source : source
  }
}
