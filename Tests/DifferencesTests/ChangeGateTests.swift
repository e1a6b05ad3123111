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
      // A kind that neither has is 0.
      ("nc/flush_causes.timeout > 0", []),
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
    "mwr > +1.%", "mwr > +%", "mwr > +", "/mwr > 1", "nc//mwr > 1", "mwr > +99999999999999%",
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
  ])
  func `a name that neither result has is an error`(text: String, message: String) throws {
    let difference = try Self.sample()
    let error = failure { _ = try ChangeGate(text).matches(difference) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
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
