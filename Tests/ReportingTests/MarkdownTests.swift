import Results
import Testing
import TraceCore

@testable import Reporting

@Suite struct MarkdownTests {
  /// Table rows of a section, without header and rule.
  private func rows(_ report: String, section: String) -> [Substring] {
    let lines = report.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "## " + Substring(section)) else { return [] }
    return lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }
      .filter { $0.hasPrefix("|") }.dropFirst(2).map { $0 }
  }

  /// Cells of a table row: pipes that no backslash escapes.
  private func cells(_ row: Substring) -> Int {
    var count = -1
    var isEscaped = false
    for scalar in row.unicodeScalars {
      if scalar == "|", !isEscaped { count += 1 }
      isEscaped = scalar == "\\" && !isEscaped
    }
    return count
  }

  @Test(arguments: [0, 1, 11, 12, 40, 200])
  func `the verdict table has at most twelve rows of eight cells`(regions: Int) {
    var generated = GeneratedRun(seed: UInt64(regions) + 1)
    let run = generated.run(regions: regions, findings: 30, words: 8)
    let rows = rows(markdownReport(run), section: "Verdict")
    #expect(rows.count <= 12)
    #expect(rows.count == (regions == 0 ? 0 : min(regions + 1, 12)))
    #expect(rows.allSatisfy { cells($0) == 8 })
  }

  @Test(arguments: [1, 8, 400])
  func `the report stays below its limit whatever it holds`(words: Int) {
    var generated = GeneratedRun(seed: UInt64(words))
    let run = generated.run(regions: 200, findings: 500, words: words)
    let report = markdownReport(run)
    #expect(report.utf8.count < markdownByteLimit)
    #expect(report.contains("more region"))
    #expect(report.contains("summary.csv"))
    #expect(rows(report, section: "Findings").allSatisfy { cells($0) == 8 })
  }

  @Test func `even the smallest report's worst case fits`() {
    var generated = GeneratedRun(seed: 9)
    let run = generated.run(regions: 200, findings: 500, words: 3000)
    let last = MarkdownReport.Bounds.levels[MarkdownReport.Bounds.levels.count - 1]
    let text = MarkdownReport(
      comparison: Comparison(run), bounds: last, companions: true
    ).text
    #expect(text.utf8.count < markdownByteLimit / 2)
  }

  @Test func `a name cannot break out of its cell or its element`() {
    #expect(markdownCode("bar2") == "`bar2`")
    #expect(markdownCode("a|b") == "<code>a&#124;b</code>")
    #expect(markdownCode("a`b") == "<code>a&#96;b</code>")
    #expect(markdownCode("<b>") == "<code>&#60;b&#62;</code>")
    #expect(markdownCode("") == "<code></code>")
    #expect(htmlCode("*a*_b_") == "<code>&#42;a&#42;_b_</code>")
  }

  @Test func `prose shows as it was written`() {
    #expect(markdownProse("a|b `c` *d* <e>") == "a\\|b \\`c\\` \\*d\\* \\<e>")
    #expect(markdownProse("# no heading") == "\\# no heading")
    #expect(markdownProse("ioremap_wc and _this_") == "ioremap_wc and \\_this\\_")
    #expect(markdownProse("two\nlines") == "two?lines")
  }

  @Test func `without files beside it the report links to none`() {
    let report = markdownReport(SampleRun.compare, companions: false)
    #expect(!report.contains("](" + "summary.csv") && !report.contains(".svg)"))
    #expect(report.contains("## Verdict"))
  }

  @Test func `every link and picture is one of the files`() {
    let names = Set(ReportFile.all.map(\.name))
    let parts = markdownReport(SampleRun.compare).components(separatedBy: "](").dropFirst()
    let targets = parts.compactMap { $0.split(separator: ")").first.map(String.init) }
    for target in targets where !target.hasPrefix("#") {
      #expect(names.contains(target), "\(target)")
    }
    #expect(targets.contains("tlp_sizes.svg") && targets.contains("flush_causes.svg"))
  }

  @Test func `folded sections have a blank line after their summary and are closed`() {
    let report = markdownReport(SampleRun.compare)
    let opened = report.components(separatedBy: "<details>").count
    #expect(opened == report.components(separatedBy: "</details>").count)
    #expect(opened == report.components(separatedBy: "</summary>\n\n").count)
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }

  // By hand: a counter of config accesses whose meaning hangs on what the capture lacks is something
  // that is missing; one of repaired time stamps is not.
  @Test(arguments: [
    ("time_backwards", false), ("config_unknown_header_type", true),
    ("config_unknown_capability", true), ("config_assumed_bridge", true),
  ])
  func `nothing is missing only where config space is known, too`(name: String, isMissing: Bool) {
    var run = SampleRun.empty
    var counters = TraceCounters()
    counters.add(name, meaning: "What it is.")
    run.trace.counters = counters.rows
    let report = markdownReport(run)
    #expect(report.contains("Nothing is missing that the model asks for.") != isMissing)
    #expect(report.contains("`\(name)` below") == isMissing)
  }
}
