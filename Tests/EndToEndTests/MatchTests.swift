import Testing

/// `match`: predicted TLPs beside an analyzer's list, as a user gets it.
struct MatchTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    // Eight stores of a line, twice, with recorded barriers: two TLPs of 64 bytes under Normal-NC,
    // sixteen of 8 bytes under Device.
    var rows = "t_ns,vcpu,op,addr,size,kind\n"
    for line in 0..<2 {
      for index in 0..<8 {
        let address = 0x1000_0000 + 64 * line + 8 * index
        rows += "\(100 * line + index),0,store,0x\(String(address, radix: 16)),8,\n"
      }
      rows += "\(100 * line + 8),0,barrier,,,dmb.st\n"
    }
    try scratch.write("t.csv", rows)
  }

  private func packets(_ policy: String, to path: String) throws {
    let outcome = try scratch.mmioscope(["packets", "t.csv", "--policy", policy, "--csv", path])
    #expect(outcome.status == 0)
  }

  @Test(arguments: ["kvm-device", "kvm-normal-nc"])
  func `what packets prints agrees with itself, however it comes`(policy: String) throws {
    try packets(policy, to: "p.csv")
    let arguments = ["match", "t.csv", "p.csv", "--policy", policy, "--at-least", "100"]
    let plain = try scratch.quietly(arguments).output
    #expect(plain.hasPrefix("100 % of \(policy == "kvm-device" ? 16 : 2) predicted requests were"))
    #expect(plain.contains("Columns not used: completes, function, register,"))
    try scratch.write("p.csv.zst", Inputs.zstd(scratch.text("p.csv")))
    let packed = try scratch.quietly(["match", "t.csv", "p.csv.zst"] + arguments.dropFirst(3))
    #expect(packed.output == plain.replacing("p.csv", with: "p.csv.zst"))
    let piped = try scratch.shell(
      "\"$MMIOSCOPE\" packets t.csv --policy \(policy) | \"$MMIOSCOPE\" match t.csv - "
        + "--policy \(policy) --at-least 100")
    #expect(piped.status == 0 && piped.output == plain.replacing("p.csv", with: "-"))
  }

  @Test(arguments: Repository.traces) func `a capture's TLPs agree with themselves`(
    name: String
  ) throws {
    let trace = Repository.trace(name)
    _ = try scratch.mmioscope(["packets", trace, "--count", "50000", "--csv", "p.csv"])
    let rows = try scratch.quietly(["match", trace, "p.csv", "--count", "50000", "--csv", "-"])
      .lines.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let totals = rows.filter { $0[0] == "count" && $0[1].isEmpty }
    let counts = Dictionary(uniqueKeysWithValues: totals.map { ($0[2], [$0[3], $0[4]]) })
    #expect(counts["compared"] == counts["agree"] && counts["agree"]?.first != "0")
    #expect(counts["reordered"] == ["0", "0"])
    #expect(counts["split_otherwise"] == ["0", "0"] && counts["other_bytes"] == ["0", "0"])
  }

  @Test func `stores seen one by one are splits of the lines predicted`() throws {
    try packets("kvm-device", to: "d.csv")
    let rows = try scratch.quietly(["match", "t.csv", "d.csv", "--csv", "-"]).lines
    #expect(rows.contains("count,,compared,2,16"))
    #expect(rows.contains("count,,agree,0,0"))
    #expect(rows.contains("count,,split_otherwise,2,16"))
    #expect(rows.contains("count,,predicted_only,0,"))
    #expect(rows.contains("write_size,,64,2,0") && rows.contains("write_size,,8,0,16"))
    // Header in line 1, a TLP a line.
    #expect(rows.contains { $0.hasSuffix(",split_otherwise,0,2 3 4 5 6 7 8 9") })
    let text = try scratch.quietly(["match", "t.csv", "d.csv"]).output
    #expect(text.hasPrefix("0 % of 2 predicted requests were seen as predicted, 100 % more in"))
    #expect(text.contains("--set rc.split"))
    #expect(text.contains("  predicted 0: MWr 0x10000000, 16 DWs, records 0-7, left by full"))
  }

  @Test func `a share that is not met exits with 1, and the outputs are there`() throws {
    try packets("kvm-normal-nc", to: "p.csv")
    let lines = try scratch.text("p.csv").split(separator: "\n")
    try scratch.write("half.csv", lines.prefix(2).joined(separator: "\n"))
    for (share, status) in [("50", 0), ("50.0001", 1), ("100", 1), ("0", 0)] {
      let outcome = try scratch.mmioscope([
        "match", "t.csv", "half.csv", "--at-least", share, "--json", "m.json",
      ])
      #expect(outcome.status == status, "\(share)")
      let json = try JSON(scratch.text("m.json"))
      #expect(json["at_least"].text == share)
      #expect(json["totals"]["agree"].integer == 1)
      #expect(outcome.errors.contains("--at-least \(share): 50 % of 2") == (status == 1))
    }
    #expect(
      try scratch.quietly(["match", "t.csv", "half.csv", "--markdown", "-"]).output.contains(
        "**50 % of 2 predicted requests were seen as predicted**"))
  }

  @Test func `a list of other addresses asks for the map`() throws {
    try scratch.write("o.csv", "type,addr,length_dw\nMWr,0x20000000,1\n")
    let text = try scratch.quietly(["match", "t.csv", "o.csv"]).output
    #expect(text.contains("does the map say where they are?"))
    #expect(text.contains("MWr outside the regions 0 predicted, 1 observed"))
    // A list without a row lacks everything.
    try scratch.write("none.csv", "type,addr,length_dw\n")
    #expect(try scratch.quietly(["match", "t.csv", "none.csv"]).output.hasPrefix("0 % of 2"))
  }

  @Test func `a region that lies elsewhere on the bus is compared there`() throws {
    try scratch.write(
      "m.yaml", "regions:\n  - { name: bar 0, base: 0x10000000, size: 4KiB, kind: bar }\n")
    let list = "type,addr,length_dw\nMWr,0x3800000000,16\nMWr,0x10000040,16\n"
    try scratch.write("o.csv", list)
    let map = ["match", "t.csv", "o.csv", "--map", "m.yaml"]
    let rows = try scratch.quietly(map + ["--observed-at", "bar 0=0x3800000000", "--csv", "-"])
      .lines
    #expect(rows.contains("count,bar 0,compared,2,1") && rows.contains("count,bar 0,agree,1,1"))
    #expect(rows.contains("not_compared,,MWr outside the regions,0,1"))
    for (place, says) in [
      ("bar 1=0x0", "--observed-at bar 1: the trace has no such region; it has: bar 0"),
      ("bar 0=0x2", "a multiple of 4"), ("bar 0", "REGION=0xADDRESS"),
    ] {
      try scratch.failing(map + ["--observed-at", place], saying: [says])
    }
  }

  @Test func `mistakes are told with their place, before anything is written`() throws {
    try scratch.write("bad.csv", "type,addr,length_dw\nMWr,0x10000000,1\nMWr,10,1\n")
    try scratch.failing(
      ["match", "t.csv", "bad.csv", "--json", "m.json"],
      saying: ["bad.csv:3:5: bad-record: expected a hexadecimal address with 0x in column addr"])
    try scratch.failing(
      ["match", "t.csv", "t.csv"], saying: ["t.csv:1:", "type, addr and length_dw"])
    try scratch.failing(["match", "t.csv", "gone.csv"], saying: ["gone.csv: "])
    try scratch.failing(["match", "-", "-"], saying: ["only one of both can be -"])
    for option in [["--at-least", "101"], ["--at-least", "1.00001"], ["--window", "0"]] {
      try scratch.failing(["match", "t.csv", "bad.csv"] + option, saying: [option[0]])
    }
    #expect(try scratch.list() == ["bad.csv", "t.csv"])
    try packets("kvm-device", to: "p.csv")
    let outcome = try scratch.mmioscope(
      ["match", "t.csv", "p.csv", "--json", "ok", "--csv", "none/x"])
    #expect(outcome.status == 2)
    #expect(try scratch.list() == ["bad.csv", "p.csv", "t.csv"])
  }
}
