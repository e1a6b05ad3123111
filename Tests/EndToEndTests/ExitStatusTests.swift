import Foundation
import Testing

/// Exit statuses and streams, as the README fixes them: 0 done, 2 could not do the job; data to
/// standard output, words to standard error.
struct ExitStatusTests {
  static let verbs = [
    "demo", "import", "info", "dump", "analyze", "compare", "memattr", "tlp", "link", "profiles",
    "contain", "sweep", "why", "explain", "diff", "packets", "match",
    "timeline",
  ]
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test(arguments: verbs + [""])
  func `help is data`(verb: String) throws {
    let arguments = [verb, "--help"].filter { !$0.isEmpty }
    let outcome = try scratch.quietly(arguments)
    #expect(outcome.output.contains("USAGE: mmioscope \(verb)"))
    #expect(outcome.output.contains("\u{1b}") == false)
  }

  @Test func `the overview names every verb and the exit statuses`() throws {
    let help = try scratch.quietly(["--help"]).output
    for verb in Self.verbs { #expect(help.contains("\n  \(verb) "), "\(verb)") }
    #expect(help.contains("0 done, 1 a gate or an expectation failed, 2 could not do the job"))
  }

  @Test(arguments: [("analyse", "analyze"), ("compar", "compare"), ("slices", "slice")])
  func `a verb that is spelt wrong is told the right one`(word: String, verb: String) throws {
    try scratch.failing([word, "x"], saying: ["there is no verb '\(word)'", "mean '\(verb)'"])
    try scratch.failing(["frobnicate"], saying: ["there is no verb 'frobnicate'", "--help"])
  }

  /// Arguments that a verb cannot do without.
  private static let required = [
    "import": ["x.csv", "-o", "x.mmt"], "info": ["x.csv"], "dump": ["x.csv"],
    "analyze": ["x.csv"], "compare": ["x.csv"], "memattr": ["--all"],
    "contain": ["--matrix"], "sweep": ["x.csv", "--set", "cpu.buffers=1"],
    "why": ["x.csv", "--record", "0"], "diff": ["x.csv", "y.csv"],
    "packets": ["x.csv"], "match": ["x.csv", "y.csv"],
    "timeline": ["x.csv", "-o", "x.pftrace"],
  ]

  @Test(arguments: verbs + [""])
  func `an unknown flag is refused on standard error`(verb: String) throws {
    let arguments = [verb].filter { !$0.isEmpty } + Self.required[verb, default: []] + ["--bogus"]
    try scratch.failing(arguments, saying: ["--bogus", "Usage: mmioscope \(verb)"])
  }

  @Test(arguments: [
    ["import"], ["import", "x.csv"], ["info"], ["dump"], ["analyze"], ["compare"], ["memattr"],
    ["memattr", "--s1", "0xff"], ["memattr", "--s1", "0x100", "--s2", "0x0"],
    ["memattr", "--s1", "0xff", "--s2", "0x10"], ["memattr", "--all", "--fwb"], ["tlp"],
    ["tlp", "--bytes", "0-64"], ["tlp", "--bytes", "7-0"], ["tlp", "--bytes", ""],
    ["tlp", "--bytes", "0-7", "--split", "some"], ["tlp", "--bytes", "0-7", "--at", "0xg"],
    ["link", "--sizes", "0"], ["link", "gen9x16"], ["link", "gen4x3"], ["profiles", "nobody"],
    ["frobnicate"], ["sweep", "x.csv"], ["sweep", "--set", "cpu.buffers=1"],
    ["compare", "x.csv", "y.csv"], ["dump", "x.csv", "--from", "-1"],
    ["dump", "x.csv", "--count", "18446744073709551616"], ["why", "x.csv"],
    ["why", "x.csv", "--record", "0", "--stage1", "nobody=normal-nc"],
    ["why", "-", "--record", "0"], ["why", "x.csv", "--record", "9000"], ["explain", "ORD999"],
  ])
  func `wrong arguments are refused`(arguments: [String]) throws {
    try scratch.write("x.csv", Inputs.csv)
    try scratch.failing(arguments, saying: [])
    #expect(try scratch.list() == ["x.csv"])
  }

  @Test(arguments: ["import", "info", "dump", "analyze", "compare"])
  func `off a terminal nothing animates and nothing is coloured`(verb: String) throws {
    let trace = Repository.trace("vfio-reclaim")
    let arguments = verb == "import" ? [verb, trace, "-o", "out.mmt"] : [verb, trace]
    let outcome = try scratch.mmioscope(arguments)
    #expect(outcome.status == 0)
    #expect(!outcome.errorBytes.contains(0x1b) && !outcome.errorBytes.contains(0x0d))
    #expect(!outcome.outputBytes.contains(0x1b))
    if verb == "import" {
      #expect(outcome.outputBytes.isEmpty)
    } else {
      #expect(outcome.errorBytes.isEmpty)
    }
  }

  @Test(
    .enabled(
      if: Repository.exists("/usr/bin/script"), "needs script of util-linux to make a terminal"))
  func `on a terminal a long run shows progress and removes it`() throws {
    try scratch.write("rows.csv", Inputs.csvHeader)
    try scratch.write("more.csv", String(repeating: "store,0,0x1000,8\n", count: 140_000))
    let feed = "(cat rows.csv more.csv; sleep 0.8; cat more.csv)"
    try scratch.write("run.sh", feed + " | \"$MMIOSCOPE\" import - -o out.mmt\n")
    let outcome = try scratch.shell("script -qec 'sh run.sh' /dev/null </dev/null")
    #expect(outcome.output.contains("M records/s"))
    // The last thing drawn over the progress line is nothing.
    let erased = outcome.output.range(of: "\r\u{1b}[K", options: .backwards)
    let drawn = outcome.output.range(of: "M records/s", options: .backwards)
    let isErased = try #require(erased).lowerBound > #require(drawn).lowerBound
    #expect(isErased)
  }
}
