import Testing

/// `litmus --against`, one criterion at a time.
struct PatternTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Two accesses of one vCPU a line; what differs from the pattern stands behind each.
  @Test(arguments: [
    ("store,0,0x10000000000,8,0x44,\nstore,0,0x10000000040,4,0x04,", 1, "the pattern itself"),
    (
      "store,0,0x10000000000,8,0x44,\nbarrier,0,,,,dmb.st\nstore,0,0x10000000040,4,0x04,", 0,
      "a barrier"
    ),
    (
      "store,0,0x10000000000,8,0x44,\nbarrier,0,,,,dmb.ld\nstore,0,0x10000000040,4,0x04,", 1,
      "a barrier that does not order stores"
    ),
    ("store,0,0x10000000000,8,0x44,\nstore,1,0x10000000040,4,0x04,", 0, "another vCPU"),
    ("store,0,0x10000000000,8,0x44,\nload,0,0x10000000040,4,0x04,", 0, "a load"),
    ("store,0,0x10000000000,8,0x04,\nstore,0,0x10000000040,4,0x04,", 0, "another type"),
    ("store,0,0x10000000040,8,0x44,\nstore,0,0x10000000040,4,0x04,", 0, "the same bytes"),
    ("store,0,0x10000000001,8,0x44,\nstore,0,0x10000000040,4,0x04,", 0, "an unaligned address"),
    ("store,0,0x10000000000,8,0x44,\nlost,0,,,,\nstore,0,0x10000000040,4,0x04,", 0, "lost events"),
  ])
  func `an access counts where it is as the program has it`(
    records: String, expected: Int, what: String
  ) throws {
    try scratch.write("t.csv", "op,vcpu,addr,size,attr,kind\n" + records + "\n")
    let found = try scratch.mmioscope([
      "litmus", "--suite", "--only", "L11", "--against", "t.csv", "--policy", "none", "--accessors",
      "recorded", "--csv",
    ])
    // program,region,vcpu,count,first_record,first_line
    let counts = found.lines.dropFirst().map { line in
      Int(line.split(separator: ",", omittingEmptySubsequences: false)[3]) ?? -1
    }
    #expect(counts.reduce(0, +) == expected, "\(what): \(found.output)\(found.errors)")
  }

  @Test func `a program of two CPUs is no pattern`() throws {
    try scratch.write("t.csv", "op,vcpu,addr,size\nstore,0,0x10000000000,8\n")
    let refused = try scratch.mmioscope([
      "litmus", "--suite", "--only", "L28", "--against", "t.csv",
    ])
    #expect(refused.status == 2)
  }
}
