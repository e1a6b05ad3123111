import Results
import Testing
import TraceCore

@testable import Differences

/// Conditions against numbers worked out by hand.
struct ChangeGateTests {
  private typealias D = Document

  /// `mwr` 200 -> 205 in all, 100 -> 105 in `bar/0`, `mrd` 0 -> 1, `stores` 50 -> 40.
  private static func sample() throws -> RunDifference {
    let before = D.scenario(
      "nc", totals: #""mwr": 200, "mrd": 0, "stores": 50, "same": 6"#,
      regions: [("bar/0", #""mwr": 100"#), ("b", #""mwr": 100"#)])
    let after = D.scenario(
      "nc", totals: #""mwr": 205, "mrd": 1, "stores": 40, "same": 6"#,
      regions: [("bar/0", #""mwr": 105"#), ("b", #""mwr": 100"#)])
    return try D.difference(
      D.text(
        [before, D.scenario("dev", totals: #""mwr": 900"#)],
        findings: [D.finding("A", "nc", region: nil, count: 2)]),
      D.text(
        [after, D.scenario("dev", totals: #""mwr": 900"#)],
        findings: [D.finding("A", "nc", region: nil, count: 1)]))
  }

  @Test(
    arguments: [
      // 205 is 2.5 % above 200: not more than that, but at least that.
      ("mwr > +2.5%", []), ("mwr >= +2.5%", ["nc mwr"]), ("mwr > +2.4999%", ["nc mwr"]),
      ("mwr > +0%", ["nc mwr"]), ("mwr>+0%", ["nc mwr"]), ("  mwr  >  +0 %  ", ["nc mwr"]),
      ("mwr > +5", []), ("mwr > +4", ["nc mwr"]), ("mwr >= +5", ["nc mwr"]),
      // Without a sign it is the value after, of every scenario.
      ("mwr > 204", ["nc mwr", "dev mwr"]), ("mwr > 205", ["dev mwr"]), ("mwr <= 205", ["nc mwr"]),
      // 40 is 20 % below 50.
      ("stores < -20%", []), ("stores <= -20%", ["nc stores"]), ("stores < -9", ["nc stores"]),
      ("stores > +0%", []), ("same > +0%", []), ("same >= +0%", ["nc same"]),
      // From nothing to something is more than any share.
      ("mrd > +1000000%", ["nc mrd"]), ("mrd > +1", []),
      ("dev/mwr > 0", ["dev mwr"]), ("dev/mwr > +0", []),
      // Of regions; a name may hold a slash.
      ("nc/bar/0/mwr > +4%", ["nc bar/0 mwr"]), ("nc/b/mwr > +0%", []),
      ("nc/*/mwr >= +0", ["nc bar/0 mwr", "nc b mwr"]), ("*/*/mwr > +0", ["nc bar/0 mwr"]),
      // A kind that neither has is 0, in each of both scenarios.
      ("nc/flush_causes.timer > 0", []), ("nc/flush_causes.timer >= 0", ["nc flush_causes.timer"]),
      (
        "mwr_payload_histogram.48 < 1",
        ["nc mwr_payload_histogram.48", "dev mwr_payload_histogram.48"]
      ),
      ("counters.bad_records > 0", []), ("counters.bad_records < 1", ["counters.bad_records"]),
      ("records > 6", ["records"]),
      ("records > +0", []), ("lost > 0", []),
      ("findings", []), ("any", ["nc mrd", "nc mwr", "nc stores", "nc bar/0 mwr", "A"]),
    ] as [(String, [String])])
  func `a condition is met by these`(text: String, expected: [String]) throws {
    let matches = try ChangeGate(text).matches(Self.sample())
    let names = matches.map { match in
      switch match {
      case .metric(let row):
        [row.scenario, row.region, row.name].compactMap(\.self).joined(separator: " ")
      case .finding(let row): row.name
      case .scenario(let name): name
      }
    }
    #expect(names == expected)
  }

  @Test func `a finding that is new or more often is met, a rarer one is not`() throws {
    let none = D.text([D.scenario("a")])
    let one = D.text(
      [D.scenario("a")], findings: [D.finding("A", "a", region: nil, count: 1)])
    let two = D.text(
      [D.scenario("a")], findings: [D.finding("A", "a", region: nil, count: 2)])
    let gate = try ChangeGate("findings")
    #expect(try gate.matches(D.difference(none, one)).count == 1)
    #expect(try gate.matches(D.difference(one, two)).count == 1)
    #expect(try gate.matches(D.difference(two, one)).isEmpty)
    #expect(try gate.matches(D.difference(one, one)).isEmpty)
  }

  @Test func `a scenario of one result alone is a change`() throws {
    let difference = try D.difference(
      D.text([D.scenario("a"), D.scenario("b")]), D.text([D.scenario("a"), D.scenario("c")]))
    let matches = try ChangeGate("any").matches(difference)
    #expect(matches == [.scenario("b"), .scenario("c")])
  }

  @Test(arguments: [
    "", "mwr", "mwr >", "> 3", "mwr > x", "mwr > 1.5", "mwr > 3%", "mwr > +1.23456%",
    "mwr > +1.%", "mwr > +%", "mwr > +", "/mwr > 1", "nc//mwr > 1", "nc/r/ > 1",
    "mwr > +99999999999999%",
    "mwr > 18446744073709551616", "mwr = 3", "mwr > +1%%",
  ])
  func `what is no condition is an error`(text: String) {
    let error = failure { _ = try ChangeGate(text) }
    #expect(error?.code == .configuration)
    #expect(error?.message.contains("--fail-on") == true)
  }

  @Test(arguments: [
    ("mwrr > 1", "there is no metric 'mwrr'; did you mean 'mwr'?"),
    ("ncc/mwr > 1", "there is no scenario 'ncc'"),
    ("nc/bar/mwr > 1", "there is no region 'bar'"),
    ("paced.time_ps > +0%", "there is no metric 'paced.time_ps'"),
    ("flush_causes.tiemr > 0", "there is no 'flush_causes.tiemr'; did you mean 'timer'?"),
    ("mwr_payload_histogram.x > 0", "there is no 'mwr_payload_histogram.x'"),
  ])
  func `a name that neither result has is an error`(text: String, message: String) throws {
    let difference = try Self.sample()
    let error = failure { _ = try ChangeGate(text).matches(difference) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
  }

  /// What is looked for may be what is gone.
  @Test(arguments: ["findings", "mwr > +0%", "*/mwr < 0"])
  func `a scenario of one result alone fails what is about every scenario`(text: String) throws {
    let (a, b) = (D.scenario("a", totals: #""mwr": 1"#), D.scenario("b", totals: #""mwr": 1"#))
    let gone = try D.difference(D.text([a, b]), D.text([a]))
    #expect(try ChangeGate(text).matches(gone) == [.scenario("b")])
    let new = try D.difference(D.text([a]), D.text([a, b]))
    #expect(try ChangeGate(text).matches(new) == [.scenario("b")])
    #expect(try ChangeGate("a/mwr > +0%").matches(gone).isEmpty)
    #expect(try ChangeGate("records > +0").matches(gone).isEmpty)
    #expect(throws: TraceError.self) { try ChangeGate("b/mwr > 0").matches(gone) }
  }

  @Test func `a clock that one result did not run is not known, a region that it lacks is 0`()
    throws
  {
    func run(_ time: String, regions: [(name: String, metrics: String)]) -> String {
      D.text([D.scenario("a", totals: #""paced": \#(time)"#, regions: regions)])
    }
    let timed = run(#"{ "time_ps": 5 }"#, regions: [("r", #""mwr": 2"#)])
    let untimed = run("null", regions: [])
    for (before, after, side) in [(timed, untimed, "after"), (untimed, timed, "before")] {
      let difference = try D.difference(before, after)
      let error = failure { _ = try ChangeGate("paced.time_ps > +0%").matches(difference) }
      #expect(error?.message.contains("paced.time_ps of a is not known \(side)") == true)
    }
    #expect(try ChangeGate("a/r/mwr < -1").matches(D.difference(timed, untimed)).count == 1)
    #expect(try ChangeGate("a/r/mwr > +1").matches(D.difference(untimed, timed)).count == 1)
  }

  /// Device trees name them so.
  @Test(arguments: ["/arm-io/uart0", "a//b", "a>=b", "a > b", "x/y"])
  func `a region's name may hold slashes and comparisons`(name: String) throws {
    let text = D.text([D.scenario("a", regions: [(name, #""mwr": 7"#)])])
    let difference = try D.difference(text, text)
    for condition in ["a/\(name)/mwr > 6", "*/\(name)/mwr >= 7"] {
      #expect(try ChangeGate(condition).matches(difference).count == 1, "\(condition)")
    }
    #expect(try ChangeGate("*/\(name)/mwr > 7").matches(difference).isEmpty)
  }

  @Test func `the largest numbers do not overflow`() throws {
    let before = D.text([D.scenario("a", totals: #""m": 1, "n": 18446744073709551615"#)])
    let after = D.text([D.scenario("a", totals: #""m": 18446744073709551615, "n": 0"#)])
    let difference = try D.difference(before, after)
    #expect(try ChangeGate("m > +1000000000000%").matches(difference).count == 1)
    #expect(try ChangeGate("n < -99.9999%").matches(difference).count == 1)
    #expect(try ChangeGate("n < -100%").matches(difference).isEmpty)
  }
}
