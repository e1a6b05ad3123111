import Foundation
import Testing

/// `compare` with values in range: which the verdict flips on, and that a pipe is read once only.
///
/// Two lines are written in turns, 8 bytes at a time: with two buffers each line leaves whole, with
/// one every store pushes the other line's bytes out and there are as many writes as stores. With
/// acknowledgements that take no time neither mapping waits for anything but its own issue.
struct RangesTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    let stores = (0..<4096).map { index in
      let line = index % 2 + 2 * (index / 16)
      let address = 0x1000_0000 + 64 * line + 8 * (index / 2 % 8)
      return "store,0,0x\(String(address, radix: 16)),8\n"
    }
    try scratch.write("ab.csv", Inputs.csvHeader + stores.joined())
  }

  private static let fixed = [
    "--accessors", "recorded", "--stage1", "all=normal-nc", "--set", "cpu.device_ack_ns=0", "--set",
    "cpu.device_writes_in_flight=1024", "--set", "link.ph=0", "--set", "link.pd=0", "--set",
    "link.credit_loop_ns=0", "--set", "rc.split=runs",
  ]

  private func compare(_ options: [String]) throws -> String {
    try scratch.quietly(["compare", "ab.csv"] + Self.fixed + options).output
  }

  @Test func `one buffer is the value that the verdict flips on`() throws {
    let text = try compare(["--set", "cpu.buffers=1..8"])
    // Two more values are open, so that a corner changes several; the second pass finds the one.
    #expect(text.contains("flips to \"no gain\" at cpu.buffers=1\n"), "\(text)")
  }

  @Test func `with two buffers and more the verdict holds`() throws {
    let text = try compare(["--set", "cpu.buffers=2..8", "--set", "cpu.store_issue_ns=0.5"])
    #expect(text.contains("\nverdict holds for all values in range ("), "\(text)")
    // 1 ns a store, gathered or not, takes longer than its TLP.
    let open = try compare(["--set", "cpu.buffers=2..8", "--set", "cpu.store_issue_ns=0.5..1"])
    #expect(
      open.contains(
        "\nverdict holds for all values in range, but the speed of the whole trace does not ("))
    #expect(open.contains("\nspeed of the whole trace flips to \"no change\" at cpu.store_issue"))
  }

  /// A copy of 64 lines, in order, of a capture without barriers may as well be 512 calls of writel.
  ///
  /// Each has a barrier ahead of it. One barrier in the capture, at the end, shows that there were none.
  @Test func `advice that hangs on assumed barriers says so`() throws {
    let rows = (0..<512).map { "store,0,0x\(String(0x1000_0000 + 8 * $0, radix: 16)),8,,bar 2\n" }
    let head = "op,vcpu,addr,size,kind,region\n"
    try scratch.write("m.yaml", "regions: [ { name: bar 2, kind: bar, prefetchable: true } ]\n")
    try scratch.write("bare.csv", head + rows.joined())
    try scratch.write("held.csv", head + rows.joined() + "barrier,0,,,dmb.st,\n")
    func text(_ trace: String, _ options: [String] = []) throws -> String {
      try scratch.quietly(["compare", trace, "--map", "m.yaml"] + options).output
    }
    let doubt = "write-combining, unless barriers stand between its stores: 8.0x fewer TLPs"
    let bare = try text("bare.csv")
    #expect(bare.replacing("\n", with: " ").contains(doubt), "\(bare)")
    #expect(bare.contains("at accessors=linux-writel"))
    for known in [try text("held.csv"), try text("bare.csv", ["--accessors", "bursts"])] {
      #expect(known.contains("Map bar 2 write-combining: 8.0x fewer TLPs"), "\(known)")
      #expect(!known.contains("unless barriers") && !known.contains("accessors=linux-writel"))
    }
  }

  @Test func `no range is tried where none is wanted or left`() throws {
    let off = try compare(["--set", "cpu.buffers=1..8", "--ranges", "off"])
    let closed = try compare([
      "--set", "cpu.buffers=4", "--set", "cpu.store_issue_ns=0.5", "--set",
      "device.read_latency_ns=1000", "--set", "device.config_latency_ns=1000",
    ])
    for text in [off, closed] {
      #expect(!text.contains("in range") && !text.contains("flips"), "\(text)")
    }
  }

  @Test func `without the saturated clock it is said that no range is tried`() throws {
    let paced = ["compare", "ab.csv", "--clock", "paced"]
    let outcome = try scratch.mmioscope(paced)
    #expect(outcome.status == 0 && !outcome.output.contains("in range"))
    #expect(outcome.errors.hasPrefix("--clock paced: values in range are not tried"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    _ = try scratch.quietly(paced + ["--ranges", "off"])
    _ = try scratch.quietly(
      paced + Self.fixed + [
        "--set", "cpu.buffers=4", "--set", "cpu.store_issue_ns=0.5", "--set",
        "device.read_latency_ns=1000", "--set", "device.config_latency_ns=1000",
      ])
  }

  @Test func `a pipe is read once, and what it cannot tell is said`() throws {
    let options = (Self.fixed + ["--set", "cpu.buffers=1..8"]).joined(separator: " ")
    for input in ["-", "/dev/stdin"] {
      let outcome = try scratch.shell(
        "cat ab.csv | '\(Command.binary)' compare \(input) \(options)")
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains("give a file instead of a pipe"), "\(outcome.errors)")
      #expect(outcome.output.contains(" values changed; a file instead of a pipe tells which\n"))
    }
  }

  /// Its length is known, as that of a copy kept of a pipe is, but it is read to its end all the same.
  @Test func `standard input that is a file is read once as well`() throws {
    #expect(try scratch.mmioscope(["import", "ab.csv", "-o", "ab.mmt"]).status == 0)
    for name in ["ab.csv", "ab.mmt"] {
      let arguments = ["compare", "-"] + Self.fixed + ["--set", "cpu.buffers=1..8"]
      let outcome = try scratch.mmioscope(arguments, input: name)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("give a file instead of a pipe"))
      let again = try scratch.mmioscope(
        arguments.map { $0 == "-" ? "/dev/stdin" : $0 }, input: name)
      #expect(again.status == 0 && again.output.contains("flips to"), "\(again.errors)")
    }
  }

  @Test func `the report folder holds the ranges`() throws {
    let options = Self.fixed + ["--set", "cpu.buffers=1..8", "-o", "out"]
    #expect(try scratch.mmioscope(["compare", "ab.csv"] + options).status == 0)
    let table = rows(try scratch.text("out/ranges.csv"))
    #expect(table.count == 3, "head, region, whole")
    let names = table[0]
    let row = Dictionary(zip(names, table[1]), uniquingKeysWith: { first, _ in first })
    #expect(row["holds"] == "false" && row["flips_on"] == "cpu.buffers=1")
    // 4096 stores in 512 lines of 64 bytes; with one buffer 4096 writes.
    #expect(row["tlp_ratio_low"] == "1.000000" && row["tlp_ratio_high"] == "8.000000")
    #expect(try scratch.text("out/report.md").contains("## How sure"))
  }

  @Test func `a wrong range is an error`() throws {
    try scratch.failing(
      ["compare", "ab.csv", "--set", "cpu.buffers=8..1"],
      saying: ["--set cpu.buffers=8..1: the range 8 to 1 ends before it starts"])
    try scratch.failing(["compare", "ab.csv", "--ranges", "maybe"], saying: ["maybe"])
    try scratch.failing(["analyze", "ab.csv", "--ranges", "on"], saying: ["--ranges"])
  }
}
