import Foundation
import Testing

/// `sweep`: a point's rows are those of `compare` and `analyze` with the same options.
struct SweepTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write("a.csv", Inputs.csv)
  }

  /// Settings and their values; none has a comma, so that the reader of CSV can be simple.
  struct Grid: Sendable {
    var axes: [(name: String, values: [String])]

    var options: [String] {
      axes.flatMap { ["--set", $0.name + "=" + $0.values.joined(separator: ",")] }
    }

    /// Every combination, the last setting fastest.
    var points: [[String]] {
      axes.reduce([[]]) { points, axis in
        points.flatMap { point in axis.values.map { point + [$0] } }
      }
    }

    /// The options of one run.
    func options(_ point: [String]) -> [String] {
      zip(axes, point).flatMap { axis, value in
        switch axis.name {
        case "cpu", "rc", "link", "device", "accessors": ["--" + axis.name, value]
        default: ["--set", axis.name + "=" + value]
        }
      }
    }
  }

  static let grids = [
    Grid(axes: [
      ("cpu.buffers", ["1", "2", "8"]), ("link", ["gen3x8", "gen4x8", "gen5x16"]),
    ]),
    Grid(axes: [
      ("accessors", ["recorded", "linux-writel", "bursts"]), ("cpu", ["neoverse-n1", "x86-wc"]),
      ("rc.split", ["runs", "minimal"]),
    ]),
    Grid(axes: [
      ("link.credit_loop_ns", ["0", "200.5", "900"]), ("accessors", ["auto", "relaxed"]),
      ("device", ["generic", "intel-gts"]),
    ]),
    Grid(axes: [
      ("rc", ["generic", "aligned", "qword"]), ("cpu.drain_after_ns", ["never", "64"]),
      ("link.mps", ["128", "512"]), ("cpu.device_ack_ns", ["0"]),
    ]),
  ]

  /// The rows of single runs, with the values in front.
  private func expected(_ grid: Grid, _ command: [String]) throws -> [[String]] {
    var table: [[String]] = []
    for point in grid.points {
      let single = rows(
        try scratch.quietly(command + grid.options(point) + ["--csv", "-"]).output)
      if table.isEmpty { table.append(grid.axes.map(\.name) + single[0]) }
      table += single.dropFirst().map { point + $0 }
    }
    return table
  }

  @Test(arguments: grids.indices, Repository.traces)
  func `a point's rows are those of compare`(index: Int, trace: String) throws {
    let grid = Self.grids[index]
    let path = Repository.trace(trace)
    let swept = try scratch.quietly(["sweep", path] + grid.options + ["--csv", "-"]).output
    let same = try expected(grid, ["compare", path, "--ranges", "off"])
    #expect(same.count > grid.points.count * 2)
    let isSame = rows(swept) == same
    #expect(isSame, "\(trace), \(grid.options)")
  }

  /// Read with Foundation: each point's scenarios hold what compare's do, but for what only a run has.
  @Test func `a point of the JSON has compare's scenarios`() throws {
    let path = Repository.trace("vfio-reclaim")
    let grid = Grid(axes: [("cpu.buffers", ["1", "2"]), ("link", ["gen3x8", "gen5x16"])])
    let swept = try JSON(
      try scratch.quietly(["sweep", path] + grid.options + ["--json", "-"]).output)
    #expect(swept.keys == ["schema_version", "trace", "axes", "points"])
    #expect(swept["axes"].list.map { $0["name"].text } == ["cpu.buffers", "link"])
    #expect(swept["points"].list.count == 4)
    for (point, values) in zip(swept["points"].list, grid.points) {
      #expect(
        point["set"].value as? [String: String] == ["cpu.buffers": values[0], "link": values[1]])
      let single = try JSON(
        try scratch.quietly(
          ["compare", path, "--ranges", "off", "--json", "-"] + grid.options(values)
        ).output)
      #expect(try swept["trace"].sortedText == single["trace"].sortedText)
      for (scenario, same) in zip(point["scenarios"].list, single["scenarios"].list) {
        #expect(same.keys.subtracting(scenario.keys) == ["link_use", "setting_sources"])
        #expect(try scenario["settings"].sortedText == same["settings"].sortedText)
        for key in ["stores", "mwr", "wire_down_bytes", "mwr_payload_histogram", "flush_causes"] {
          let isSame = try scenario["totals"][key].sortedText == same["totals"][key].sortedText
          #expect(isSame, "\(key)")
        }
        for clock in ["saturated", "paced"] {
          #expect(
            scenario["totals"][clock]["time_ps"].integer
              == same["totals"][clock]["time_ps"].integer)
        }
      }
    }
  }

  @Test func `a matrix is the same settings from a file, before those of the options`() throws {
    let path = Repository.trace("nvme-flr")
    try scratch.write(
      "grid.yaml",
      """
      # Lists, a single value, and a link that has commas of its own.
      cpu.buffers: [1, 8]
      link:
        - gen3x8
        - gen4x8,mps=128
      cpu: neoverse-n1
      link.credit_loop_ns: 200.5

      """)
    let options = [
      "--set", "cpu.buffers=1,8", "--set", "link=gen3x8,gen4x8,mps=128", "--set", "cpu=neoverse-n1",
      "--set", "link.credit_loop_ns=200.5", "--set", "rc=generic,qword",
    ]
    let set = try scratch.quietly(["sweep", path, "--csv", "-"] + options).output
    let matrix = try scratch.quietly(
      ["sweep", path, "--matrix", "grid.yaml", "--set", "rc=generic,qword", "--csv", "-"]
    ).output
    #expect(set == matrix)
    #expect(set.split(separator: "\n").count > 8)
  }

  @Test(arguments: [
    ("cpu.bufers: [1]\n", "m.yaml:1:1: configuration: unknown key 'cpu.bufers'"),
    ("link: gen4x8\ncpu.buffers: [1, x]\n", "m.yaml:2:14: configuration: cpu.buffers: 'x' is not"),
    ("cpu.buffers: [1..4]\n", "'1..4' is a range"), ("cpu.buffers: [2, 2]\n", "given twice"),
    ("cpu.buffers: []\n", "the list is empty"), ("- cpu.buffers\n", "expected a mapping"),
    ("cpu.buffers: { a: 1 }\n", "expected a sequence"),
    ("cpu.buffers: [[1]]\n", "expected a value"),
    ("{}\n", "names no setting"), ("accessors: [fast]\n", "'fast' is not allowed"),
    ("cpu.buffers: 1\nlink: gen9x9\n", "m.yaml:2:7: configuration: link: link 'gen9x9'"),
    ("cpu: nobody\n", "m.yaml:1:6: "),
  ])
  func `what a matrix cannot be is told with its place`(text: String, says: String) throws {
    try scratch.write("m.yaml", text)
    try scratch.failing(["sweep", "a.csv", "--matrix", "m.yaml"], saying: [says, "m.yaml:"])
    try scratch.failing(["sweep", "a.csv", "--matrix", "none.yaml"], saying: ["none.yaml"])
    try scratch.failing(
      ["sweep", "a.csv", "--matrix", "m.yaml", "--set", "cpu.buffers=1"], saying: ["m.yaml:"])
  }

  @Test func `with one mapping they are those of analyze`() throws {
    let path = Repository.trace("nvme-flr")
    let options = ["--stage1", "all=normal-nc", "--fwb", "on", "--clock", "saturated"]
    for policy in ["kvm-device", "kvm-normal-nc", "none"] {
      let rest = ["--policy", policy] + options
      let swept = try scratch.quietly(
        ["sweep", path] + Self.grids[0].options + rest + ["--csv", "-"])
      #expect(rows(swept.output) == (try expected(Self.grids[0], ["analyze", path] + rest)))
    }
  }

  @Test func `other mappings are compared where they are asked for`() throws {
    let path = Repository.trace("vfio-reclaim")
    let options = ["--before", "none", "--after", "none"]
    let swept = try scratch.quietly(
      ["sweep", path] + Self.grids[0].options + options + ["--csv", "-"])
    let same = try expected(Self.grids[0], ["compare", path, "--ranges", "off"] + options)
    #expect(rows(swept.output) == same)
    #expect(same[1].contains("none (before)"))
  }

  @Test func `profiles of all points are given once`() throws {
    let path = Repository.trace("nvme-flr")
    let options = ["--cpu", "x86-wc", "--rc", "qword", "--link", "gen2x4", "--device", "intel-gts"]
    let grid = Grid(axes: [("cpu.buffers", ["1", "3"])])
    let swept = try scratch.quietly(["sweep", path] + grid.options + options + ["--csv", "-"])
    #expect(
      rows(swept.output)
        == (try expected(grid, ["compare", path, "--ranges", "off"] + options)))
  }

  @Test func `the number of cores changes no byte`() throws {
    let path = Repository.trace("vfio-reclaim")
    let options = [
      "--set", "cpu.buffers=1,2,4", "--set", "link=gen3x8,gen4x8", "--set",
      "link.credit_loop_ns=100,200,300,400,500,600,700,800",
    ]
    func files(_ threads: [String], _ folder: String) throws -> [[UInt8]] {
      let outcome = try scratch.mmioscope(["sweep", path, "-o", folder] + options + threads)
      #expect(outcome.status == 0 && outcome.output == "")
      #expect(outcome.errors == "report: \(folder)/sweep.md\n")
      #expect(try scratch.list(folder) == ["sweep.csv", "sweep.md", "sweep.svg"])
      return try ["sweep.csv", "sweep.md", "sweep.svg"].map { try scratch.bytes(folder + "/" + $0) }
    }
    let one = try files(["--threads", "1"], "one")
    #expect(try files([], "all") == one)
    for threads in ["2", "3", "16"] {
      #expect(try files(["--threads", threads], threads) == one, "\(threads) threads")
    }
  }

  @Test func `a pipe of text is read once`() throws {
    let csv = try scratch.quietly(
      ["dump", Repository.trace("nvme-flr"), "--count", "20000"]
    ).outputBytes
    try scratch.write("part.csv", csv)
    let grid = Grid(axes: [("cpu.buffers", ["1", "2"]), ("accessors", ["auto", "bursts"])])
    let options = grid.options.joined(separator: " ")
    let outcome = try scratch.shell("cat part.csv | \"$MMIOSCOPE\" sweep - \(options) --csv -")
    #expect(outcome.status == 0 && outcome.errors == "")
    #expect(
      rows(outcome.output) == (try expected(grid, ["compare", "part.csv", "--ranges", "off"])))
  }

  @Test func `each output can be had alone`() throws {
    let arguments = ["sweep", "a.csv", "--set", "cpu.buffers=1,2", "--set", "link=gen3x8,gen4x8"]
    let table = try scratch.quietly(arguments).output
    #expect(table.contains("4 points: cpu.buffers (2) x link (2)"))
    #expect(table.contains("\n2            gen4x8 "))
    let markdown = try scratch.quietly(arguments + ["--markdown", "-"]).output
    #expect(markdown.hasPrefix("# MMIO mapping sweep: `a.csv`\n"))
    #expect(markdown.contains("`cpu.buffers` makes no difference"))
    #expect(markdown.contains("## What the numbers hang on") && !markdown.contains("](sweep"))
    let picture = try scratch.quietly(arguments + ["--svg", "-"]).output
    #expect(picture.hasPrefix("<svg ") && picture.hasSuffix("</svg>\n"))
    try scratch.quietly(arguments + ["--svg", "x.svg", "--csv", "x.csv", "--markdown", "x.md"])
    #expect(try scratch.text("x.svg") == picture)
    #expect(try scratch.text("x.md") == markdown)
    #expect(try scratch.list() == ["a.csv", "x.csv", "x.md", "x.svg"])
  }

  @Test func `a link's own commas stay with it`() throws {
    let csv = try scratch.quietly([
      "sweep", "a.csv", "--set", "link=gen4x8,mps=128,gen5x16", "--csv", "-",
    ]).output
    #expect(csv.contains("\n\"gen4x8,mps=128\",kvm-device,"))
    #expect(csv.contains("\ngen5x16,kvm-normal-nc,"))
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    var options: [String]
    var says: String
    var testDescription: String { options.joined(separator: " ") }
  }

  private static func numbers(_ count: Int) -> String {
    (1...count).map(String.init).joined(separator: ",")
  }

  static let refused = [
    Refused(options: [], says: "nothing to sweep: give --set"),
    Refused(
      options: ["--set", "cpu.buffers=1..4"], says: "'1..4' is a range; a sweep takes values"),
    Refused(options: ["--set", "cpu.buffers=2,2"], says: "'2' is given twice"),
    Refused(options: ["--set", "cpu.bufers=2"], says: "did you mean 'cpu.buffers'?"),
    Refused(options: ["--set", "cpu.buffers=1,x"], says: "'x' is not allowed"),
    Refused(options: ["--set", "platform.dpc=true"], says: "platform"),
    Refused(
      options: ["--set", "cpu.buffers=1", "--set", "cpu.buffers=2"],
      says: "'cpu.buffers' is set twice"),
    Refused(
      options: ["--set", "cpu=x86-wc,neoverse-n1", "--cpu", "x86-wc"],
      says: "'cpu' is swept, and given by --cpu as well"),
    Refused(
      options: ["--set", "accessors=recorded", "--accessors", "bursts"],
      says: "'accessors' is swept, and given by --accessors as well"),
    Refused(
      options: ["--set", "link.mps=128,4096", "--set", "link.pd=8"],
      says: "(at link.mps=4096 link.pd=8)"),
    Refused(
      options: ["--set", "link.ph=" + numbers(101), "--set", "link.nph=" + numbers(100)],
      says: "the sweep has 101 x 100 = 10100 points; at most 10000 are run"),
    Refused(options: ["--set", "cpu.buffers=1", "--threads", "0"], says: "--threads 0"),
    Refused(
      options: ["--set", "cpu.buffers=1", "--policy", "none", "--after", "none"],
      says: "--policy is one mapping"),
    Refused(options: ["--set", "cpu.buffers=1", "--csv", "-", "--svg", "-"], says: "can be -"),
    Refused(options: ["--set", "cpu.buffers=1", "-o", "-"], says: "-o names a folder"),
    Refused(
      options: ["--set", "cpu.buffers=1", "--stage1", "no=normal-nc"], says: "no such region"),
  ]

  @Test(arguments: refused)
  func `what cannot be swept is refused`(case: Refused) throws {
    try scratch.failing(["sweep", "a.csv"] + `case`.options, saying: [`case`.says])
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test func `a damaged trace is an error, on any number of cores`() throws {
    try scratch.write("late.csv", Inputs.lateFault)
    for threads in ["1", "2"] {
      try scratch.failing(
        [
          "sweep", "late.csv", "--set", "cpu.buffers=1,2", "--csv", "out.csv", "--threads", threads,
        ],
        saying: ["late.csv:100002:1: bad-record"])
    }
    #expect(!scratch.exists("out.csv"))
  }
}
