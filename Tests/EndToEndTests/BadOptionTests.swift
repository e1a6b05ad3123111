import Testing

/// Options, maps and profiles that are wrong: an error that says where, and no output.
struct BadOptionTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write("a.csv", Inputs.csv)
  }

  // MARK: Maps

  struct BadMap: CustomTestStringConvertible, Sendable {
    var text: String
    /// Line, column and words, the place counted by hand.
    var says: String
    var testDescription: String { says }
  }

  static let badMaps = [
    BadMap(text: "regions: 3\n", says: "m.yaml:1:10: configuration: regions"),
    BadMap(text: "region: []\n", says: "m.yaml:1:1: configuration: unknown key 'region'"),
    BadMap(
      text: "regions:\n  - { name: a, base: 0x1000, size: 4KiB, kid: bar }\n",
      says: "m.yaml:2:42: configuration: regions[0]: unknown key 'kid'"),
    BadMap(
      text: "regions:\n  - { name: a, base: 0x1000, size: 4KiB, kind: bat }\n",
      says: "m.yaml:2:48: configuration: regions[0].kind"),
    BadMap(
      text: "regions:\n  - { name: a, base: 0x1000, size: 4KB }\n",
      says: "m.yaml:2:36: configuration: regions[0].size: unit 'KB'"),
    BadMap(
      text: "regions:\n  - { name: a, base: 0x1000, size: 0 }\n",
      says: "m.yaml:2:36: configuration: regions[0].size"),
    BadMap(
      text: "regions:\n  - { name: a, base: 0x1000, size: 9223372036854775808000 }\n",
      says: "m.yaml:2:36: configuration: regions[0].size"),
    BadMap(
      text: "regions:\n  - { name: a, base: 0xfffffffffffff000, size: 8KiB }\n",
      says: "m.yaml:2:5: configuration: regions[0]: the region ends beyond 2^64"),
    BadMap(
      text:
        "regions:\n  - { name: a, base: 0, size: 8KiB }\n  - { name: b, base: 4096, size: 1 }\n",
      says: "m.yaml:3:5: configuration: regions[1]: region 'b' overlaps 'a'"),
    BadMap(
      text: "regions:\n  - { name: a, base: 0, size: 1 }\n  - { name: a, base: 9, size: 1 }\n",
      says: "m.yaml:3:5: configuration: regions[1]: a second region named 'a'"),
    BadMap(
      text: "regions:\n  - name: a\n    base: 0\n    size: 1\n    stage1: normal\n",
      says: "m.yaml:5:13: configuration: regions[0].stage1: unknown memory type 'normal'"),
    BadMap(
      text: "regions:\n  - name: a\n    base: 0\n    size: 1\n    bar: 9\n",
      says: "m.yaml:5:10: configuration: regions[0].bar"),
    BadMap(
      text: "regions:\n  - name: a\n    base: 0\n    size: 1\n    bdf: here\n",
      says: "m.yaml:5:10: configuration: regions[0].bdf"),
    BadMap(
      text: "regions:\n  - name: a\n    base: 0\n    size: 1\n    vfio: maybe\n",
      says: "m.yaml:5:11: configuration: regions[0].vfio"),
    BadMap(text: "regions: [\n", says: "m.yaml:2:1: configuration: not YAML"),
    BadMap(
      text: "functions:\n  - { bdf: \"0000:01:00.0\", lspci: missing.lspci }\n",
      says: "m.yaml:2:35: io: functions[0].lspci: missing.lspci: cannot read"),
  ]

  @Test(arguments: badMaps, ["import", "compare"])
  func `a wrong map is an error with file, line and key`(map: BadMap, verb: String) throws {
    try scratch.write("m.yaml", map.text)
    try scratch.failing(
      BadFileTests.arguments(verb, "a.csv") + ["--map", "m.yaml"], saying: [map.says])
    #expect(try scratch.list() == ["a.csv", "m.yaml"])
  }

  @Test func `a map that cannot be read is an error`() throws {
    try scratch.write("junk.yaml", Inputs.junk(500, seed: 1))
    try scratch.write("empty.yaml", "")
    for map in ["missing.yaml", "junk.yaml", "empty.yaml", "/"] {
      try scratch.failing(["compare", "a.csv", "--map", map], saying: [map + ":"])
    }
  }

  // MARK: Profiles and values

  @Test(arguments: [
    ("cpu.buffer=4", "unknown key 'cpu.buffer'"), ("cpu.buffers", "KEY=VALUE"),
    ("cpu.buffers=0", "1 to 64"), ("cpu.buffers=x", "'x'"),
    ("cpu.buffers=9223372036854775808", "'9223372036854775808'"),
    ("cpu.buffers=18446744073709551616", "'18446744073709551616'"),
    ("cpu.store_issue_ns=-1", "'-1'"), ("cpu.store_issue_ns=nan", "'nan'"),
    ("rc.split=some", "'some'"), ("cpu.single_stream=1", "'1'"), ("=4", "''"),
  ])
  func `a wrong value of --set is refused`(setting: String, says: String) throws {
    try scratch.failing(
      ["compare", "a.csv", "-o", "out", "--set", setting], saying: ["--set \(setting)", says])
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test(arguments: [
    ["--cpu", "nobody"], ["--rc", "nobody"], ["--device", "nobody"], ["--cpu", "missing.yaml"],
    ["--link", "gen9x16"], ["--link", "gen4x3"], ["--link", "gen4x16,mps=100"],
    ["--link", "gen4x16,ph=-1"], ["--link", "4x16"], ["--before", "kvm"], ["--after", "kvm"],
    ["--clock", "wall"], ["--fwb", "maybe"], ["--accessors", "readl"], ["--stage1", "normal-nc"],
    ["--stage1", "all=normal"], ["--stage1", "nowhere=normal-nc"],
  ])
  func `a wrong option names itself and writes nothing`(option: [String]) throws {
    let errors = try scratch.failing(["compare", "a.csv", "-o", "out"] + option, saying: [])
    #expect(errors.contains(option[1]) || errors.contains(option[0]), "\(errors)")
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test(arguments: [
    (["all=normal-nc", "all=normal-nc"], "'all'"), (["bar=normal-nc", "bar=device-gre"], "'bar'"),
  ])
  func `a region's stage-1 type is given once`(types: [String], says: String) throws {
    let options = types.flatMap { ["--stage1", $0] }
    try scratch.failing(
      ["compare", "a.csv", "-o", "out"] + options,
      saying: ["--stage1 \(types[1])", "\(says) is set twice"])
    #expect(try scratch.list() == ["a.csv"])
  }

  // ArgumentParser by itself takes the last, and the first file that was asked for is never made.
  @Test(arguments: [
    (["compare", "a.csv", "--json", "x", "--json", "y"], "--json"),
    (["compare", "a.csv", "-o", "x", "--output", "y"], "--output"),
    (["analyze", "a.csv", "--cpu=neoverse-n1", "--cpu", "neoverse-v2"], "--cpu"),
    (["import", "a.csv", "-o", "x", "-o", "y"], "-o"),
    (["info", "a.csv", "--from", "1", "--from=1"], "--from"),
    (["link", "--gen", "3", "--gen", "4"], "--gen"),
  ])
  func `an option of one value is given once`(arguments: [String], name: String) throws {
    try scratch.failing(arguments, saying: ["\(name) is given twice"])
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test(arguments: [
    ["dump", "a.csv", "--size", "8", "--size", "4"],
    ["compare", "a.csv", "--set", "cpu.buffers=2", "--set", "cpu.evict=fifo"],
    ["litmus", "--suite", "--only", "L11", "--only", "L12"],
  ])
  func `what repeats by its help still does`(arguments: [String]) throws {
    #expect(try scratch.mmioscope(arguments).status == 0)
  }

  @Test func `a user's profile works under a name of its own, and a wrong one says where`() throws {
    let text = try scratch.quietly(["profiles", "neoverse-n1", "--yaml"]).output
    try scratch.write("copy.yaml", text)
    try scratch.failing(["compare", "a.csv", "--cpu", "copy.yaml"], saying: ["copy.yaml:1:1:"])
    let own = text.replacing("name: neoverse-n1", with: "name: mine")
    try scratch.write("mine.yaml", own)
    let run = try JSON(
      scratch.quietly(["compare", "a.csv", "--cpu", "mine.yaml", "--json", "-"]).output)
    #expect(run["scenarios"][0]["cpu"].text == "mine")

    let lines = own.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("store_issue_ns") }) + 1
    try scratch.write("key.yaml", own.replacing("store_issue_ns", with: "store_isue_ns"))
    try scratch.failing(
      ["compare", "a.csv", "--cpu", "key.yaml"], saying: ["key.yaml:\(line):", "'store_isue_ns'"])
    try scratch.write("unit.yaml", own.replacing("unit: ns", with: "unit: us"))
    try scratch.failing(
      ["compare", "a.csv", "--cpu", "unit.yaml"], saying: ["unit.yaml:", "wrong unit 'us'"])
    try scratch.failing(
      ["compare", "a.csv", "--rc", "mine.yaml"], saying: ["mine.yaml:", "a profile of kind rc"])
  }

  // MARK: Outputs

  /// An empty path is what a shell variable that is not set leaves.
  @Test(arguments: [
    (
      ["compare", "a.csv"], ["-o", "--output", "--json", "--csv", "--markdown", "--minimal-litmus"]
    ),
    (["analyze", "a.csv"], ["-o", "--json", "--csv", "--markdown", "--minimal-litmus"]),
    (["contain", "a.csv"], ["-o", "--json", "--csv", "--markdown"]),
    (["reset", "a.csv"], ["-o", "--json", "--csv", "--markdown", "--litmus"]),
    (["info", "a.csv"], ["--json"]), (["import", "a.csv"], ["-o", "--output"]), (["demo"], ["-o"]),
    (["litmus", "a.litmus"], ["--dot", "--svg"]),
    (["match", "a.csv", "b.csv"], ["--json", "--csv", "--markdown"]),
    (["timeline", "a.csv"], ["-o", "--output"]),
  ])
  func `an empty path of an output names its option`(verb: [String], options: [String]) throws {
    for option in options {
      try scratch.failing(verb + [option, ""], saying: ["'\(option) <", "the path is empty"])
      #expect(try scratch.list() == ["a.csv"], "\(verb) \(option)")
    }
  }

  @Test(arguments: [
    ["--json", "-", "--csv", "-"], ["--json", "-", "--markdown", "-"],
    ["--csv", "-", "--markdown", "-"], ["-o", "-"],
  ])
  func `standard output takes one document, and no folder`(options: [String]) throws {
    for verb in ["compare", "analyze"] {
      try scratch.failing([verb, "a.csv"] + options, saying: ["Usage: mmioscope \(verb)"])
    }
    #expect(try scratch.list() == ["a.csv"])
  }
}
