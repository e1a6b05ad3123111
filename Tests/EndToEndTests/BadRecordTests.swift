import Testing

/// Records that break their grammar, at their place, under import and compare.
struct BadRecordTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A CSV of one bad row, and the place and the words of its error.
  struct BadRow: CustomTestStringConvertible, Sendable {
    var header = "op,vcpu,addr,size"
    var row: String
    var column: Int
    var says: String
    var testDescription: String { "\(row) under \(header)" }
  }

  /// Columns counted by hand, from 1.
  static let badRows = [
    BadRow(row: "store,0,0x1000,0", column: 16, says: "size from 1 to 64"),
    BadRow(row: "store,0,0x1000,65", column: 16, says: "'65'"),
    BadRow(row: "store,0,0x1000,9223372036854775808", column: 16, says: "'9223372036854775808'"),
    BadRow(row: "store,0,0x1000,18446744073709551616", column: 16, says: "range"),
    BadRow(row: "store,0,0x1000,-8", column: 16, says: "'-8'"),
    BadRow(row: "store,0,0xffffffffffffffff,8", column: 9, says: "below 2^64"),
    BadRow(row: "store,0,0xfffffffffffffff9,8", column: 9, says: "below 2^64"),
    BadRow(row: "store,0,0x10000000000000000,8", column: 9, says: "range"),
    BadRow(row: "store,0,4096,8", column: 9, says: "hexadecimal"),
    BadRow(row: "store,65536,0x1000,8", column: 7, says: "range"),
    BadRow(row: "store,9223372036854775808,0x1000,8", column: 7, says: "range"),
    BadRow(row: "store,-1,0x1000,8", column: 7, says: "'-1'"),
    BadRow(row: "stoer,0,0x1000,8", column: 1, says: "'stoer"),
    BadRow(row: "store,0,0x1000", column: 15, says: "a cell for each column"),
    BadRow(row: "store,0,0x1000,8,9", column: 17, says: "end of the row"),
    BadRow(
      header: "op,vcpu,addr,size,t_ns", row: "store,0,0x1000,8,18446744073709551616", column: 18,
      says: "nanoseconds"),
    BadRow(
      header: "op,vcpu,addr,size,t_ns", row: "store,0,0x1000,8,-1", column: 18, says: "'-1'"),
    BadRow(
      header: "op,vcpu,addr,size,value", row: "store,0,0x1000,4,0x100000000", column: 18,
      says: "at most the access's size"),
    BadRow(
      header: "op,vcpu,addr,size,value", row: "lost,0,,,0x10000000000000000", column: 10,
      says: "range"),
    BadRow(
      header: "op,vcpu,addr,size,kind", row: "barrier,0,,,dmb.xx", column: 13, says: "dmb.sy"),
    BadRow(
      header: "op,vcpu,addr,size,attr", row: "store,0,0x1000,8,0x100", column: 18, says: "0x100"),
  ]

  @Test(arguments: badRows, ["import", "compare"])
  func `a bad CSV row is an error with line and column`(bad: BadRow, verb: String) throws {
    try scratch.write("a.csv", bad.header + "\n" + bad.row + "\n")
    try scratch.failing(
      BadFileTests.arguments(verb, "a.csv"), saying: ["a.csv:2:\(bad.column): ", bad.says])
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test(arguments: badRows) func `a bad CSV row is skipped and counted as asked`(bad: BadRow) throws
  {
    let commas = String(repeating: ",", count: bad.header.split(separator: ",").count - 4)
    let good = "store,0,0x1000,8" + commas
    try scratch.write("a.csv", [bad.header, good, bad.row, good].joined(separator: "\n") + "\n")
    let arguments = ["info", "a.csv", "--skip-bad-records", "--json", "-"]
    let info = try JSON(scratch.quietly(arguments).output)
    #expect(info["records"].integer == 2)
    #expect(info.counter("bad_record_skipped") == 1)
  }

  @Test(arguments: [
    ("op,vcpu,addr", "the columns op, vcpu, addr and size"),
    ("op,vcpu,addr,size,colour", "'colour'"), ("op,op,vcpu,addr,size", "once"),
  ])
  func `a bad CSV header is an error even when records may be skipped`(
    header: String, says: String
  ) throws {
    try scratch.write("a.csv", header + "\nstore,0,0x1000,8\n")
    for more in [[], ["--skip-bad-records"]] {
      let arguments = ["info", "a.csv", "--format", "csv"] + more
      try scratch.failing(arguments, saying: ["a.csv:1:", says])
    }
  }

  /// The largest numbers that are allowed, one above them in `badRows`.
  @Test(arguments: ["9223372036854775808", "18446744073709551615"])
  func `2^63 and 2^64 - 1 are times`(time: String) throws {
    let header = "op,vcpu,addr,size,t_ns\n"
    try scratch.write("a.csv", header + "store,65535,0x1000,8,\(time)\nload,0,0x1000,8,0\n")
    let table = rows(try scratch.quietly(["dump", "a.csv"]).output)
    #expect(table[1][1] == time && table[1][2] == "65535")
    // Time never goes backwards in the model: the second stamp is repaired, and that is counted.
    let json = try JSON(scratch.quietly(["compare", "a.csv", "--json", "-"]).output)
    #expect(json["trace"].counter("time_backwards") == 1)
    #expect(json["scenarios"][0]["totals"]["loads"].integer == 1)
  }

  @Test func `lost events add up, and stop at the largest number`() throws {
    let header = "op,vcpu,addr,size,value\n"
    try scratch.write("few.csv", header + "lost,0,,,0x5\nlost,1,,,0x6\n")
    try scratch.write(
      "many.csv", header + "lost,0,,,0x8000000000000000\nlost,1,,,0x8000000000000001\n")
    for (name, lost) in [("few", 11), ("many", UInt64.max)] {
      try scratch.mmioscopeImport("\(name).csv", "\(name).mmt")
      for file in ["\(name).csv", "\(name).mmt"] {
        let info = try JSON(scratch.quietly(["info", file, "--json", "-"]).output)
        #expect(info["lost_events"].integer == lost, "\(file)")
        let run = try JSON(scratch.quietly(["compare", file, "--json", "-"]).output)
        #expect(run["trace"]["lost"].integer == lost, "\(file)")
      }
    }
    let table = rows(try scratch.quietly(["dump", "few.mmt"]).output)
    #expect(table.dropFirst().map { $0[6] } == ["0x5", "0x6"])
  }

  @Test func `an access at the very end of memory is an error or a result, never a trap`() throws {
    // No trace can hold the last byte there is.
    try scratch.write("a.csv", Inputs.csvHeader + "store,0,0xfffffffffffffff8,8\n")
    for command in ["dump", "compare"] {
      try scratch.failing([command, "a.csv"], saying: ["a.csv:2:9: range: "])
    }
    try scratch.write("b.csv", Inputs.csvHeader + "store,0,0xfffffffffffffff7,8\n")
    #expect(try scratch.quietly(["dump", "b.csv"]).output.contains("0xfffffffffffffff7"))
    let outcome = try scratch.mmioscope(["compare", "b.csv"])
    #expect(outcome.status == 2 && outcome.errors.contains("0xfffffffffffffff7"))
  }

  // MARK: A QEMU log line that is cut

  /// Where the arguments of a line of ``Inputs/log(_:)`` begin, and where its size is whole.
  private static let cuts: Range<Int> = {
    let line = Inputs.logLine(0)
    let start = line.utf8.count - line.drop { $0 != " " }.utf8.count
    return start..<line.utf8.count - " name 'nvme'\n".utf8.count - 1
  }()

  @Test func `a line cut in the middle of a log is an error with line and column`() throws {
    let line = Inputs.logLine(1)
    for end in Self.cuts {
      let cut = String(decoding: Array(line.utf8).prefix(end), as: UTF8.self)
      try scratch.write("a.log", Inputs.logLine(0) + cut + "\n" + Inputs.logLine(2))
      let errors = try scratch.failing(["dump", "a.log"], saying: ["a.log:2:", "bad-record"])
      // Found at the cut, or at the argument that it left incomplete.
      let column = Int(errors.split(separator: ":")[2]) ?? 0
      #expect(column > Self.cuts.lowerBound && column <= end + 1, "\(cut): \(errors)")
    }
  }

  @Test(arguments: ["import", "compare"])
  func `a line cut in the middle of a log leaves no output`(verb: String) throws {
    try scratch.write("a.log", Inputs.logLine(0) + "4711@17.1:memory_region_ops_write cpu 0 mr\n")
    try scratch.failing(BadFileTests.arguments(verb, "a.log"), saying: ["a.log:2:"])
    #expect(try scratch.list() == ["a.log"])
  }

  @Test func `a line cut in the middle of a log is counted when it may be skipped`() throws {
    let cut = "4711@17.1:memory_region_ops_write cpu 0 mr 0x5500 addr 0x1000\n"
    try scratch.write("a.log", Inputs.logLine(0) + cut + Inputs.logLine(2))
    let arguments = ["--skip-bad-records", "--json", "-"]
    let info = try JSON(scratch.quietly(["info", "a.log"] + arguments).output)
    #expect(info["records"].integer == 2)
    #expect(info.counter("bad_record_skipped") == 1)
    let outcome = try scratch.mmioscope(["compare", "a.log"] + arguments)
    // Lost data is told aloud, too.
    #expect(outcome.status == 0 && outcome.errors.hasPrefix("bad_record_skipped: 1 ("))
    let run = try JSON(outcome.output)
    #expect(run["trace"]["records"].integer == 2)
    #expect(run["trace"].counter("bad_record_skipped") == 1)
  }

  @Test func `a line cut at the end of a log is counted`() throws {
    let line = Array(Inputs.logLine(5).utf8)
    for end in Self.cuts {
      let cut = String(decoding: line.prefix(end), as: UTF8.self)
      try scratch.write("a.log", Inputs.log(5) + cut)
      let info = try JSON(scratch.quietly(["info", "a.log", "--json", "-"]).output)
      #expect(info["records"].integer == 5, "\(cut)")
      #expect(info.counter("cut_last_line") == 1, "\(cut)")
    }
  }

  @Test func `a line cut before its arguments does not pass silently either`() throws {
    let line = Array(Inputs.logLine(1).utf8)
    for end in 1..<Self.cuts.lowerBound {
      let cut = String(decoding: line.prefix(end), as: UTF8.self)
      for rest in ["", "\n" + Inputs.logLine(2)] {
        try scratch.write("a.log", Inputs.logLine(0) + cut + rest)
        let outcome = try scratch.mmioscope(["info", "a.log", "--json", "-"])
        guard outcome.status == 0 else { continue }
        let info = try JSON(outcome.output)
        #expect(info["records"].integer == (rest.isEmpty ? 1 : 2), "\(cut)")
        #expect(!info["counters"].list.isEmpty, "\(cut)")
      }
    }
  }

  @Test func `a cut CSV row at the end is counted`() throws {
    try scratch.write("a.csv", Inputs.csv + "store,0,0x1000")
    let outcome = try scratch.mmioscope(["compare", "a.csv", "--json", "-"])
    #expect(outcome.status == 0 && outcome.errors.hasPrefix("cut_last_line: 1 ("))
    let run = try JSON(outcome.output)
    #expect(run["trace"]["records"].integer == 2)
    #expect(run["trace"].counter("cut_last_line") == 1)
  }

  @Test func `a line longer than a megabyte is an error`() throws {
    try scratch.write("a.csv", Inputs.csvHeader + String(repeating: "8", count: 3_000_000) + "\n")
    try scratch.failing(["info", "a.csv"], saying: ["a.csv:2:1: ", "longer"])
  }
}

extension Scratch {
  /// Imports, and expects that to work.
  func mmioscopeImport(
    _ input: String, _ output: String, _ more: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try mmioscope(["import", input, "-o", output] + more)
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
  }
}
