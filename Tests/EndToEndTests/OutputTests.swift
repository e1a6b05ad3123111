import Foundation
import Testing

/// Outputs that cannot be written, and readers that go away.
struct OutputTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write("a.csv", Inputs.csv)
  }

  private static let noSpace = "No space left on device"

  // MARK: A full disk

  @Test(arguments: [
    ["import", "a.csv", "-o"], ["compare", "a.csv", "--json"], ["compare", "a.csv", "--csv"],
    ["compare", "a.csv", "--markdown"], ["analyze", "a.csv", "--json"],
    ["info", "a.csv", "--json"],
  ])
  func `a full disk is an error that names the file`(arguments: [String]) throws {
    try scratch.failing(arguments + ["/dev/full"], saying: ["/dev/full: ", Self.noSpace])
    #expect(try scratch.list() == ["a.csv"])
  }

  @Test(arguments: [
    "findings.csv", "findings.sarif", "flush_causes.csv", "flush_causes.svg", "latency.csv",
    "latency_histogram.csv",
    "link_use.csv", "link_use.svg", "ranges.csv", "report.md", "run.json", "stalls.csv",
    "stalls.svg", "summary.csv", "tlp_sizes.csv", "tlp_sizes.svg",
  ])
  func `a full disk in the report folder is an error that names the file`(name: String) throws {
    let manager = FileManager.default
    try manager.createDirectory(
      atPath: scratch.path("out"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(
      atPath: scratch.path("out/" + name), withDestinationPath: "/dev/full")
    try scratch.failing(
      ["compare", "a.csv", "-o", "out"], saying: ["out/\(name): ", Self.noSpace])
    #expect(try !scratch.list("out").contains { $0.hasSuffix(".part") })
  }

  @Test(arguments: [
    ["dump", "a.csv"], ["info", "a.csv"], ["compare", "a.csv"],
    ["compare", "a.csv", "--json", "-"],
    ["compare", "a.csv", "--csv", "-"], ["compare", "a.csv", "--markdown", "-"],
    ["analyze", "a.csv"], ["import", "a.csv", "-o", "-"], ["memattr", "--all"],
    ["memattr", "--kvm"], ["memattr", "--kvm", "--kernel", "6.9"],
    ["memattr", "--s1", "0xff", "--s2", "0x5"], ["tlp", "--bytes", "0-7"], ["link"],
    ["profiles"], ["profiles", "neoverse-n1"], ["--help"], ["compare", "--help"], ["--version"],
  ])
  func `a full disk behind standard output is an error`(arguments: [String]) throws {
    let outcome = try scratch.mmioscope(arguments, output: "/dev/full")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("standard output: "))
    #expect(outcome.errors.contains(Self.noSpace))
  }

  // MARK: No partial output

  @Test func `an import that fails late leaves nothing under the final name`() throws {
    try scratch.write("bad.csv", Inputs.lateFault)
    try scratch.failing(["import", "bad.csv", "-o", "out.mmt"], saying: ["bad.csv:100002:1:"])
    #expect(try scratch.list() == ["a.csv", "bad.csv"])
  }

  @Test(arguments: ["-o", "--json", "--csv", "--markdown"])
  func `a run that fails late writes no report`(option: String) throws {
    try scratch.write("bad.csv", Inputs.lateFault)
    try scratch.failing(["compare", "bad.csv", option, "out"], saying: ["bad.csv:100002:1:"])
    #expect(try scratch.list() == ["a.csv", "bad.csv"])
  }

  @Test func `an output that is there stays as it is when the job fails`() throws {
    try scratch.write("bad.csv", Inputs.lateFault)
    for option in [["import", "bad.csv", "-o"], ["compare", "bad.csv", "--json"]] {
      try scratch.write("kept", "kept")
      try scratch.failing(option + ["kept"], saying: ["bad.csv:100002:1:"])
      #expect(try scratch.text("kept") == "kept")
    }
    #expect(try scratch.list() == ["a.csv", "bad.csv", "kept"])
  }

  /// The trace, under its own name, through a link and as a hard link; the map; a profile.
  @Test(arguments: [
    ["import", "a.csv", "-o", "a.csv"], ["slice", "a.csv", "--count", "1", "-o", "a.csv"],
    ["convert", "a.csv", "-o", "a.csv", "--to", "csv"], ["cat", "a.csv", "a.csv", "-o", "./a.csv"],
    ["anonymize", "a.csv", "-o", "link.csv"], ["compare", "a.csv", "--csv", "hard.csv"],
    ["compare", "a.csv", "--json", "a.csv"], ["compare", "a.csv", "--markdown", "a.csv"],
    ["compare", "a.csv", "--minimal-litmus", "a.csv"], ["info", "a.csv", "--json", "a.csv"],
    ["sweep", "a.csv", "--set", "cpu.buffers=1,2", "--csv", "a.csv"],
    ["reset", "a.csv", "--csv", "a.csv"],
    ["compare", "a.csv", "--map", "m.yaml", "--csv", "m.yaml"],
  ])
  func `no output takes the place of a file that is read`(arguments: [String]) throws {
    let map = "regions:\n  - { name: a, base: 0x1000, size: 4KiB }\n"
    try scratch.write("m.yaml", map)
    let manager = FileManager.default
    try manager.createSymbolicLink(
      atPath: scratch.path("link.csv"), withDestinationPath: "a.csv")
    try manager.linkItem(atPath: scratch.path("a.csv"), toPath: scratch.path("hard.csv"))
    let outcome = try scratch.mmioscope(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("would take the place of"), "\(outcome.errors)")
    #expect(try scratch.text("a.csv") == Inputs.csv)
    #expect(try scratch.text("m.yaml") == map)
    #expect(try scratch.list() == ["a.csv", "hard.csv", "link.csv", "m.yaml"])
  }

  @Test func `two outputs are not one file`() throws {
    try scratch.failing(
      ["compare", "a.csv", "--json", "x", "--csv", "./x"],
      saying: ["./x: ", "another output of the command"])
    try scratch.failing(
      ["compare", "a.csv", "--minimal-litmus", "-", "--csv", "-"],
      saying: ["only one output can be -"])
    try scratch.failing(
      ["litmus", "--suite", "--only", "L11", "--dot", "-", "--svg", "-"],
      saying: ["only one output can be -"])
  }

  @Test(arguments: [
    ["compare", "a.csv", "--json", "ok", "--csv"], ["compare", "a.csv", "-o", "ok", "--csv"],
    ["analyze", "a.csv", "--json", "ok", "--markdown"],
    ["compare", "a.csv", "--json", "ok", "--minimal-litmus"],
    ["sweep", "a.csv", "--set", "cpu.buffers=1,2", "-o", "ok", "--svg"],
    ["contain", "a.csv", "--json", "ok", "--csv"], ["contain", "a.csv", "-o", "ok/in", "--csv"],
    ["reset", "a.csv", "-o", "ok", "--csv"], ["diff", "a.csv", "a.csv", "--json", "ok", "--csv"],
    ["litmus", "--suite", "--only", "L11", "--dot", "ok", "--svg"],
  ])
  func `outputs appear together or not at all`(arguments: [String]) throws {
    let outcome = try scratch.mmioscope(arguments + ["none/x"])
    #expect(outcome.status == 2 && outcome.errors.contains("none/x: "), "\(outcome.errors)")
    #expect(try scratch.list() == ["a.csv"])
  }

  /// The disk is full when a file of 100 blocks of 512 bytes is: `run.json` is larger.
  @Test func `a report that cannot be written leaves the one that is there`() throws {
    try scratch.reporting(["compare", "a.csv"], to: "out")
    let before = try scratch.list("out").map { try scratch.bytes("out/" + $0) }
    let trace = Repository.trace("vfio-reclaim")
    let outcome = try scratch.shell(
      "ulimit -f 100; \"$MMIOSCOPE\" compare '\(trace)' --ranges off -o out")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("File too large"))
    #expect(try scratch.list("out").map { try scratch.bytes("out/" + $0) } == before)
  }

  @Test(arguments: ["compare", "reset"])
  func `a report that cannot be written leaves no empty folders`(verb: String) throws {
    try FileManager.default.createDirectory(
      atPath: scratch.path("old"), withIntermediateDirectories: false)
    try scratch.write("old/keep", "x")
    let trace = Repository.trace("vfio-reclaim")
    let outcome = try scratch.shell(
      "ulimit -f 1; \"$MMIOSCOPE\" \(verb) '\(trace)' -o old/new/out")
    #expect(outcome.status == 2)
    #expect(try scratch.list("old") == ["keep"])
  }

  /// A shell's background job ignores an INT, so that is not among them.
  @Test(arguments: ["HUP", "TERM", "KILL"])
  func `a writer that is stopped leaves nothing`(signal: String) throws {
    // The reader has begun to write when it has read all of its input but the end.
    let outcome = try scratch.shell(
      """
      mkfifo in
      "$MMIOSCOPE" import in --format csv -o out.mmt & reader=$!
      ( echo op,vcpu,addr,size; yes store,0,0x1000,8 | head -n 3000000; sleep 5 ) >in & writer=$!
      sleep 1.5
      kill -\(signal) $reader; wait $reader; echo $? >status; kill $writer
      """)
    #expect(outcome.output == "")
    #expect(try scratch.text("status") != "0\n")
    #expect(try scratch.list() == ["a.csv", "in", "status"])
  }

  @Test(arguments: [
    ("a.csv/out", "Not a directory"), ("missing/out", "No such file or directory"),
    ("/proc/out", "/proc/out"),
  ])
  func `an output that cannot be made is an error that names it`(path: String, says: String) throws
  {
    try scratch.failing(["import", "a.csv", "-o", path], saying: [path, says])
    try scratch.failing(["compare", "a.csv", "--json", path], saying: [path, says])
  }

  @Test func `a file is not taken for a report folder`() throws {
    try scratch.failing(["compare", "a.csv", "-o", "a.csv"], saying: ["a.csv"])
    #expect(try scratch.text("a.csv") == Inputs.csv)
    try scratch.failing(["import", "a.csv", "-o", "/"], saying: ["/: ", "Is a directory"])
  }

  // MARK: Streams that are closed, and names that say more than a name

  /// A file that is opened then must not get the number of standard output, which is never closed
  /// nor named.
  @Test(arguments: [
    "convert a.csv -o out/a.mmt", "compare a.csv --csv out/a.csv", "compare a.csv -o out/report",
    "sweep a.csv --set cpu.buffers=1,2 -o out/sweep", "contain --matrix --csv out/c.csv",
  ])
  func `closed streams change no file`(command: String) throws {
    try scratch.write("a.csv", Inputs.csv)
    func files(_ closing: String) throws -> String {
      let outcome = try scratch.shell(
        "rm -rf out && mkdir out && \"$MMIOSCOPE\" \(command) \(closing)")
      #expect(outcome.status == 0, "\(closing)")
      return try scratch.shell("cd out && find . -type f | sort | xargs cksum").output
    }
    let whole = try files("")
    #expect(!whole.isEmpty)
    for closing in [">&-", "<&- >&-", "<&- >&- 2>&-"] { #expect(try files(closing) == whole) }
  }

  @Test func `data for a standard output that is closed is an error`() throws {
    try scratch.write("a.csv", Inputs.csv)
    let outcome = try scratch.shell("\"$MMIOSCOPE\" dump a.csv >&-")
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("cannot write"))
  }

  /// Names come from captures, which may be anybody's.
  @Test func `no message gives a terminal commands`() throws {
    let row =
      "t_ns,vcpu,op,addr,size,kind,region\n1,0,store,0x1000,8,,\"a\u{1b}[31m\u{9b}1m\u{202e}\"\n"
    try scratch.write("a.csv", row)
    try scratch.write(
      "m.yaml", "regions:\n- {name: a, base: 0x10, size: 16, kind: \"\\x1b[32m\"}\n")
    for arguments in [
      ["info", "a.csv", "--region", "nope"], ["compare", "a.csv", "--stage1", "nope=normal-nc"],
      ["info", "a.csv", "--map", "m.yaml"], ["info", "\u{1b}[31mnone"], ["\u{1b}[31m"],
    ] {
      let outcome = try scratch.mmioscope(arguments)
      #expect(outcome.status == 2, "\(arguments)")
      let isPlain = outcome.errors.unicodeScalars.allSatisfy {
        $0 == "\n" || !(0...0x1f ~= $0.value || 0x7f...0x9f ~= $0.value || $0 == "\u{202e}")
      }
      #expect(isPlain, "\(arguments): \(outcome.errors.debugDescription)")
    }
  }

  // MARK: A closed pipe

  @Test(arguments: [
    "dump \(Repository.trace("fb-wc"))", "memattr --all", "memattr --kvm",
    "import \(Repository.trace("fb-wc")) -o -",
  ])
  func `a reader that takes one line ends the writer quietly`(command: String) throws {
    let outcome = try scratch.shell(
      "( \"$MMIOSCOPE\" \(command); echo $? >status ) | head -n 1 >first")
    #expect(try scratch.text("status") == "0\n")
    #expect(outcome.errors == "")
    #expect(try scratch.bytes("first").isEmpty == false)
  }

  @Test(arguments: [
    "dump a.csv", "info a.csv", "info a.csv --json -", "compare a.csv", "compare a.csv --json -",
    "compare a.csv --csv -", "compare a.csv --markdown -", "analyze a.csv", "import a.csv -o -",
    "memattr --s1 0xff --s2 0x5", "tlp --bytes 0-7", "link", "profiles", "profiles neoverse-n1",
    "--help", "--version",
  ])
  func `a reader that has gone ends the writer quietly`(command: String) throws {
    // The writer starts when the reader has said that it is about to go.
    let outcome = try scratch.shell(
      """
      mkfifo gone
      ( read line <gone; sleep 0.2; "$MMIOSCOPE" \(command); echo $? >status ) \
        | { exec <&-; echo gone >gone; }
      while [ ! -s status ]; do sleep 0.05; done
      """)
    #expect(try scratch.text("status") == "0\n")
    let words = outcome.errors.split(separator: "\n").filter {
      !$0.hasPrefix("standard output: 2 rec")
    }
    #expect(words == [], "nothing but what import always says")
  }
}
