import Testing

/// `--quiet`, `--color` and `--progress`, which every verb takes.
struct ConsoleOptionsTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write("a.csv", Inputs.csv)
  }

  @Test(arguments: [["-q", "compare"], ["--quiet", "compare"], ["compare", "-q"]])
  func `quiet says nothing of what went well, and changes no output`(verb: [String]) throws {
    let said = try scratch.mmioscope(["compare", "a.csv", "-o", "said"])
    #expect(said.status == 0 && said.errors == "report: said/report.md\n")
    let outcome = try scratch.mmioscope(verb + ["a.csv", "-o", "quiet"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty && outcome.output.isEmpty)
    #expect(try scratch.bytes("quiet/report.md") == scratch.bytes("said/report.md"))
    #expect(try scratch.bytes("quiet/run.json") == scratch.bytes("said/run.json"))
  }

  @Test func `quiet does not hide an error, nor why a gate failed`() throws {
    try scratch.failing(["compare", "-q", "missing.csv"], saying: ["missing.csv"])
    // Unaligned on Device memory: FLT001, an error.
    try scratch.write("f.csv", "op,vcpu,addr,size\nstore,0,0x10000001,4\n")
    let outcome = try scratch.mmioscope([
      "analyze", "-q", "f.csv", "--policy", "kvm-device", "--fail-on", "error", "--csv", "f.out",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("--fail-on error: FLT001 "), "\(outcome.errors)")
  }

  @Test func `colour is as the option says, else as the environment does`() throws {
    func isColoured(_ command: String) throws -> Bool {
      let outcome = try scratch.shell(command)
      #expect(outcome.status == 0)
      return outcome.output.contains("\u{1b}[")
    }
    let command = "\"$MMIOSCOPE\" compare a.csv --ranges off"
    #expect(try !isColoured(command))
    #expect(try isColoured("CLICOLOR_FORCE=1 \(command)"))
    #expect(try !isColoured("CLICOLOR_FORCE=1 \(command) --color never"))
    #expect(try isColoured("NO_COLOR=1 \(command) --color=always"))
    #expect(try isColoured("CLICOLOR_FORCE=1 \(command) --color auto"))
  }

  @Test(arguments: [
    (["--color", "green", "info", "a.csv"], "'green' is invalid for '--color"),
    (["info", "a.csv", "--progress"], "Missing value for '--progress"),
    (["--color", "never", "info", "a.csv", "--color=always"], "--color is given twice"),
    (["info", "a.csv", "--", "-q"], "Unexpected argument '-q'"),
  ])
  func `a value that is none is a mistake in usage`(arguments: [String], words: String) throws {
    try scratch.failing(arguments, saying: [words])
  }

  @Test(arguments: ["auto", "never"])
  func `off a terminal a short run shows no progress`(when: String) throws {
    let outcome = try scratch.mmioscope(["info", "a.csv", "--progress", when])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
  }
}
