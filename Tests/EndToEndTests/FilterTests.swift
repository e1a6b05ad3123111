import Foundation
import Testing

/// Filters of the commands that run a trace: the numbers are those of `slice`, then the command.
struct FilterTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  struct Case: Sendable, CustomTestStringConvertible {
    var trace: String
    var options: [String]
    var testDescription: String { ([trace] + options).joined(separator: " ") }
  }

  /// Each option alone, and some together.
  static let cases =
    [
      ["--from", "1000", "--count", "54321"], ["--vcpu", "1"], ["--size", "4,2"],
      ["--direction", "store"], ["--direction", "load"], ["--address", "0x10000000+1M"],
    ].flatMap { options in Repository.traces.map { Case(trace: $0, options: options) } } + [
      Case(trace: "nvme-flr", options: ["--region", "0000:01:00.0 bar 0"]),
      Case(
        trace: "nvme-flr",
        options: ["--region", "0000:01:00.0 bar 0", "--vcpu", "0", "--size", "4"]),
      Case(trace: "fb-wc", options: ["--region", "display bar 0"]),
      Case(trace: "fb-wc", options: ["--from-mark", "marker-3", "--to-mark", "marker-5"]),
      Case(
        trace: "vfio-reclaim", options: ["--region", "nvme bar 0", "--region", "display bar 0"]),
      Case(
        trace: "vfio-reclaim",
        options: ["--from-mark", "marker-4", "--region", "igb bar 0", "--direction", "store"]),
    ]

  /// Where the capture has barriers, none is assumed for a part that has none (model: accessors).
  @Test func `a part of a capture with barriers needs none assumed`() throws {
    try scratch.write(
      "t.csv",
      """
      t_ns,vcpu,op,addr,size,kind
      1,0,barrier,,,dmb.st
      2,1,store,0x10000000,8,
      3,1,store,0x10000040,8,
      4,1,store,0x10000010,8,
      5,0,barrier,,,dmb.st

      """)
    for trace in ["t.csv", "t.mmt"] {
      if trace == "t.mmt" { try scratch.mmioscopeImport("t.csv", trace) }
      let filtered = try scratch.quietly(["compare", trace, "--vcpu", "1", "--json", "-"]).output
      #expect(filtered.contains("\"accessors\" : \"recorded\""), "\(trace)")
      #expect(!filtered.contains("\"accessors\" : \"bursts\""), "\(trace)")
      _ = try scratch.mmioscope(["slice", trace, "-o", "s.mmt", "--vcpu", "1"])
      for input in ["s.mmt", "-"] {
        let sliced = try scratch.mmioscope(
          ["compare", input, "--json", "-"], input: input == "-" ? "s.mmt" : nil
        ).output
        #expect(sliced.contains("\"accessors\" : \"recorded\""), "\(trace) \(input)")
        #expect(!sliced.contains("\"accessors\" : \"bursts\""), "\(trace) \(input)")
      }
      let counted = try scratch.mmioscope(["litmus", "--suite", "--against", "s.mmt"]).output
      #expect(counted.contains("accessors recorded"))
      // CSV has no place for it.
      let converted = try scratch.mmioscope(["convert", "s.mmt", "-o", "s.csv"])
      #expect(converted.status == 0 && converted.errors.contains("--accessors recorded"))
      let info = try scratch.quietly(["info", "s.mmt"]).output
      #expect(info.contains("no barriers in this part of the capture"))
    }
    // Without any, some are assumed, in a part as in the whole.
    try scratch.write("n.csv", "t_ns,vcpu,op,addr,size\n1,0,store,0x1000,8\n2,1,store,0x1040,8\n")
    let bare = try scratch.quietly(["compare", "n.csv", "--vcpu", "1", "--json", "-"]).output
    #expect(bare.contains("\"accessors\" : \"bursts\""))
  }

  /// A finding's record under a filter is asked about with the same filter.
  @Test func `why takes the filters of the run`() throws {
    try scratch.write(
      "t.csv",
      """
      t_ns,vcpu,op,addr,size,region
      1,0,store,0x20000000,4,gic
      2,0,store,0x10000000,8,bar
      3,0,store,0x20000000,4,gic
      4,0,store,0x10000008,8,bar

      """)
    let options = ["--region", "bar", "--record", "1"]
    let text = try scratch.quietly(["why", "t.csv"] + options).output
    let store = "record 1: store of 8 bytes, bar + 0x8 (0x10000008), vCPU 0, at 4 ns of the capture"
    #expect(text.contains(store))
    // Both stores of the line, by the filter's numbers.
    #expect(text.contains("> 1  bytes 8-15"))
    #expect(text.contains("  0  bytes 0-7"))
    let whole = try scratch.quietly(["why", "t.csv", "--record", "1"]).output
    #expect(whole.contains("record 1: store of 8 bytes, bar + 0x0 (0x10000000)"))
    try scratch.failing(
      ["why", "t.csv", "--region", "bar", "--record", "2"], saying: ["the trace has 2 records"])
    let report = try scratch.quietly(
      ["compare", "t.csv", "--region", "bar", "--markdown", "-", "--ranges", "off"]).output
    #expect(report.contains("--record N` with this run's filters shows"))
  }

  // Stamps 10, 20, 20, 30, 40; `--count` looks at so many records of the trace from the first that
  // `--from` and `--from-time` let in, whatever the other filters leave of them.
  @Test(arguments: [
    (["--count", "2"], [0, 1]), (["--from", "1", "--count", "2"], [1, 2]),
    (["--from-time", "20", "--count", "1"], [1]), (["--from-time", "21", "--count", "2"], [3, 4]),
    (["--from-time", "20", "--count", "9"], [1, 2, 3, 4]),
    (["--from-time", "50", "--count", "1"], []),
    (["--from", "2", "--from-time", "20", "--count", "2"], [2, 3]),
    (["--from-time", "20", "--count", "3", "--size", "4"], [2]),
    (["--from-time", "20", "--to-time", "30", "--count", "3"], [1, 2]),
  ])
  func `count begins where the time does`(options: [String], records: [Int]) throws {
    try scratch.write(
      "t.csv",
      """
      t_ns,vcpu,op,addr,size
      10,0,store,0x1000,8
      20,0,store,0x1008,8
      20,0,store,0x1010,4
      30,0,store,0x1018,8
      40,0,store,0x1020,8

      """)
    let dump = try scratch.quietly(["dump", "t.csv"] + options)
    let found = dump.lines.dropFirst().compactMap {
      $0.split(separator: ",").first.map(String.init)
    }
    #expect(found == records.map(String.init))
    guard !records.isEmpty else { return }
    try scratch.write("x", "")
    let sliced = try scratch.mmioscope(["slice", "t.csv", "-o", "part.mmt"] + options)
    #expect(
      sliced.errors.contains(
        "part.mmt: \(records.count == 1 ? "1 record" : "\(records.count) records") of t.csv"))
  }

  /// What a run says but of its capture: names, hashes and remarks differ.
  private func numbers(_ json: String) throws -> [Data] {
    let run = try JSON(json)
    let trace = run["trace"]
    return try [run["scenarios"], run["findings"], trace["records"], trace["sections"]].map {
      try $0.sortedText
    }
  }

  @Test(arguments: cases)
  func `a filtered run has the numbers of the slice's run`(case: Case) throws {
    let path = Repository.trace(`case`.trace)
    let options = `case`.options
    let sliced = try scratch.mmioscope(["slice", path, "-o", "part.mmt"] + options)
    #expect(sliced.status == 0, "\(sliced.errors)")
    func both(_ command: [String]) throws -> (String, String) {
      let filtered = try scratch.quietly([command[0], path] + options + command.dropFirst())
      return (
        filtered.output,
        try scratch.quietly([command[0], "part.mmt"] + command.dropFirst()).output
      )
    }
    let compared = try both(["compare", "--json", "-", "--ranges", "off"])
    #expect(try numbers(compared.0) == numbers(compared.1))
    let trace = try JSON(compared.0)["trace"]
    let first = try #require(trace["assumptions"][0].text)
    #expect(first.hasPrefix("Filtered: ") && first.contains(" of \(`case`.trace).mmt ("))
    let left = try #require(trace["counters"].list.first { $0["name"].text == "filtered_out" })
    let whole = try JSON(try scratch.quietly(["info", path, "--json", "-"]).output)
    let records = try #require(whole["counts"]["records"].integer ?? whole["records"].integer)
    #expect(left["count"].integer == records - (trace["records"].integer ?? 0))
    let analyzed = try both(["analyze", "--policy", "none", "--csv", "-"])
    #expect(analyzed.0 == analyzed.1)
    let swept = try both(["sweep", "--set", "cpu.buffers=1,4", "--csv", "-"])
    #expect(swept.0 == swept.1)
    let reset = try both(["reset", "--csv", "-"])
    #expect(reset.0 == reset.1)
    let contained = try both(["contain", "--platform", "pcie-server", "--csv", "-"])
    #expect(contained.0 == contained.1)
    let told = try both(["info", "--json", "-"])
    #expect(try JSON(told.0)["counts"].sortedText == JSON(told.1)["counts"].sortedText)
    let dumped = try both(["dump"])
    func numbered(_ text: String) -> [(number: Substring, rest: Substring)] {
      text.split(separator: "\n").dropFirst().map { row in
        let comma = row.firstIndex(of: ",") ?? row.endIndex
        return (row[..<comma], row[comma...])
      }
    }
    // The rows are the slice's, but their numbers those that they have in the trace.
    let (kept, own) = (numbered(dumped.0), numbered(dumped.1))
    #expect(kept.map(\.rest) == own.map(\.rest))
    let all = numbered(try scratch.quietly(["dump", path]).output)
    #expect(kept.allSatisfy { row in Int(row.number).map { all[$0].rest == row.rest } ?? false })
  }

  /// The config accesses through ECAM that reset a function stay with its BAR: FLRs and bus resets
  /// of the other functions are left out, so that fewer are found, but not none.
  @Test func `a region's filter keeps the resets of its function`() throws {
    let path = Repository.trace("vfio-reclaim")
    func functions(_ options: [String]) throws -> [String] {
      let table = rows(try scratch.quietly(["reset", path, "--csv", "-"] + options).output)
      let column = try #require(table[0].firstIndex(of: "function"))
      return table.dropFirst().map { $0[column] }
    }
    let some = try functions(["--region", "nvme bar 0"])
    #expect(!some.isEmpty && Set(some) == ["0000:02:00.0"])
    // The map: the NVMe controller is 0000:02:00.0.
    #expect(some.count == (try functions([]).count { $0 == "0000:02:00.0" }))
  }

  /// Both stores and the doorbell by hand: with the barrier left out by the vCPU's filter nothing
  /// orders them, which is what the first remark warns of.
  @Test func `the terminal and the report begin with what was left out`() throws {
    let options = ["--region", "display bar 0", "--size", "8"]
    let text = try scratch.quietly(["compare", Repository.trace("fb-wc")] + options).output
    #expect(text.contains("Filtered: "))
    let report = try scratch.quietly(
      ["compare", Repository.trace("fb-wc"), "--markdown", "-"] + options
    ).output
    let head = try #require(report.range(of: "**What this capture cannot tell:**"))
    let lines = report[head.upperBound...].split(separator: "\n")
    #expect(lines[0].hasPrefix("- Filtered: "))
    #expect(lines[0].contains("regions display bar 0; sizes 8"))
    let sweep = try scratch.quietly(
      ["sweep", Repository.trace("fb-wc"), "--set", "cpu.buffers=1,2", "--markdown", "-"] + options
    ).output
    #expect(sweep.contains("\n- Filtered: "))
  }

  @Test func `a wrong filter is an error of every command`() throws {
    let trace = Repository.trace("nvme-flr")
    let commands = [
      ["analyze"], ["compare"], ["sweep", "--set", "cpu.buffers=1,2"], ["reset"], ["info"],
      ["contain"],
    ]
    for command in commands {
      func fails(_ options: [String], _ says: String) throws {
        try scratch.failing([command[0], trace] + options + command.dropFirst(), saying: [says])
      }
      try fails(["--region", "nowhere"], "no region 'nowhere'")
      try fails(["--vcpu", "9"], "no vCPU 9; there are: 0, 1")
      try fails(["--from-mark", "begin"], "no mark 'begin'")
      try fails(["--from-time", "5", "--to-time", "4"], "--to-time lies before")
      try fails(["--address", "0x10-0x8"], "ends before it begins")
      try fails(["--direction", "up"], "load or store")
    }
    #expect(try scratch.list() == [])
  }

  @Test(arguments: [
    ("0x10++5", "'+5' in '0x10++5' is no number"), ("0x+10", "'0x' in '0x+10' is no number"),
    ("+5", "'' in '+5' is no number"), ("0X10", "'0X10' in '0X10' is no number"),
    ("010", "(a leading zero could mean octal)"), ("0x10--5", "'-5' in '0x10--5' is below zero"),
    ("0x10000000000000000", "is beyond 2^64"),
  ])
  func `numbers of addresses are written as in a map`(text: String, says: String) throws {
    try scratch.failing(["info", Repository.trace("nvme-flr"), "--address", text], saying: [says])
  }

  @Test func `an address may be grouped`() throws {
    let trace = Repository.trace("nvme-flr")
    #expect(
      try scratch.quietly(["info", trace, "--address", "0x1_0000+4_096"]).output
        == scratch.quietly(["info", trace, "--address", "0x10000+4096"]).output)
  }

  @Test func `a mark that is not there is told with those that are`() throws {
    try scratch.failing(
      ["slice", Repository.trace("fb-wc"), "--from-mark", "marker-99", "-o", "x.mmt"],
      saying: ["no mark 'marker-99'; there are: marker-1, marker-2"])
  }

  /// Nothing is left to judge: no verdict is given, and none of a format that the text is not of.
  @Test func `of no access nothing is judged`() throws {
    let path = Repository.trace("nvme-flr")
    let text = try scratch.quietly(["compare", path, "--from", "99999999"]).output
    #expect(text.contains("No access to any region: there is nothing to judge."))
    #expect(!text.contains("holds") && !text.contains("Nothing to gain"))
    try scratch.write("log", "what is this\nno one knows\n")
    for format in ["qemu-log", "mmiotrace", "rwmmio", "kvm-mmio"] {
      try scratch.failing(
        ["import", "log", "--format", format, "-o", "x.mmt"],
        saying: ["log: unknown-format: none of its lines is a record of"])
    }
    #expect(try scratch.list() == ["log"])
  }

  /// nvme-flr has five kinds of errors, RST005 in a window and with memory off, and six of the rest.
  @Test(arguments: [80, 100, 140])
  func `every kind of error is shown, and every name told apart`(width: Int) throws {
    let outcome = try scratch.shell(
      "COLUMNS=\(width) \"$MMIOSCOPE\" compare '\(Repository.trace("nvme-flr"))'")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.count <= 25)
    let errors = lines.filter { $0.hasPrefix("error ") }.map { $0.split(separator: " ")[1] }
    #expect(errors == ["RST001", "RST004", "RST005", "RST005", "RST009"])
    // Where the headline takes fewer lines, a warning or two have room.
    let shown = lines.count { $0.hasPrefix("warning ") }
    #expect(shown <= 1)
    #expect(
      lines.contains {
        $0.hasPrefix("\(6 - shown) more kinds of findings (\(3 - shown) warnings, 3 notes)")
      })
    let table = lines.drop { !$0.hasPrefix("region ") }.dropFirst()
    let names = table.prefix { !$0.hasPrefix("total ") }.map { $0.prefix(14) }
    #expect(!names.isEmpty && Set(names).count == names.count)
  }

  /// Rows are written as they are read, so that some may be there ahead of what is wrong.
  @Test func `a wrong filter is an error of dump`() throws {
    for (options, says) in [
      (["--region", "nowhere"], "no region 'nowhere'"), (["--vcpu", "9"], "no vCPU 9"),
    ] {
      let outcome = try scratch.mmioscope(["dump", Repository.trace("nvme-flr")] + options)
      #expect(outcome.status == 2)
      #expect(outcome.errors.contains(says))
    }
  }

  @Test func `a filtered census says what it is of`() throws {
    let text = try scratch.quietly(
      ["contain", Repository.trace("nvme-flr"), "--platform", "pcie-server", "--vcpu", "0"]
    ).output.replacing("\n", with: " ")
    #expect(text.contains("Filtered: ") && text.contains("of nvme-flr.mmt (vCPUs 0)"))
    try scratch.failing(["contain", "--matrix", "--vcpu", "0"], saying: ["need a trace"])
  }

  @Test func `a pipe of text can be filtered`() throws {
    try scratch.write("a.csv", "op,vcpu,addr,size\nstore,0,0x1000,8\nstore,1,0x1008,8\n")
    let outcome = try scratch.shell(
      "cat a.csv | \"$MMIOSCOPE\" analyze - --vcpu 1 --policy none --json -")
    #expect(outcome.status == 0)
    let run = try JSON(outcome.output)
    #expect(run["trace"]["records"].integer == 1)
    #expect(run["scenarios"][0]["totals"]["stores"].integer == 1)
  }
}
