import Testing

/// A native trace that was cut reads up to its last whole block, and says so.
struct CutTraceTests {
  static let name = "vfio-reclaim"
  let scratch: Scratch
  let whole: [UInt8]

  init() throws {
    scratch = try Scratch()
    try scratch.write("x", "")
    whole = try scratch.bytes(Repository.trace(Self.name))
  }

  @Test(arguments: [3, 5, 8])
  func `a trace cut in the middle gives its first records`(tenths: Int) throws {
    try scratch.write("cut.mmt", whole.prefix(whole.count * tenths / 10))
    let info = try JSON(scratch.quietly(["info", "cut.mmt", "--json", "-"]).output)
    let records = try #require(info["records"].integer)
    #expect(records > 0)
    #expect(info.counter("truncated_trace") == 1)
    let cut = try scratch.mmioscope(["dump", "cut.mmt"])
    #expect(cut.status == 0)
    #expect(cut.errors.contains("truncated_trace"))
    let first = try scratch.quietly(
      ["dump", Repository.trace(Self.name), "--count", "\(records)"])
    let isSame = cut.outputBytes == first.outputBytes
    #expect(isSame)
  }

  @Test func `compare of a cut trace counts it and goes on`() throws {
    try scratch.write("cut.mmt", whole.prefix(whole.count / 2))
    // On standard error, too: it was in the JSON alone, where import and dump said it aloud.
    for command in [["compare"], ["analyze"], ["reset"]] {
      let outcome = try scratch.mmioscope(command + ["cut.mmt", "--json", "-"])
      #expect(outcome.status == 0)
      #expect(outcome.errors.contains("truncated_trace: 1 (the trace ends at byte"))
      guard command != ["reset"] else { continue }
      let run = try JSON(outcome.output)
      #expect(run["trace"].counter("truncated_trace") == 1)
    }
    let shown = try scratch.quietly(["compare", "cut.mmt"]).output
    #expect(shown.contains("without a footer"))
    #expect(
      try scratch.mmioscope(["compare", "cut.mmt", "--markdown", "-"]).output
        .contains("truncated_trace"))
  }

  @Test func `import of a cut trace says it, and the copy keeps it`() throws {
    try scratch.write("cut.mmt", whole.prefix(whole.count / 2))
    let outcome = try scratch.mmioscope(["import", "cut.mmt", "-o", "copy.mmt"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("truncated_trace"))
    let info = try JSON(scratch.quietly(["info", "copy.mmt", "--json", "-"]).output)
    #expect(info.counter("truncated_trace") == 1)
  }

  @Test func `a trace cut in its first bytes is an error`() throws {
    for count in 4..<20 {
      try scratch.write("cut.mmt", whole.prefix(count))
      for verb in ["import", "compare"] {
        try scratch.failing(
          BadFileTests.arguments(verb, "cut.mmt"), saying: ["cut.mmt: truncated"])
      }
    }
    #expect(try scratch.list() == ["cut.mmt", "x"])
  }

  @Test func `a trace cut behind its head and before its first block is empty, and says so`() throws
  {
    try scratch.write("cut.mmt", whole.prefix(100))
    let info = try JSON(scratch.quietly(["info", "cut.mmt", "--json", "-"]).output)
    #expect(info["records"].integer == 0)
    #expect(info.counter("truncated_trace") == 1)
    let run = try JSON(scratch.mmioscope(["compare", "cut.mmt", "--json", "-"]).output)
    #expect(run["trace"].counter("truncated_trace") == 1)
  }

  @Test func `every command that reads a cut trace says so`() throws {
    try scratch.write("cut.mmt", whole.prefix(whole.count / 2))
    for arguments in [
      ["slice", "cut.mmt", "-o", "out.mmt"], ["cat", "cut.mmt", "-o", "out.mmt"],
      ["anonymize", "cut.mmt", "-o", "out.mmt"], ["convert", "cut.mmt", "-o", "out.csv"],
      ["reset", "cut.mmt"], ["sweep", "cut.mmt", "--set", "cpu.buffers=4"],
      ["sweep", "cut.mmt", "--set", "cpu.buffers=4", "--csv", "out.csv"],
      ["contain", "cut.mmt", "--csv", "out.csv"], ["packets", "cut.mmt"],
    ] {
      let outcome = try scratch.mmioscope(arguments)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains("truncated_trace: 1"), "\(arguments)")
    }
  }

  @Test func `blocks that are damaged are counted where they are passed over, by info, too`() throws
  {
    var damaged = whole
    damaged[whole.count / 2] ^= 0x10
    try scratch.write("bad.mmt", damaged)
    let info = try JSON(
      scratch.mmioscope(["info", "bad.mmt", "--skip-bad-records", "--json", "-"]).output)
    let dump = try scratch.mmioscope(["dump", "bad.mmt", "--skip-bad-records"])
    #expect(dump.status == 0)
    // The records of the block.
    #expect(info.counter("damaged_block") ?? 0 > 0)
    let rows = UInt64(dump.output.split(separator: "\n").count)
    #expect(info["records"].integer == rows - 1)
  }

  @Test func `a trace with a flipped bit in a block is refused with its place`() throws {
    var damaged = whole
    damaged[whole.count / 2] ^= 0x10
    try scratch.write("bad.mmt", damaged)
    let dump = try scratch.mmioscope(["dump", "bad.mmt"])
    #expect(dump.status == 2 && dump.errors.contains("bad.mmt: "))
    try scratch.failing(
      ["import", "bad.mmt", "-o", "out.mmt"], saying: ["bad.mmt: ", "byte offset"])
    #expect(try scratch.list() == ["bad.mmt", "x"])
  }
}
