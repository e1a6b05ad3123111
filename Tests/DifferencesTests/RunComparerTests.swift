import Results
import Testing

@testable import Differences

/// Which numbers of two results belong together.
struct RunComparerTests {
  private typealias D = Document

  @Test func `a result does not differ from itself`() throws {
    let text = D.text(
      [
        D.scenario(
          "a", settings: #""cpu.buffers": 4"#, totals: #""mwr": 3, "paced": null"#,
          regions: [("r", #""mwr": 3"#), ("r", #""mwr": 0"#)])
      ], findings: [D.finding("ORD001", "a", region: "r", count: 2)])
    let difference = try D.difference(text, text)
    #expect(!difference.isChanged)
    #expect(difference.settings.filter(\.isChanged).isEmpty)
    #expect(difference.scenarios == ["a"])
  }

  @Test func `a count by kind is 0 where it is left out, and unknown where it is null`() throws {
    let before = D.scenario(
      "a",
      totals: #"""
        "mwr": 3, "flush_causes": { "full": 2 }, "mwr_payload_histogram": { "8": 1, "64": 1 },
        "paced": null, "saturated": { "time_ps": 5, "goodput_bytes_per_s": null,
          "load_latency_ps": null, "time_parts_ps": { "link": 5 } }
        """#)
    let after = D.scenario(
      "a",
      totals: #"""
        "mwr": 3, "flush_causes": { "barrier": 1 }, "mwr_payload_histogram": { "128": 1 },
        "paced": { "time_ps": 9 }, "saturated": { "time_ps": 5, "goodput_bytes_per_s": 8,
          "load_latency_ps": { "max": 7 }, "time_parts_ps": { "issue": 5 } }
        """#)
    let difference = try D.difference(D.text([before]), D.text([after]))
    let expected: [(String, [UInt64?])] = [
      ("mwr", [3, 3]), ("flush_causes.full", [2, 0]), ("flush_causes.barrier", [0, 1]),
      ("mwr_payload_histogram.8", [1, 0]), ("mwr_payload_histogram.64", [1, 0]),
      ("mwr_payload_histogram.128", [0, 1]), ("paced.time_ps", [nil, 9]),
      ("saturated.time_ps", [5, 5]), ("saturated.goodput_bytes_per_s", [nil, 8]),
      ("saturated.load_latency_ps.max", [nil, 7]), ("saturated.time_parts_ps.link", [5, 0]),
      ("saturated.time_parts_ps.issue", [0, 5]),
    ]
    for (name, values) in expected {
      #expect(difference.values("a", nil, name) == values, "\(name)")
    }
    let sizes = difference.metrics.map(\.name).filter { $0.hasPrefix("mwr_payload") }
    #expect(sizes.map { $0.split(separator: ".")[1] } == ["8", "64", "128"])
    // Those of the scenario, and the two of the trace: nothing else is a row.
    #expect(difference.metrics.count == expected.count + 2)
  }

  @Test func `scenarios are matched by name, or where there is one alone`() throws {
    let (a, b, c) = (D.scenario("a"), D.scenario("b"), D.scenario("c"))
    let some = try D.difference(D.text([a, b]), D.text([c, a]))
    #expect(some.scenarios == ["a"])
    #expect(some.scenariosBefore == ["b"])
    #expect(some.scenariosAfter == ["c"])
    #expect(some.isChanged)
    let single = try D.difference(D.text([a]), D.text([b]))
    #expect(single.scenarios == ["a -> b"])
    #expect(!single.isChanged)
  }

  @Test func `regions are matched by name, those of one name in their order`() throws {
    let before = D.scenario(
      "a", regions: [("bar", #""mwr": 1"#), ("bar", #""mwr": 2"#), ("old", #""mwr": 3"#)])
    let after = D.scenario(
      "a", regions: [("new", #""mwr": 4"#), ("bar", #""mwr": 1"#), ("bar", #""mwr": 5"#)])
    let difference = try D.difference(D.text([before]), D.text([after]))
    #expect(difference.values("a", "bar", "mwr") == [1, 1])
    #expect(difference.values("a", "bar (2)", "mwr") == [2, 5])
    #expect(difference.values("a", "old", "mwr") == [3, nil])
    #expect(difference.values("a", "new", "mwr") == [nil, 4])
  }

  @Test func `regions that look like numbered ones stay apart`() throws {
    let text = D.text([
      D.scenario("a", regions: [("b", #""mwr": 1"#), ("b", #""mwr": 2"#), ("b (2)", #""mwr": 3"#)])
    ])
    let difference = try D.difference(text, text)
    #expect(difference.metrics.filter { $0.region != nil }.map(\.before) == [1, 2, 3])
    #expect(!difference.isChanged)
  }

  @Test func `settings, profiles and types of regions are settings`() throws {
    let before = D.scenario("a", settings: #""cpu.buffers": 4, "rc.ecrc": false, "x": 0.5"#)
    let after = D.scenario(
      "a", settings: #""cpu.buffers": 8, "rc.ecrc": true, "x": "never""#,
      regions: [("r", "")])
    let difference = try D.difference(D.text([before]), D.text([after]))
    let changed = difference.settings.filter(\.isChanged)
    #expect(changed.map(\.name) == ["cpu.buffers", "rc.ecrc", "x", "effective"])
    #expect(changed.map(\.before) == ["4", "false", "0.5", nil])
    #expect(changed.map(\.after) == ["8", "true", "never", "normal-nc"])
    #expect(changed.map(\.region) == [nil, nil, nil, "r"])
    #expect(!difference.isChanged, "a setting is no result")
  }

  @Test func `a finding that gets worse, or is of another kind, is another one`() throws {
    func difference(_ kind: (String) -> String?) throws -> RunDifference {
      func text(_ errors: UInt64, _ dirty: UInt64) -> String {
        D.text(
          [D.scenario("a")],
          findings: [
            D.finding(
              "RST009", "a", region: "r", count: errors, severity: "error", kind: kind("x")),
            D.finding("RST009", "a", region: "r", count: 16 - errors, kind: kind("x")),
            D.finding("RST005", "a", region: "r", count: dirty, kind: kind("p")),
            D.finding("RST005", "a", region: "r", count: 28 - dirty, kind: kind("q")),
          ])
      }
      return try D.difference(text(4, 2), text(8, 12))
    }
    let told = try difference { $0 }.findings
    #expect(told.map(\.name) == ["RST005", "RST005", "RST009", "RST009"])
    #expect(told.map(\.before?.count) == [2, 26, 4, 12])
    #expect(told.map(\.after?.count) == [12, 16, 8, 8])
    #expect(told.map(\.after?.severity) == ["warning", "warning", "error", "warning"])
    // A result without kinds on one side: what is known on both must do.
    let older = try D.difference(
      D.text([D.scenario("a")], findings: [D.finding("A", "a", region: nil, count: 3, kind: nil)]),
      D.text(
        [D.scenario("a")],
        findings: [
          D.finding("A", "a", region: nil, count: 1, kind: "x"),
          D.finding("A", "a", region: nil, count: 2, kind: "y"),
        ]))
    #expect(!older.isChanged)
  }

  @Test func `findings of one code, severity, kind, scenario and region count together`() throws {
    let before = D.text(
      [D.scenario("a")],
      findings: [
        D.finding("ORD001", "a", region: "r", count: 2, first: 9),
        D.finding("ORD001", "a", region: "r", count: 3, first: 4),
        D.finding("PRF001", "a", region: nil, count: 1),
      ])
    let after = D.text(
      [D.scenario("a")],
      findings: [
        D.finding("ORD001", "a", region: "r", count: 5, first: 30),
        D.finding("ORD002", "a", region: nil, count: .max),
        D.finding("ORD002", "a", region: nil, count: 1),
      ])
    let difference = try D.difference(before, after)
    let rows = difference.findings
    #expect(rows.map(\.name) == ["ORD001", "ORD002", "PRF001"])
    #expect(rows.map(\.before?.count) == [5, nil, 1])
    #expect(rows.map(\.after?.count) == [5, .max, nil])
    // The first of them speaks.
    #expect(rows[0].before?.firstRecord == 4)
    #expect(rows[0].before?.message == "m4")
    #expect(rows.map(RunDifference.isChanged) == [false, true, true])
  }

  @Test func `what a trace lost or skipped is compared`() throws {
    let counter = #"{ "name": "bad_records", "count": 3, "meaning": "", "severity": "loss" }"#
    let difference = try D.difference(
      D.text([D.scenario("a")]), D.text([D.scenario("a")], counters: counter))
    #expect(difference.values(nil, nil, "counters.bad_records") == [0, 3])
    #expect(difference.values(nil, nil, "records") == [7, 7])
    #expect(difference.isChanged)
  }
}
