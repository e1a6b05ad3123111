public import Results

/// One file of a report folder: a pure function of the run.
///
/// A new output is a file with its writer and a line in ``all``.
public struct ReportFile: Sendable {
  public var name: String
  /// What is in it, for the report's list of files; one line of Markdown.
  public var summary: String
  public var contents: @Sendable (RunResult) -> String

  public init(
    name: String, summary: String, contents: @escaping @Sendable (RunResult) -> String
  ) {
    self.name = name
    self.summary = summary
    self.contents = contents
  }

  /// What `-o DIR` writes.
  public static let all: [ReportFile] = [
    ReportFile(name: "report.md", summary: "this report") { markdownReport($0) },
    ReportFile(
      name: "summary.csv", summary: "every count by scenario and region",
      contents: summaryCSV),
    ReportFile(
      name: "tlp_sizes.csv", summary: "memory writes by exact payload bytes",
      contents: tlpSizesCSV),
    ReportFile(
      name: "flush_causes.csv", summary: "lines that left the CPU, by cause",
      contents: flushCausesCSV),
    ReportFile(
      name: "ranges.csv", summary: "speed-ups and verdicts over the values in range",
      contents: rangesCSV),
    ReportFile(
      name: "findings.csv", summary: "all findings, each with rule and advice",
      contents: findingsCSV),
    ReportFile(
      name: "findings.sarif", summary: "the findings for CI systems and editors (SARIF 2.1.0)",
      contents: { findingsSARIF($0) }),
    ReportFile(
      name: "latency.csv", summary: "store and load latencies: percentiles and maximum",
      contents: latencyCSV),
    ReportFile(
      name: "latency_histogram.csv", summary: "the same, every bin",
      contents: latencyHistogramCSV),
    ReportFile(
      name: "stalls.csv", summary: "what the vCPUs' time went into", contents: stallsCSV),
    ReportFile(
      name: "link_use.csv", summary: "how busy the link was over time", contents: linkUseCSV),
    ReportFile(
      name: "run.json", summary: "everything above for programs, with every setting",
      contents: runJSON),
    ReportFile(
      name: "tlp_sizes.svg", summary: "picture: memory writes by size", contents: tlpSizesPicture),
    ReportFile(
      name: "flush_causes.svg", summary: "picture: why lines left the CPU",
      contents: flushCausesPicture),
    ReportFile(
      name: "stalls.svg", summary: "picture: what the vCPUs' time went into",
      contents: stallsPicture),
    ReportFile(
      name: "link_use.svg", summary: "picture: link utilisation over time",
      contents: linkUsePicture),
  ]
}
