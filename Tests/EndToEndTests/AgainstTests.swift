import Foundation
import Testing

/// `litmus --against`, as its users run it.
struct AgainstTests {
  static let header = ["program", "region", "vcpu", "count", "first_record", "first_line"]
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A Normal-NC store, then a Device one to the same function.
  private static func program(_ barrier: String = "") -> String {
    """
    MMIO doorbell
    { X: bar+0x00 size 8 stage1 normal-nc; Y: bar+0x40 size 4 stage1 device-ngnre }
     P0               ;
     a: STR.X #1,[X]  ;
    \(barrier.isEmpty ? "" : " \(barrier) ;\n") b: STR.W #1,[Y]  ;
    allowed (a -> b)

    """
  }

  /// Neighbours among a vCPU's accesses, by their attribute bytes, with or without a barrier that
  /// orders stores and MMIO between: found in the dump's rows, by another program.
  private static let awk = """
    function orders(k) { return k ~ /^d[ms]b\\.(sy|st)(\\.osh)?$/ }
    function kind(op, attr, region) {
      if (op != "store" || region !~ /^display bar/) return "other"
      return attr == "0x44" ? "nc" : attr == "0x04" ? "device" : "other"
    }
    BEGIN { FS = "," }
    NR > 1 && $4 == "barrier" && orders($9) { barrier[$3] = 1 }
    NR > 1 && ($4 == "store" || $4 == "load") && $13 != "ecam" {
      now = kind($4, $10, $13)
      if (last[$3] == "nc" && now == "device") count["nc-device", barrier[$3] + 0]++
      if (last[$3] == "device" && now == "nc") count["device-nc", barrier[$3] + 0]++
      last[$3] = now
      barrier[$3] = 0
    }
    END {
      print count["nc-device", 0] + 0, count["nc-device", 1] + 0, count["device-nc", 0] + 0,
        count["device-nc", 1] + 0
    }
    """

  private func total(_ arguments: [String]) throws -> Int {
    let outcome = try scratch.quietly(
      ["litmus"] + arguments + ["--against", Repository.trace("fb-wc"), "--csv"])
    let table = rows(outcome.output)
    #expect(table[0] == Self.header)
    return table.dropFirst().reduce(0) { $0 + (Int($1[3]) ?? .min) }
  }

  @Test func `the counts of a capture are those that its rows hold`() throws {
    try scratch.write("count.awk", Self.awk)
    let trace = Repository.trace("fb-wc")
    let counted = try scratch.shell("\"$MMIOSCOPE\" dump '\(trace)' | awk -f count.awk")
    #expect(counted.errors == "")
    let numbers = counted.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(numbers.count == 4)
    // There is something to be found.
    #expect(numbers[1] > 0 && numbers[2] > 0)
    let found = [
      try total(["--suite", "--only", "L11"]), try total(["--suite", "--only", "L12"]),
      try total(["--suite", "--only", "L13"]),
    ]
    #expect(found == Array(numbers.prefix(3)))
  }

  /// `dump --from 473418` shows the vCPU's stores to 0x1012b600 and the three behind it, barriers,
  /// and the store to 0x1100850c; the first of them has source line 473420.
  @Test func `a row names the place of the first occurrence`() throws {
    let table = try scratch.quietly([
      "litmus", "--suite", "--only", "L12", "--against", Repository.trace("fb-wc"), "--csv",
    ]).output
    #expect(table.contains("\nL12,display bar 0,1,3,473418,473420\n"))
  }

  @Test func `the text has the verdict, the counts and what they mean`() throws {
    try scratch.write("a.litmus", Self.program("DMB OSHST"))
    let trace = Repository.trace("fb-wc")
    let outcome = try scratch.mmioscope(["litmus", "a.litmus", "--against", trace])
    #expect(outcome.status == 0)
    let order = [
      "Ok allowed (a -> b): allowed", "Pattern: store normal-nc, barrier, store device-ngnre",
      "Occurrences in fb-wc.mmt: 3 (1,009,418 records, policy kvm-normal-nc, accessors recorded)",
      "  region         count  first record     line\n",
      "  display bar 0      3       473,418  473,420\n", "An occurrence: ",
    ]
    let places = order.compactMap { outcome.output.range(of: $0)?.lowerBound }
    #expect(places.count == order.count, "\(outcome.output)")
    #expect(places == places.sorted())
  }

  /// Under a stage 2 of Device there is no Normal-NC store.
  @Test func `the policy decides the types`() throws {
    try scratch.write("a.litmus", Self.program("DMB OSHST"))
    #expect(try total(["a.litmus"]) == 3)
    #expect(try total(["a.litmus", "--policy", "kvm-device"]) == 0)
    #expect(try total(["a.litmus", "--stage1", "display bar 0=device-ngre"]) == 0)
  }

  @Test func `a program that does not occur has a row too`() throws {
    try scratch.write("t.csv", "op,vcpu,addr,size\nload,0,0x10000000,4\n")
    try scratch.write("a.litmus", Self.program())
    let outcome = try scratch.quietly(["litmus", "a.litmus", "--against", "t.csv", "--csv"])
    #expect(outcome.output == "program,region,vcpu,count,first_record,first_line\ndoorbell,,,0,,\n")
  }

  @Test func `a capture comes through a pipe, a program too, but not both`() throws {
    try scratch.write(
      "t.csv",
      "op,vcpu,addr,size,attr,kind\nstore,0,0x10000000,8,0x44,\nstore,0,0x10000040,4,0x04,\n"
        + "barrier,0,,,,isb\n")
    try scratch.write("a.litmus", Self.program())
    let piped = try scratch.quietly(
      ["litmus", "a.litmus", "--against", "-", "--csv"], input: "t.csv")
    #expect(rows(piped.output)[1].dropFirst(2) == ["0", "1", "0", "2"])
    let program = try scratch.quietly(
      ["litmus", "-", "--against", "t.csv", "--csv"], input: "a.litmus")
    #expect(program.output == piped.output)
    try scratch.failing(["litmus", "-", "--against", "-"], saying: ["standard input"])
  }

  private static let twoCPUs = """
    MMIO two
    { X: bar+0x00 size 8 stage1 normal-nc }
     P0               | P1               ;
     a: STR.X #1,[X]  | b: STR.X #1,[X]  ;
    allowed (a -> b)

    """
  private static let memory = """
    MMIO flag
    { F: memory = 0 }
     P0               ;
     a: STR.X #1,[F]  ;
    allowed (F=1)

    """

  @Test(arguments: [
    (twoCPUs, "cannot count 'two': 2 of its vCPUs have accesses"),
    (memory, "access 'a' is to memory"),
  ])
  func `a program that no capture can show is refused at its place`(
    text: String, message: String
  ) throws {
    try scratch.write("a.litmus", text)
    try scratch.failing(
      ["litmus", "a.litmus", "--against", Repository.trace("fb-wc")],
      saying: ["a.litmus:1:1: configuration: ", message])
  }

  @Test func `of the suite such programs are left out, and named`() throws {
    try scratch.write("t.csv", "op,vcpu,addr,size\nload,0,0x10000000,4\n")
    let outcome = try scratch.mmioscope(["litmus", "--suite", "--against", "t.csv", "--csv"])
    #expect(outcome.status == 0)
    let programs = Set(rows(outcome.output).map { $0[0] })
    #expect(programs.isSuperset(of: ["L11", "RESET", "FIFO"]))
    for name in ["L27", "L28", "SBR", "POLL", "MESSAGE"] {
      #expect(!programs.contains(name))
      #expect(outcome.errors.contains("cannot count '\(name)': "))
    }
    try scratch.failing(
      ["litmus", "--suite", "--only", "L28", "--against", "t.csv"], saying: ["cannot count 'L28'"])
  }

  @Test func `options about a trace want a trace`() throws {
    try scratch.write("a.litmus", Self.program())
    try scratch.failing(
      ["litmus", "a.litmus", "--policy", "none"], saying: ["--against TRACE"])
    try scratch.failing(
      ["litmus", "a.litmus", "--against", "missing.mmt"], saying: ["missing.mmt"])
    try scratch.failing(
      [
        "litmus", "a.litmus", "--against", Repository.trace("fb-wc"), "--stage1",
        "nobody=normal-nc",
      ],
      saying: ["no such region"])
  }

  @Test func `a claim that fails still ends with 1`() throws {
    try scratch.write("t.csv", "op,vcpu,addr,size\nload,0,0x10000000,4\n")
    try scratch.write("a.litmus", Self.program().replacing("allowed (", with: "required ("))
    let outcome = try scratch.mmioscope(["litmus", "a.litmus", "--against", "t.csv", "--csv"])
    #expect(outcome.status == 1)
    #expect(rows(outcome.output).count == 2)
    #expect(outcome.errors.contains("a claim fails"))
  }
}
