import Results
import Testing
import TraceCore

@testable import Reporting

@Suite struct LineWidthTests {
  /// 14 characters are what a narrow table has for a name.
  @Test(arguments: [
    // The domain goes, and the function stays.
    (
      ["0000:01:00.0 bar 0", "0000:02:00.0 bar 0", "0000:02:00.0 bar 2"],
      ["01:00.0 bar 0", "02:00.0 bar 0", "02:00.0 bar 2"]
    ),
    // Nothing is left out of what fits.
    (["bar 0", "0000:01:00.0", "0000:01:00.0 b"], ["bar 0", "0000:01:00.0", "0000:01:00.0 b"]),
    // Three characters of the head, eight of the tail.
    (["0001:01:00.0 bar 0", "display bar of 1"], ["000....0 bar 0", "dis...bar of 1"]),
    // Alike at both ends: what comes behind "device number " is 11 characters at most.
    (
      ["device number 1 of the host, memory", "device number 23 of the host, memory"],
      ["...1 ...memory", "...23...memory"]
    ),
    // The same name is the same.
    (["a name as long as this", "a name as long as this"], ["a n... as this", "a n... as this"]),
  ])
  func `names that are cut stay apart`(names: [String], shown: [String]) {
    #expect(shortenedApart(names.map { ($0, 14) }) == shown)
  }

  @Test func `a long line is folded at spaces, and what pads its columns stays`() {
    let text = "short\n  name   0x1000 + 0x10  a b c\n"
    #expect(folded(text, width: 20) == "short\n  name   0x1000 +\n      0x10  a b c\n")
    #expect(folded(text, width: unlimitedWidth) == text)
    // Codes take no room: `head` and four words of one letter are 12 characters.
    let color = "\u{1b}[1mhead\u{1b}[0m a b c d"
    #expect(folded(color, width: 12) == color)
    #expect(folded(color, width: 11) == "\u{1b}[1mhead\u{1b}[0m a b c\n    d")
  }

  @Test func `prose without a limit has the columns of a page`() {
    let text = Array(repeating: "word", count: 41).joined(separator: " ")
    // 20 words of 4 and 19 spaces are 99 characters.
    #expect(wrapped(text, width: unlimitedWidth).map(\.count) == [99, 99, 4])
    // 18 words and 17 spaces are 89, and what is left of 41 is 5 words with 4 spaces.
    #expect(wrapped(text, width: unlimitedWidth - 9).map(\.count) == [89, 89, 24])
  }

  /// A run whose names and messages are longer than any column.
  private var long: RunResult {
    var run = SampleRun.compare
    run.trace.name = Self.name("trace")
    for index in 0..<2 {
      let old = run.scenarios[index].name
      run.scenarios[index].name = Self.name("scenario \(index)")
      for region in run.scenarios[index].regions.indices {
        run.scenarios[index].regions[region].region.name = Self.name("region \(region)")
      }
      for finding in run.findings.indices where run.findings[finding].scenario == old {
        run.findings[finding].scenario = run.scenarios[index].name
      }
    }
    for finding in run.findings.indices {
      run.findings[finding].region = Self.name("region \(finding)")
      run.findings[finding].message = Self.name("message \(finding)")
    }
    return run
  }

  private static func name(_ start: String) -> String {
    start + String(repeating: "-", count: 200) + "end"
  }

  @Test func `without a limit nothing is cut off`() {
    let text = terminalSummary(long, width: unlimitedWidth, color: false)
    #expect(!text.contains("..."))
    let names = [
      "trace", "scenario 1", "region 0", "region 1", "region 2", "message 0", "message 3",
    ]
    for name in names { #expect(text.contains(Self.name(name)), "\(name)") }
    #expect(terminalSummary(long, width: 200, color: false).contains("..."))
  }

  @Test(arguments: [40, 60, 80])
  func `what to fix first is never cut off`(width: Int) {
    let text = terminalSummary(SampleRun.compare, width: width, color: false)
    #expect(text.replacing("\n", with: " ").contains(" First fix 1 error (3 events): RST001."))
  }
}
