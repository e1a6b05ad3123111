import Foundation
import Testing

/// `diff` as a gate for CI and as something to read.
struct DiffTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write("a.csv", Self.trace(barriers: false))
    try scratch.write("b.csv", Self.trace(barriers: true))
    for name in ["a", "b"] {
      _ = try scratch.quietly([
        "compare", name + ".csv", "--json", name + ".json", "--ranges", "off",
      ])
    }
  }

  /// Eight stores to one line under Normal-NC; with a barrier in the middle they leave as two TLPs.
  private static func trace(barriers: Bool) -> String {
    var rows = ["op,vcpu,addr,size,kind,attr,region"]
    // A barrier, so that none is assumed.
    rows.append("barrier,0,,,dsb.sy,,")
    for index in 0..<8 {
      if barriers, index == 4 { rows.append("barrier,0,,,dsb.st,,") }
      rows.append("store,0,0x\(String(0x1000_0000 + 8 * index, radix: 16)),8,,0x44,bar")
    }
    return rows.joined(separator: "\n") + "\n"
  }

  @Test func `a result does not differ from itself, in any form`() throws {
    _ = try scratch.reporting(["compare", "a.csv", "--ranges", "off"], to: "folder")
    for other in ["a.json", "folder", "folder/run.json"] {
      let outcome = try scratch.quietly(["diff", "a.json", other, "--fail-on", "any"])
      #expect(outcome.output.contains("no metric and no finding differs"), "\(other)")
    }
    let piped = try scratch.shell("gzip -c a.json | \"$MMIOSCOPE\" diff - a.json --fail-on any")
    #expect(piped.status == 0)
  }

  @Test func `a trace is replayed as compare does`() throws {
    let outcome = try scratch.quietly(["diff", "a.csv", "a.json", "--fail-on", "any"])
    #expect(outcome.output.contains("no metric and no finding differs"))
    // The format is the trace's.
    let named = try scratch.quietly(["diff", "a.json", "a.csv", "--format", "csv"])
    #expect(named.output.contains("no metric and no finding differs"))
    let (traces, results) = (
      try scratch.quietly(["diff", "a.csv", "b.csv", "--csv", "-"]).output,
      try scratch.quietly(["diff", "a.json", "b.json", "--csv", "-"]).output
    )
    #expect(traces == results)
    let buffers = try scratch.quietly(
      ["diff", "a.json", "a.csv", "--set", "cpu.buffers=2", "--csv", "-"])
    #expect(
      buffers.lines.dropFirst().allSatisfy { $0.hasPrefix("setting,") }, "\(buffers.output)")
    #expect(buffers.output.contains("setting,kvm-normal-nc,,cpu.buffers,4,2,,,\n"))
  }

  @Test func `numbers are those of both results`() throws {
    let rows = try scratch.quietly(["diff", "a.json", "b.json", "--csv", "-"]).lines
    #expect(rows.contains("metric,kvm-normal-nc,,mwr,1,2,1,,"))
    #expect(rows.contains("metric,kvm-normal-nc,bar,mwr_payload_histogram.64,1,0,-1,,"))
    #expect(rows.contains("metric,kvm-normal-nc,bar,mwr_payload_histogram.32,0,2,2,,"))
    #expect(!rows.contains { $0.contains("kvm-device,,mwr,") }, "eight before and after")
    let all = try scratch.quietly(["diff", "a.json", "b.json", "--all", "--csv", "-"]).lines
    #expect(all.contains("metric,kvm-device,,mwr,8,8,0,,"))
    let text = try scratch.quietly(["diff", "a.json", "b.json"]).output
    #expect(text.contains("+100.0 %"))
    let markdown = try scratch.quietly(["diff", "a.json", "b.json", "--markdown", "-"]).output
    #expect(markdown.contains("| `mwr` "))
    let json = try scratch.quietly(["diff", "a.json", "b.json", "--json", "-"]).output
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["changed"] as? Bool == true)
  }

  // 4 GiB and 8 GiB are 2^32 and 2^33: a digit and eight zeros in hexadecimal.
  @Test func `where a region lies is shown in hexadecimal, and told as it stands`() throws {
    for (name, base) in [("low", "0x100000000"), ("high", "0x200000000")] {
      try scratch.write("\(name).csv", "op,vcpu,addr,size\nstore,0,\(base),8\n")
      try scratch.write(
        "\(name).yaml", "regions:\n  - { name: b, base: \(base), size: 64KiB, kind: bar }\n")
      _ = try scratch.quietly([
        "compare", name + ".csv", "--map", name + ".yaml", "--json", name + ".json",
      ])
    }
    for form in [[], ["--markdown", "-"]] as [[String]] {
      let text = try scratch.quietly(["diff", "low.json", "high.json"] + form).output
      #expect(text.contains("0x100000000") && text.contains("0x200000000"))
      #expect(!text.contains("4294967296"))
    }
    let csv = try scratch.quietly(["diff", "low.json", "high.json", "--csv", "-"]).output
    #expect(csv.contains("setting,kvm-device,b,base,4294967296,8589934592,"))
  }

  @Test func `a condition that is met exits with 1, and says by what`() throws {
    let outcome = try scratch.mmioscope([
      "diff", "a.json", "b.json", "--fail-on", "kvm-normal-nc/bar/mwr > +50%", "--json", "d.json",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("kvm-normal-nc, bar: mwr 1 -> 2 (+100.0 %)"))
    let json = try scratch.text("d.json")
    #expect(json.contains("kvm-normal-nc/bar/mwr > +50%"))
    let kept = try scratch.mmioscope(["diff", "a.json", "b.json", "--fail-on", "mwr > +100%"])
    #expect(kept.status == 0)
    #expect(kept.errors.isEmpty)
  }

  @Test func `mistakes are told before anything is written`() throws {
    try scratch.failing(["diff", "a.json"], saying: ["after"])
    try scratch.failing(["diff", "-", "-"], saying: ["only one of both can be -"])
    try scratch.failing(
      ["diff", "a.json", "b.json", "--set", "cpu.buffers=2"], saying: ["need a trace"])
    try scratch.failing(
      ["diff", "a.json", "b.json", "--fail-on", "mwr"], saying: ["--fail-on 'mwr'"])
    try scratch.failing(["diff", "a.json", "none.json"], saying: ["none.json"])
    try scratch.write("other.json", "{\"schema_version\": 1}")
    try scratch.failing(["diff", "a.json", "other.json"], saying: ["other.json", "'tool'"])
    try scratch.failing(
      ["diff", "a.json", "b.json", "--csv", "out.csv", "--fail-on", "nix > 1"],
      saying: ["there is no metric 'nix'"])
    #expect(!scratch.exists("out.csv"))
    try scratch.failing(
      ["diff", "a.json", "b.json", "--json", "out.json", "--csv", "nowhere/out.csv"],
      saying: ["nowhere/out.csv"])
    #expect(!scratch.exists("out.json"))
  }
}
