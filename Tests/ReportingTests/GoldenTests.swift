import Reporting
import Results
import Testing

/// The files are reviewed by eye; their numbers come from the sums in `SampleRun`.
@Suite struct GoldenTests {
  @Test(arguments: ReportFile.all.map(\.name))
  func `each file of a comparison is as reviewed`(name: String) throws {
    try expect(name, of: SampleRun.compare, in: "compare")
  }

  @Test(arguments: [
    "report.md", "summary.csv", "tlp_sizes.svg", "flush_causes.svg", "stalls.svg", "link_use.svg",
  ])
  func `each file of one scenario is as reviewed`(name: String) throws {
    try expect(name, of: SampleRun.analyze, in: "analyze")
  }

  @Test(arguments: ReportFile.all.map(\.name))
  func `each file of an empty trace is as reviewed`(name: String) throws {
    try expect(name, of: SampleRun.empty, in: "empty")
  }

  @Test(arguments: ["report.md", "ranges.csv"])
  func `each file of a run with values in range is as reviewed`(name: String) throws {
    try expect(name, of: RangedRun.flipping, in: "ranges")
  }

  @Test(arguments: [120, 80, 60])
  func `the terminal summary is as reviewed`(width: Int) throws {
    let hints = ["report: demo-report/report.md", "next: mmioscope dump ring.mmt --count 20"]
    let compared = terminalSummary(SampleRun.compare, width: width, color: false, hints: hints)
    try expectGolden(compared, "compare/terminal-\(width).txt")
    let single = terminalSummary(SampleRun.analyze, width: width, color: false)
    try expectGolden(single, "analyze/terminal-\(width).txt")
    let ranged = terminalSummary(RangedRun.flipping, width: width, color: false)
    try expectGolden(ranged, "ranges/terminal-\(width).txt")
  }

  @Test func `the terminal summary of an empty trace is as reviewed`() throws {
    try expectGolden(
      terminalSummary(SampleRun.empty, width: 100, color: false), "empty/terminal.txt")
  }

  private func expect(_ name: String, of run: RunResult, in folder: String) throws {
    let file = try #require(ReportFile.all.first { $0.name == name })
    try expectGolden(file.contents(run), folder + "/" + name)
  }
}
