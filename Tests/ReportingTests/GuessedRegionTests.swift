import Results
import Testing
import TraceCore

@testable import Reporting

/// A region that the importer cut around addresses may be anything, an interrupt controller too.
@Suite struct GuessedRegionTests {
  /// The sample with regions of which nothing is known but that they were accessed.
  private func run(guessing names: [String: String]) -> RunResult {
    var run = SampleRun.compare
    for scenario in run.scenarios.indices {
      for index in run.scenarios[scenario].regions.indices {
        let old = run.scenarios[scenario].regions[index].region
        guard let name = names[old.name] else { continue }
        run.scenarios[scenario].regions[index].region = Region(
          name: name, base: old.base, size: old.size, origin: .inferred)
      }
    }
    run.findings = []
    return run
  }

  private func sentences(_ run: RunResult) -> [String] {
    Headline(comparison: Comparison(run)).sentences
  }

  /// 800 / 105 = 7.6 and 2.0 / 0.8 = 2.5, as of the sample's `bar2`.
  @Test func `no headline tells to map what may be no BAR`() {
    let run = run(guessing: ["bar2": "mem@0x8000000"])
    #expect(
      sentences(run)[0]
        == "mem@0x8000000 would gain from write-combining (7.6x fewer TLPs, 2.5x faster), if it is"
        + " a prefetchable BAR, which nothing says: give --map.")
    #expect(!sentences(run).contains { $0.hasPrefix("Map ") || $0.hasPrefix("Leave ") })
    let report = markdownReport(run)
    #expect(report.contains("| would gain: 7.6x fewer TLPs, 2.5x faster |"))
    #expect(report.contains("| `mem@0x8000000` (guessed) |"))
    #expect(report.contains("\n(guessed): a window cut around addresses that were accessed."))
  }

  @Test func `several are one finding`() {
    var run = run(guessing: ["bar2": "mem@0x8000000", SampleRun.awkward: "mem@0x9000000"])
    // Half of the second one's writes gone as well; of many times as many stores.
    for index in 0..<2 {
      run.scenarios[index].regions[0].metrics.stores = 400
      run.scenarios[index].regions[0].metrics.mwr = index == 0 ? 400 : 200
    }
    #expect(
      sentences(run)[0]
        == "mem@0x8000000 and mem@0x9000000 would gain from write-combining, if they are"
        + " prefetchable BARs, which nothing says: give --map.")
  }

  @Test func `beside a BAR that is known the guess comes second`() {
    var run = run(guessing: [SampleRun.awkward: "mem@0x9000000"])
    for index in 0..<2 {
      run.scenarios[index].regions[0].metrics.stores = 400
      run.scenarios[index].regions[0].metrics.mwr = index == 0 ? 400 : 200
    }
    let sentences = sentences(run)
    #expect(sentences[0] == "Map bar2 write-combining: 7.6x fewer TLPs, 2.5x faster.")
    #expect(
      sentences.contains(
        "mem@0x9000000 would gain, too, if it is a prefetchable BAR, which nothing says: give"
          + " --map."))
  }

  @Test func `what the driver maps Normal itself need not be prefetchable, but a BAR`() {
    var run = run(guessing: ["bar2": "mem@0x8000000"])
    for index in 0..<2 {
      for region in run.scenarios[index].regions.indices {
        run.scenarios[index].regions[region].stage1Source = "access"
      }
    }
    #expect(sentences(run)[0].hasSuffix(", if it is a BAR, which nothing says: give --map."))
  }

  @Test(arguments: [40, 80, 120])
  func `the screen marks them and says how to name them`(width: Int) {
    let text = terminalSummary(
      run(guessing: ["bar2": "mem@0x8000000"]), width: width, color: false)
    #expect(text.contains(width < 80 ? "\nmem...000000 ?  " : "\nmem@0x8000000 ?  "))
    #expect(text.split(separator: "\n").count { $0.hasPrefix("?: guessed") } == 1)
    #expect(text.contains("--map names it\n"))
    #expect(!text.contains("\nbar2 ?") && !text.contains("gic ?"))
    let known = terminalSummary(SampleRun.compare, width: width, color: false)
    #expect(!known.contains("guessed") && !known.contains(" ?"))
  }

  @Test func `info calls them guessed, and JSON keeps their kind and origin`() {
    let context = TraceContext(name: "guest.log", format: "rwmmio")
    context.regions.add(SampleRun.ring)
    context.regions.add(
      Region(name: "mem@0x8000000", base: 0x800_0000, size: 0x10_0000, origin: .inferred))
    let info = TraceInfo(context, TraceTotals())
    #expect(info.text.contains("\n  mem@0x8000000           guessed   0x8000000 + 0x100000\n"))
    #expect(info.text.contains("\n  bar2                    bar       0x1000000000 + 0x2000000"))
    #expect(
      info.missing.contains(
        "what 1 region is: guessed from addresses alone, whatever is there; --map names it"))
    let json = info.json.replacing(" ", with: "")
    #expect(json.contains("\"kind\":\"bar\"") && json.contains("\"origin\":\"inferred\""))
  }
}
