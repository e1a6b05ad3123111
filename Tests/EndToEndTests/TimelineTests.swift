import Foundation
import Testing

/// `timeline`: the file as a user gets it; what stands in it is the subject of the room's own tests.
struct TimelineTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    var rows = "t_ns,vcpu,op,addr,size,kind\n"
    for index in 0..<40 {
      rows += "\(index),\(index / 20),store,0x\(String(0x1000_0000 + 8 * index, radix: 16)),8,\n"
    }
    try scratch.write("t.csv", rows + "50,0,barrier,,,dmb.st\n51,0,load,0x10000400,4,\n")
  }

  private func write(_ name: String, _ options: [String] = []) throws -> Outcome {
    let outcome = try scratch.mmioscope(["timeline", "t.csv", "-o", name] + options)
    #expect(outcome.status == 0, "\(options): \(outcome.errors)")
    return outcome
  }

  /// On Device each of 40 stores is a TLP, and the load two; `packets` says how many there are else.
  @Test func `as many TLPs as packets has rows are in the file of either mapping`() throws {
    let outcome = try write("t.pftrace")
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("kvm-device: accessors recorded; 42 TLPs\n"))
    let rows = try scratch.mmioscope(["packets", "t.csv"]).lines.count - 1
    #expect(rows < 42)
    #expect(outcome.errors.contains("kvm-normal-nc: accessors recorded; \(rows) TLPs\n"))
    // Above all a Trace: field 1, a message.
    let bytes = try scratch.bytes("t.pftrace")
    #expect(bytes.first == 0x0a)
    let text = String(decoding: bytes, as: UTF8.self)
    for word in ["kvm-device", "kvm-normal-nc", "link down", "1 us here is 1 ns modelled"] {
      #expect(text.contains(word), "\(word)")
    }
  }

  @Test func `the same bytes come of any number of cores, from a text and a native trace`() throws {
    // More than one chunk of text, which cores share.
    var rows = "t_ns,vcpu,op,addr,size\n"
    for index in 0..<60_000 {
      rows += "\(index),\(index % 3),store,0x\(String(0x1000_0000 + 4 * index, radix: 16)),4\n"
    }
    try scratch.write("long.csv", rows)
    func bytes(_ trace: String, _ threads: String, _ name: String) throws -> [UInt8] {
      let options = ["--threads", threads, "--count", "20000", "--accessors", "recorded"]
      let outcome = try scratch.mmioscope(["timeline", trace, "-o", name] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try scratch.bytes(name)
    }
    let one = try bytes("long.csv", "1", "a")
    #expect(one.count > 1_000_000)
    #expect(try bytes("long.csv", "2", "b") == one)
    #expect(try bytes("long.csv", "7", "c") == one)
  }

  /// RFC 1952: magic, deflate, no flags, no time.
  @Test func `a name in gz is compressed, without a time, and holds the same`() throws {
    _ = try write("t.pftrace")
    _ = try write("a.pftrace.gz")
    _ = try write("b.pftrace.gz")
    let packed = try scratch.bytes("a.pftrace.gz")
    #expect(packed.prefix(8) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
    #expect(try packed == scratch.bytes("b.pftrace.gz"))
    let unpacked = try scratch.shell("gzip -dc a.pftrace.gz")
    #expect(unpacked.status == 0)
    #expect(try unpacked.outputBytes == scratch.bytes("t.pftrace"))
    #expect(packed.count < unpacked.outputBytes.count / 2)
  }

  @Test func `standard output gets the bytes, standard error the words`() throws {
    _ = try write("t.pftrace")
    let outcome = try write("-")
    #expect(try outcome.outputBytes == scratch.bytes("t.pftrace"))
    #expect(outcome.errors.split(separator: "\n").count == 2)
  }

  @Test func `the window says what it leaves out`() throws {
    let outcome = try write("t.pftrace", ["--tlps", "10"])
    #expect(
      outcome.errors.contains(
        "kvm-device: accessors recorded; the first 10 TLPs, up to record 9; 32 TLPs behind them "
          + "left out: "), "\(outcome.errors)")
    let all = try write("u.pftrace", ["--tlps", "42"])
    #expect(!all.errors.contains("left out"))
  }

  @Test func `mappings, clock, scale and filters are those asked for`() throws {
    let options = [
      "--before", "none", "--after", "none", "--clock", "paced", "--time-scale", "250",
      "--count", "4",
    ]
    let outcome = try write("t.pftrace", options)
    #expect(outcome.errors.contains("none (before): "))
    let text = String(decoding: try scratch.bytes("t.pftrace"), as: UTF8.self)
    for word in ["none (after)", "250 ns here are 1 ns modelled, paced clock"] {
      #expect(text.contains(word), "\(word)")
    }
  }

  // MARK: Errors

  @Test func `wrong options are refused, and no file is left`() throws {
    for (options, parts) in [
      (["--tlps", "0"], ["--tlps is 1 to 4194304"]),
      (["--tlps", "4194305"], ["--tlps is 1 to 4194304"]),
      (["--time-scale", "0"], ["--time-scale is 1 to 1000"]),
      (["--time-scale", "1001"], ["--time-scale is 1 to 1000"]),
      (["--clock", "both"], ["timeline shows one clock"]),
      (["--stage1", "nobody=normal-nc"], ["no such region"]),
      (["--set", "cpu.bufers=1"], ["cpu.bufers"]),
      (["--threads", "0"], ["--threads 0"]),
    ] {
      try scratch.failing(["timeline", "t.csv", "-o", "t.pftrace"] + options, saying: parts)
    }
    try scratch.failing(["timeline", "t.csv"], saying: ["--output"])
    try scratch.failing(["timeline", "gone.csv", "-o", "t.pftrace"], saying: ["gone.csv: "])
    #expect(try scratch.list() == ["t.csv"])
  }

  @Test func `what cannot be read twice or written is refused`() throws {
    let piped = try scratch.shell("cat t.csv | \"$MMIOSCOPE\" timeline - -o t.pftrace")
    #expect(piped.status == 2 && piped.errors.contains("timeline reads the trace twice"))
    try scratch.failing(["timeline", "t.csv", "-o", "none/t.pftrace"], saying: ["none/t.pftrace"])
    try scratch.failing(["timeline", "t.csv", "-o", "t.csv"], saying: ["t.csv"])
    try scratch.write("bad.csv", "op,vcpu,addr,size\nstore,0,0x1000,8\nstore,0,what,8\n")
    try scratch.failing(["timeline", "bad.csv", "-o", "t.pftrace.gz"], saying: ["bad.csv:3:"])
    #expect(try scratch.list() == ["bad.csv", "t.csv"])
    let full = try scratch.mmioscope(["timeline", "t.csv", "-o", "/dev/full"])
    #expect(full.status == 2 && full.errors.contains("/dev/full"))
  }
}
