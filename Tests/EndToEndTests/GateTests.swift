import Foundation
import Testing

/// Gates for CI: `--fail-on` of a replay, SARIF and JUnit, as a user gets them.
struct GateTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    // An unaligned store faults on Device memory (error FLT001), and is legal on Normal-NC, where a
    // doorbell of the same function behind it, without a barrier, is a warning (ORD001).
    try scratch.write(
      "t.csv",
      """
      op,vcpu,addr,size,kind,attr,region
      barrier,0,,,dsb.sy,,
      store,0,0x10000003,4,,0x44,ring
      store,0,0x20000000,4,,0x04,doorbell
      barrier,0,,,dsb.sy,,

      """)
    try scratch.write(
      "t.yaml",
      """
      regions:
        - {name: ring, base: 0x10000000, size: 0x1000, kind: bar, bdf: "0000:01:00.0", bar: 0}
        - {name: doorbell, base: 0x20000000, size: 0x1000, kind: bar, bdf: "0000:01:00.0", bar: 2}

      """)
  }

  private func run(_ policy: String, _ severity: String) throws -> Outcome {
    try scratch.mmioscope([
      "analyze", "t.csv", "--map", "t.yaml", "--policy", policy, "--fail-on", severity, "--csv",
      "out.csv",
    ])
  }

  @Test func `a finding that is as severe, or more, fails the run, whose outputs are there`() throws
  {
    for severity in ["error", "warning", "note"] {
      let outcome = try run("kvm-device", severity)
      #expect(outcome.status == 1)
      #expect(
        outcome.errors.contains("--fail-on \(severity): FLT001 kvm-device ring: "),
        "\(outcome.errors)")
      #expect(try scratch.list().contains("out.csv"))
    }
    let warned = try run("kvm-normal-nc", "warning")
    #expect(warned.status == 1)
    #expect(warned.errors.contains("ORD001 kvm-normal-nc doorbell: "), "\(warned.errors)")
    #expect(!warned.errors.contains("FLT001"))
    #expect(try run("kvm-normal-nc", "error").status == 0)
  }

  @Test func `a comparison fails for a finding of either mapping`() throws {
    let arguments = ["compare", "t.csv", "--map", "t.yaml", "--ranges", "off", "--csv", "-"]
    let outcome = try scratch.mmioscope(arguments + ["--fail-on", "error"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("FLT001 kvm-device ring: "))
    #expect(try scratch.mmioscope(arguments).status == 0)
    let wrong = try scratch.mmioscope(arguments + ["--fail-on", "fatal"])
    #expect(wrong.status == 2)
  }

  // Rows of findings.csv are the same findings by another writer.
  @Test func `the log has the findings of the table`() throws {
    let arguments = ["compare", "t.csv", "--map", "t.yaml", "--ranges", "off"]
    _ = try scratch.reporting(arguments, to: "out")
    let rows = try scratch.text("out/findings.csv").split(separator: "\n").dropFirst()
    let alone = try scratch.quietly(arguments + ["--sarif", "-"]).output
    #expect(try scratch.text("out/findings.sarif") == alone)
    let log = try #require(
      try JSONSerialization.jsonObject(with: Data(alone.utf8)) as? [String: Any])
    let runs = try #require(log["runs"] as? [[String: Any]])
    let results = try #require(runs.first?["results"] as? [[String: Any]])
    #expect(results.count >= 2)
    #expect(
      results.compactMap { $0["ruleId"] as? String }
        == rows.map { String($0.prefix { $0 != "," }) })
    // Record 2 of the CSV stands in line 3, behind the header and the barrier.
    let fault = try #require(results.first { $0["ruleId"] as? String == "FLT001" })
    let locations = try #require(fault["locations"] as? [[String: Any]])
    let place = try #require(locations[0]["physicalLocation"] as? [String: Any])
    let region = try #require(place["region"] as? [String: Int])
    #expect(region == ["startLine": 3])
    try scratch.failing(
      arguments + ["--sarif", "-", "--json", "-"], saying: ["--sarif can be -"])
  }

  @Test func `conditions of diff are cases of JUnit`() throws {
    for policy in ["kvm-device", "kvm-normal-nc"] {
      _ = try scratch.quietly([
        "analyze", "t.csv", "--map", "t.yaml", "--policy", "none", "--stage1",
        policy == "kvm-device" ? "all=device-ngnre" : "all=normal-nc", "--json", policy + ".json",
      ])
    }
    let outcome = try scratch.mmioscope([
      "diff", "kvm-device.json", "kvm-normal-nc.json", "--fail-on", "mwr > +0%", "--fail-on",
      "mrd > +0%", "--junit", "-",
    ])
    // The store that faulted under Device is a TLP under Normal-NC; there are no loads.
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("tests=\"2\" failures=\"1\" errors=\"0\""))
    #expect(outcome.output.contains("name=\"mwr &gt; +0%\">\n      <failure message="))
    #expect(outcome.output.contains("name=\"mrd &gt; +0%\"/>"))
  }

  @Test func `programs of litmus are cases of JUnit, those that cannot be read too`() throws {
    let head = """
      MMIO doorbell
      {
        X: bar+0x00 size 8 stage1 normal-nc policy kvm-normal-nc;
        Y: bar+0x40 size 4 stage1 device-ngnre policy kvm-normal-nc
      }
       P0               ;
       a: STR.X #1,[X]  ;
       b: STR.W #1,[Y]  ;

      """
    try scratch.write("right.litmus", head + "allowed (b -> a)\n")
    try scratch.write("false.litmus", head + "forbidden (b -> a)\n")
    try scratch.write("wrong.litmus", head + "allowed (b -> q)\n")
    let outcome = try scratch.mmioscope([
      "litmus", "right.litmus", "false.litmus", "wrong.litmus", "--junit", "gate.xml",
    ])
    #expect(outcome.status == 2)
    let text = try scratch.text("gate.xml")
    #expect(text.contains("tests=\"3\" failures=\"1\" errors=\"1\""))
    #expect(text.contains("name=\"wrong.litmus\">\n      <error message=\"wrong.litmus:9:"))
    #expect(text.contains("<failure message=\"forbidden (b -&gt; a): allowed"))
    let alone = try scratch.mmioscope(["litmus", "right.litmus", "--junit", "-"])
    #expect(alone.status == 0)
    #expect(alone.output.hasPrefix("<?xml") && alone.output.hasSuffix("</testsuites>\n"))
    let broken = try scratch.mmioscope(["litmus", "wrong.litmus", "--junit", "-"])
    #expect(broken.status == 2)
    #expect(broken.output.contains("tests=\"1\" failures=\"0\" errors=\"1\""))
  }

  @Test func `a share that match asks for is a case of JUnit`() throws {
    try scratch.write(
      "p.csv", scratch.mmioscope(["packets", "t.csv", "--map", "t.yaml"]).output)
    let arguments = ["match", "t.csv", "p.csv", "--map", "t.yaml", "--junit", "-"]
    let met = try scratch.mmioscope(arguments + ["--at-least", "100"])
    #expect(met.status == 0)
    #expect(met.output.contains("name=\"--at-least 100\"/>"))
    let none = try scratch.mmioscope(arguments)
    #expect(none.output.contains("tests=\"0\""))
    try scratch.write("p.csv", "type,addr,length_dw\nMWr,0x30000000,1\n")
    let missed = try scratch.mmioscope(arguments + ["--at-least", "100"])
    #expect(missed.status == 1)
    #expect(missed.output.contains("name=\"--at-least 100\">\n      <failure message="))
  }
}
