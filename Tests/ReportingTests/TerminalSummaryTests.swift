import Reporting
import Results
import Testing
import TraceCore

@Suite struct TerminalSummaryTests {
  private func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }

  /// The text without its ANSI escape codes.
  private func plain(_ text: String) -> String {
    var result = ""
    var isCode = false
    for scalar in text.unicodeScalars {
      if scalar == "\u{1b}" {
        isCode = true
      } else if isCode {
        isCode = scalar != "m"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  @Test(arguments: [0, 1, 2, 7, 8, 9, 200], [0, 3, 500])
  func `never more than 25 lines, none wider than asked`(regions: Int, findings: Int) {
    var generated = GeneratedRun(seed: UInt64(regions * 1000 + findings) + 1)
    let run = generated.run(
      regions: regions, findings: findings, words: 6)
    for width in [40, 60, 80, 100, 120, 200] {
      for hints in [[], ["report: out/report.md", "next: x", "and: y", "left out"]] {
        let text = terminalSummary(run, width: width, color: false, hints: hints)
        #expect(lines(text).count <= 25)
        #expect(lines(text).allSatisfy { $0.count <= width })
        #expect(hints.isEmpty || text.contains("next: x"))
        #expect(!text.contains("left out"))
        #expect(plain(terminalSummary(run, width: width, color: true, hints: hints)) == text)
      }
    }
  }

  @Test func `one scenario obeys the same bounds`() {
    var generated = GeneratedRun(seed: 77)
    var run = generated.run(regions: 200, findings: 500, words: 6)
    run.scenarios.removeFirst()
    for width in [40, 80, 120] {
      let text = terminalSummary(run, width: width, color: false)
      #expect(lines(text).count <= 25)
      #expect(lines(text).allSatisfy { $0.count <= width })
    }
  }

  @Test func `regions that do not fit are counted with their share`() {
    var generated = GeneratedRun(seed: 3)
    let text = terminalSummary(
      generated.run(regions: 20, findings: 0, words: 1), width: 120, color: false)
    #expect(text.contains("12 more regions, "))
    #expect(text.contains(" of store bytes"))
  }

  @Test func `errors come first`() throws {
    let text = terminalSummary(SampleRun.compare, width: 120, color: false)
    let error = try #require(text.firstRange(of: "\nerror   RST001"))
    let warning = try #require(text.firstRange(of: "\nwarning ORD001"))
    let note = try #require(text.firstRange(of: "\nnote    PRF001"))
    #expect(error.lowerBound < warning.lowerBound && warning.lowerBound < note.lowerBound)
  }

  @Test func `without colour there is no escape code`() {
    #expect(!terminalSummary(SampleRun.compare, width: 120, color: false).contains("\u{1b}"))
    #expect(terminalSummary(SampleRun.compare, width: 120, color: true).contains("\u{1b}[32m"))
  }

  // Two lines of a screen: what has no room is the words, not the numbers or the command.
  @Test(arguments: [
    (
      110,
      "resets: 12 (flr 7, sbr-assert 4, pm-reset 1); mmioscope reset TRACE shows what orders the "
        + "MMIO around them"
    ),
    (70, "resets: 12 (flr 7, sbr-assert 4, pm-reset 1): mmioscope reset TRACE"),
  ])
  func `resets are counted by kind, with the command that tells of them`(
    width: Int, line: String
  ) {
    var run = SampleRun.empty
    #expect(!terminalSummary(run, width: width, color: false).contains("resets:"))
    run.trace.resets = [
      ResetCount(kind: "flr", count: 7), ResetCount(kind: "sbr-assert", count: 4),
      ResetCount(kind: "pm-reset", count: 1),
    ]
    let lines = terminalSummary(run, width: width, color: false).split(separator: "\n")
    #expect(lines.contains { $0 == line })
  }

  // The rule of compare's speed: of fewer than 64 stores a region's time is a wait, not a stream.
  @Test(arguments: [(63, false), (64, true)] as [(UInt64, Bool)])
  func `one scenario shows a region's goodput where it is its own`(
    stores: UInt64, isShown: Bool
  ) throws {
    var run = SampleRun.analyze
    // What the time went into is not known: the number of stores alone decides.
    run.scenarios[0].regions[0].metrics.saturated.timeParts = []
    run.scenarios[0].regions[0].metrics.stores = 800
    run.scenarios[0].regions = [run.scenarios[0].regions[0], run.scenarios[0].regions[0]]
    run.scenarios[0].regions[1].region.name = "few"
    run.scenarios[0].regions[1].metrics.stores = stores
    run.scenarios[0].regions[1].metrics.saturated.goodputBytesPerSecond = 123_000_000_000
    let note = "goodput -: no goodput of its own, fewer than 64 stores"
    let screen = terminalSummary(run, width: 200, color: false)
    #expect(screen.contains("123.000 GB/s") == isShown)
    #expect(screen.contains(note) == !isShown)
    let row = try #require(
      markdownReport(run).split(separator: "\n").first { $0.hasPrefix("| `few`") })
    #expect(row.contains("123.000 GB/s") == isShown)
  }

  /// The sample's RST001 is found under kvm-normal-nc alone, its RST003 under both.
  @Test(arguments: [60, 80, 120, 200])
  func `each finding says under which mapping`(width: Int) {
    let text = terminalSummary(SampleRun.compare, width: width, color: false)
    #expect(text.contains("\nerror   RST001 3x bar2 under nc, record 811,202"))
    #expect(text.contains("\nwarning RST003 2 / 4x trace under both, record 5: "))
    let single = terminalSummary(SampleRun.analyze, width: width, color: false)
    #expect(single.contains("\nerror   RST001 3x bar2, record 811,202"))
  }

  @Test func `a mapping without a short name is the one before or after`() {
    var run = SampleRun.compare
    for (index, name) in ["gen4, 8 lanes", "none"].enumerated() {
      for finding in run.findings.indices
      where run.findings[finding].scenario == run.scenarios[index].name {
        run.findings[finding].scenario = name
      }
      run.scenarios[index].name = name
    }
    #expect(terminalSummary(run, width: 80, color: false).contains("RST001 3x bar2 under none, "))
    run.findings = [run.findings[3]]
    #expect(terminalSummary(run, width: 80, color: false).contains("2x trace under before, "))
  }

  @Test func `the report says what two counts are`() {
    #expect(
      markdownReport(SampleRun.compare).contains(
        " Two counts, as `2 / 4`, are under `kvm-device` / `kvm-normal-nc`.\n"))
    #expect(!markdownReport(SampleRun.analyze).contains("Two counts"))
  }

  /// The sample from Normal-NC to Device: what is kept is judged as it would be the other way round,
  /// and the errors to fix are those of what is kept.
  @Test func `the other way round the advice is the same, and so is its condition`() {
    var run = SampleRun.compare
    run.scenarios.reverse()
    let text = terminalSummary(run, width: 400, color: false)
    #expect(text.contains("\nKeep bar2 write-combining. First fix 1 error (3 events): RST001."))
    for index in run.scenarios.indices {
      for region in run.scenarios[index].regions.indices
      where run.scenarios[index].regions[region].region.name == "bar2" {
        run.scenarios[index].regions[region].region.prefetchable = false
      }
    }
    let guarded = terminalSummary(run, width: 400, color: false)
    #expect(guarded.contains("Only bar2 would gain from write-combining, but its BAR is not"))
    #expect(guarded.contains("map Device: not prefetchable ("))
    #expect(!guarded.contains("Keep bar2"))
  }

  /// RST001 of `bar2` in two rows, 3 and 2 times, and once of the trace: two rows of the report.
  @Test func `errors are counted alike in headline, regions and findings`() {
    var run = SampleRun.compare
    var second = run.findings[1]
    (second.vcpu, second.count, second.firstRecord) = (1, 2, 811_300)
    var whole = second
    (whole.region, whole.vcpus, whole.count) = (nil, [64, 2, 0], 1)
    run.findings += [second, whole]
    let text = terminalSummary(run, width: 200, color: false)
    #expect(text.replacing("\n", with: " ").contains("First fix 2 errors (6 events): RST001."))
    #expect(text.contains("faster  1 error\n"))
    let report = markdownReport(run)
    #expect(report.contains("First fix 2 errors (6 events): RST001."))
    #expect(report.contains("| **1 error**, 1 note "))
    #expect(report.contains("| **2 errors**, 2 warnings, 1 note |"))
    #expect(report.contains("| RST001 | `bar2`, vCPUs 1, 3 |     5 |"))
    #expect(report.contains("| RST001 | trace, vCPUs 0, 2, 64 |     1 |"))
    #expect(report.contains("\n\nA row is what a code says of a region; "))
  }
}
