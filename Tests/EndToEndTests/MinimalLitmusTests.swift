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

  @Test func `standard input cannot be read twice`() throws {
    try scratch.write("t.csv", Self.trace)
    try scratch.failing(
      ["analyze", "-", "--policy", "none", "--minimal-litmus", "x.litmus", "--json", "run.json"],
      saying: ["--minimal-litmus"], input: "t.csv")
  }
}
