import Foundation
import Testing

/// `--minimal-litmus`: findings as programs that the explorer confirms.
struct MinimalLitmusTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// 0x44 is Normal-NC, 0x04 Device-nGnRE; no barriers, so that each finding has its pair.
  private static let trace = """
    op,vcpu,addr,size,attr
    store,0,0x10000000000,8,0x44
    store,0,0x10000000100,4,0x04
    load,0,0x10000000108,4,0x04
    store,0,0x10000000180,8,0x44
    store,0,0x10000000180,8,0x44
    store,0,0x10000000110,8,0x44
    store,0,0x10000000103,4,0x04

    """

  @Test func `each finding gives a program cut from the trace, and litmus confirms it`() throws {
    try scratch.write("t.csv", Self.trace)
    let made = try scratch.mmioscope([
      "analyze", "t.csv", "--policy", "none", "--accessors", "recorded", "--minimal-litmus",
      "min.litmus", "--json",
      "run.json",
    ])
    #expect(made.status == 0, "\(made.errors)")
    let text = try scratch.text("min.litmus")
    for code in ["ORD001", "ORD002", "ORD003", "ORD004", "MAP001", "FLT001"] {
      #expect(text.contains("MMIO \(code)-none-"), "\(code)")
    }
    // Records 0 and 1 are the payload and the doorbell.
    #expect(text.contains("\"record 0, then record 1"))
    #expect(text.contains("\"record 3, then record 4"))
    let checked = try scratch.mmioscope(["litmus", "min.litmus"])
    #expect(checked.status == 0)
    #expect(!checked.output.contains("\nNo "))
  }

  /// 2^40 is no multiple of 3; 0x20000001808 none of 12.
  @Test func `an access of three or twelve bytes faults in its program as in the trace`() throws {
    try scratch.write(
      "t.csv",
      """
      op,vcpu,addr,size,attr
      store,0,0x10000000000,3,0x04
      store,0,0x20000001808,12,0x04

      """)
    let made = try scratch.mmioscope([
      "analyze", "t.csv", "--policy", "none", "--minimal-litmus", "min.litmus", "--json", "-",
    ])
    #expect(made.status == 0, "\(made.errors)")
    let programs = try scratch.text("min.litmus").components(separatedBy: "MMIO FLT001").count - 1
    #expect(programs == 2)
    #expect(try scratch.mmioscope(["litmus", "min.litmus"]).status == 0)
  }

  @Test func `a register with side effects read through Normal-NC gives a speculative read`() throws
  {
    try scratch.write(
      "map.yaml",
      """
      regions:
        - name: bar0
          base: 0x10000000000
          size: 0x100000
          kind: bar
          side_effects: [ { offset: 0x40, size: 4 } ]

      """)
    try scratch.write("t.csv", "op,vcpu,addr,size,attr\nload,0,0x10000000040,4,0x44\n")
    let made = try scratch.mmioscope([
      "analyze", "t.csv", "--map", "map.yaml", "--policy", "none", "--minimal-litmus", "-",
      "--json",
      "run.json",
    ])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("MMIO ORD005-none-"))
    #expect(made.output.contains("allowed (speculated(a))"))
  }

  @Test func `Normal-NC asked for where KVM gives Device gives stores that do not gather`() throws {
    try scratch.write(
      "map.yaml",
      """
      regions:
        - name: gpio
          base: 0x9000000
          size: 0x1000
          kind: platform
          stage1: normal-nc

      """)
    try scratch.write("t.csv", "op,vcpu,addr,size\nstore,0,0x9000040,4\n")
    let made = try scratch.mmioscope([
      "analyze", "t.csv", "--map", "map.yaml", "--minimal-litmus", "-", "--json", "run.json",
    ])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("MMIO MAP002-kvm-normal-nc-"))
    #expect(made.output.contains("forbidden (a ~ b)"))
  }

  /// Small traces of all types, sizes, barriers and orders, on addresses that collide.
  private static func generated(_ seed: UInt64) -> String {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
    func pick<Value>(_ values: [Value]) -> Value {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return values[Int(state >> 33) % values.count]
    }
    var text = "op,vcpu,addr,size,attr,kind,flags\n"
    for _ in 0..<pick([2, 4, 6, 9, 12]) {
      if pick(Array(0..<7)) == 0 {
        text +=
          "barrier,\(pick([0, 1])),,,,\(pick(["dmb.st", "dmb.sy", "dmb.ld", "dsb.st", "dgh"])),\n"
        continue
      }
      let operation = pick(["store", "store", "load"])
      let size = pick([1, 2, 4, 8, 8, 16, 64])
      let address = 0x100_0000_0000 + pick([0, 8, 0x40, 0x44, 0x80]) + pick([0, 0, 0, 0, 3])
      let type = pick(["0x00", "0x04", "0x08", "0x0c", "0x44", "0x44", "0xff"])
      let order = operation == "store" ? "rel" : "acq"
      let flags = pick(Array(0..<8)) == 0 ? order : ""
      text +=
        "\(operation),\(pick([0, 0, 0, 1])),0x\(String(address, radix: 16)),\(size),\(type),,\(flags)\n"
    }
    return text
  }

  /// The engine's rules of thumb against the architecture's: no finding on these traces is one that
  /// the explorer denies.
  @Test func `the explorer confirms every finding of generated traces`() throws {
    var programs = 0
    for seed in 0..<120 {
      try scratch.write("t.csv", Self.generated(UInt64(seed)))
      let made = try scratch.mmioscope([
        "analyze", "t.csv", "--policy", "none", "--accessors", "recorded", "--minimal-litmus",
        "min.litmus", "--json", "run.json",
      ])
      #expect(made.status == 0, "seed \(seed): \(made.errors)")
      programs += try scratch.text("min.litmus").split(separator: "\n").filter {
        $0.hasPrefix("MMIO ")
      }.count
    }
    #expect(programs > 100)
  }

  @Test func `standard input cannot be read twice`() throws {
    try scratch.write("t.csv", Self.trace)
    try scratch.failing(
      ["analyze", "-", "--policy", "none", "--minimal-litmus", "x.litmus", "--json", "run.json"],
      saying: ["--minimal-litmus"], input: "t.csv")
  }

  /// A pipe that nobody writes to: who opened it would wait for ever.
  @Test(arguments: [
    "analyze pipe --minimal-litmus x.litmus --json run.json",
    "compare pipe --minimal-litmus x.litmus -o report", "why pipe --record 0 --json run.json",
  ])
  func `a pipe that has a name cannot be read twice either`(command: String) throws {
    let outcome = try scratch.shell(
      "mkfifo pipe; timeout -s KILL 60 \"$MMIOSCOPE\" \(command)")
    #expect(outcome.status == 2 && outcome.output == "")
    #expect(outcome.errors.contains("reads the trace twice") && outcome.errors.contains("a file"))
    #expect(try scratch.list() == ["pipe"])
  }
}
