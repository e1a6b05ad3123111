import Litmus
import Ordering
import Testing
import TraceCore

/// Conditions, their synonyms and their precedence.
struct ConditionTests {
  static let conditions: [(String, Condition)] = [
    ("a -> b", .arrivesBefore("a", "b")), ("a->b", .arrivesBefore("a", "b")),
    ("a ~ b", .together("a", "b")), ("whole(a)", .whole("a")), ("arrives(a)", .arrives("a")),
    ("lost(a)", .lost("a")), ("fault(a)", .faults("a", stage: nil)),
    ("fault(a,2)", .faults("a", stage: 2)), ("forwarded(c)", .forwarded("c")),
    ("speculated(c)", .speculated("c")), ("X=1", .value(location: "X", 1)),
    ("[X]=0x10", .value(location: "X", 16)), ("P0:r0=1", .register(agent: "P0", "r0", 1)),
    ("0:r0=1", .register(agent: "P0", "r0", 1)), ("writes(X)=1", .writes(location: "X", 1)),
    ("reads(Y)=2", .reads(location: "Y", 2)), ("true", .yes), ("~lost(a)", .not(.lost("a"))),
    ("not lost(a)", .not(.lost("a"))), ("~ ~true", .not(.not(.yes))),
    (
      "a -> b /\\ X=1 \\/ true",
      .or([.and([.arrivesBefore("a", "b"), .value(location: "X", 1)]), .yes])
    ),
    (
      "a -> b and (X=1 or true)",
      .and([.arrivesBefore("a", "b"), .or([.value(location: "X", 1), .yes])])
    ),
    (
      "~X=1 /\\ Y=2 /\\ true",
      .and([.not(.value(location: "X", 1)), .value(location: "Y", 2), .yes])
    ),
    ("(a ~ b)", .together("a", "b")), ("~(a ~ b)", .not(.together("a", "b"))),
    ("\"a\" -> b", .arrivesBefore("a", "b")),
  ]

  @Test(arguments: conditions) func `a condition is read`(
    row: (text: String, condition: Condition)
  ) throws {
    #expect(try Fixture.condition(row.text) == row.condition)
  }

  @Test func `herd's words mean the same`() throws {
    let claims = """
      allowed (true) forbidden (true) required (true)
      exists (true) ~exists (true) ~ exists true forall (true)
      """
    let text = Fixture.text(["STR.X #1,[X]"], claims: claims)
    #expect(
      try Fixture.parse(text).claims.map(\.quantifier) == [
        .allowed, .forbidden, .required, .allowed, .forbidden, .forbidden, .required,
      ])
  }

  @Test func `conditions nest up to a limit`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "true" + String(repeating: ")", count: depth)
    }
    #expect(try Fixture.condition(nested(60)) == .yes)
    for count in [70, 100_000] {
      let open = String(repeating: "(", count: count)
      let not = String(repeating: "~", count: count)
      for text in [nested(count), open, not, not + "true"] {
        let error = Fixture.failure(
          Fixture.text(["a: STR.X #1,[X]"], claims: "allowed " + text))
        #expect(error?.message == "conditions nest deeper than 64 levels")
      }
    }
  }
}
