import Testing

/// `litmus --against`: occurrences, against a second count made from `dump`.
struct PatternTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `payload, barrier, doorbell is found as often as the dump shows it`() throws {
    let trace = Repository.path("Traces/fb-wc.mmt")
    // Counted anew: a Normal-NC store, a store barrier, then as the vCPU's next access a Device-nGnRE
    // store. Both regions belong to the display's function.
    let rows = try scratch.mmioscope(["dump", trace]).lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    var last: [Substring: [Substring]] = [:]
    var hasBarrier: Set<Substring> = []
    var count = 0
    for row in rows {
      let (vcpu, operation) = (row[2], row[3])
      if operation == "barrier", row[8].hasPrefix("dmb.s") || row[8].hasPrefix("dsb.s") {
        hasBarrier.insert(vcpu)
      }
      guard operation == "store" || operation == "load" else { continue }
      if let before = last[vcpu], before[3] == "store", before[9] == "0x44", operation == "store",
        row[9] == "0x04", before[12].hasPrefix("display"), row[12].hasPrefix("display"),
        hasBarrier.contains(vcpu)
      {
        count += 1
      }
      hasBarrier.remove(vcpu)
      last[vcpu] = row
    }
    #expect(count > 0)
    let found = try scratch.mmioscope(["litmus", "--suite", "--only", "L12", "--against", trace])
    #expect(found.status == 0)
    #expect(found.output.contains("under kvm-normal-nc: \(count) occurrences"), "\(found.output)")
  }

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
      "litmus", "--suite", "--only", "L11", "--against", "t.csv", "--policy", "none",
    ])
    #expect(
      found.output.contains("under none: \(expected) occurrences"),
      "\(what): \(found.output)\(found.errors)")
  }

  @Test func `a program of two CPUs is no pattern`() throws {
    try scratch.write("t.csv", "op,vcpu,addr,size\nstore,0,0x10000000000,8\n")
    let refused = try scratch.mmioscope([
      "litmus", "--suite", "--only", "L28", "--against", "t.csv",
    ])
    #expect(refused.status == 2 && refused.errors.contains("one vCPU"))
  }
}
