import ArgumentParser
import Litmus
import Ordering
import Reporting
import Results
import TraceCore
import TraceIO
import YAMLInput

/// `litmus`: the allowed outcomes of small programs, checked against what their files expect.
struct LitmusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "litmus",
    abstract: "Every allowed outcome of small MMIO programs, and which rules decide.",
    discussion: """
        mmioscope litmus --suite                    the built-in programs
        mmioscope litmus --suite --only L11         one of them
        mmioscope litmus my.litmus --outcomes 20    outcomes, one a line
        mmioscope litmus my.litmus --without arm.arrival.C
        mmioscope litmus --rules                    rules, source and status
        mmioscope litmus my.litmus --against nic.mmt       how often a trace does it
        mmioscope litmus --suite --against nic.mmt --csv   the counts, as CSV

      With --against, a program must have one vCPU with accesses; of --suite, the other programs \
      are left out and named.

      \(AgainstOptions.definition.replacing("\n", with: " "))

      Exit status 1: a claim does not hold. 2: a file cannot be read, or a program is wrong, or too \
      big to be explored; the others have been.
      """)

  @Argument(help: "Litmus files; - is standard input.")
  var files: [String] = []

  @Flag(help: "Run the programs that come with mmioscope.")
  var suite = false

  @Option(help: "Only the program of this name; repeats.")
  var only: [String] = []

  @Option(help: "Take a rule away, by its identifier; repeats.")
  var without: [String] = []

  @Option(
    name: .customLong("machine"),
    help: ArgumentHelp(
      "A switch of the machine, over what the file says; repeats. "
        + MachineSwitch.all.map { "\($0.key)=\($0.values): \($0.meaning)" }
        .joined(separator: "; ") + ".", valueName: "key=value"))
  var machine: [String] = []

  @Option(help: "List up to this many outcomes, one a line.")
  var outcomes: Int?

  @Flag(help: "Print the verdict table as CSV; with --against, the counts instead.")
  var csv = false

  @Flag(help: "Print the rules as CSV.")
  var rules = false

  @Option(
    help: "Relation graph of the first claim's witness, as Graphviz DOT; one program.",
    transform: outputPath)
  var dot: String?

  @Option(help: "The same as SVG.", transform: outputPath)
  var svg: String?

  @OptionGroup(title: "Counting in a trace") var trace: AgainstOptions

  func validate() throws {
    if rules { return }
    guard suite || !files.isEmpty else { throw ValidationError("give a file, or --suite") }
    if let outcomes, outcomes < 1 { throw ValidationError("--outcomes starts at 1") }
    let isAlone = dot != svg && !csv && trace.against == nil && outcomes == nil
    guard ![dot, svg].contains("-") || isAlone else {
      throw ValidationError("only one output can be -")
    }
    guard trace.against != "-" || !files.contains("-") else {
      throw ValidationError("standard input is either a program or the trace")
    }
  }

  func run() throws {
    if rules { return try Console.output(RuleSet.catalogueCSV) }
    let set = try ruleSet()
    let (tests, broken) = try selected()
    // Their files' errors have been said.
    guard !tests.isEmpty || broken == 0 else { throw ExitCode(2) }
    let counted = try trace.count(tests, skips: files.isEmpty && only.isEmpty)
    var holds = true
    // A drawing on standard output stands there alone.
    let isDrawn = [dot, svg].contains("-")
    if csv { try Console.output(counted?.counts.csv ?? LitmusResult.csvHeader) }
    var undecided = broken
    for (index, test) in tests.enumerated() {
      do {
        let result = try test.run(rules: set)
        holds = holds && result.holds
        if csv && counted == nil { try Console.output(result.csvRows) }
        if !csv, !isDrawn { try Console.output(result.text + "\n") }
        if let counted { try report(counted.places[index], counted.counts) }
        if let limit = outcomes { try list(test, set, limit) }
        try draw(test, set, result)
      } catch let error as TraceError where error.code == .configuration {
        // One that is too big keeps no other from its verdict.
        Console.error(error.description)
        undecided += 1
      }
    }
    if !csv || counted != nil && !holds || undecided > 0 {
      if !csv, counted != nil { try Console.output(AgainstOptions.definition + "\n") }
      Console.error(Self.summary(tests.count + broken, holds: holds, undecided: undecided))
    }
    if undecided > 0 { throw ExitCode(2) }
    if !holds { throw ExitCode(1) }
  }

  private static func summary(_ programs: Int, holds: Bool, undecided: Int) -> String {
    let count = "\(programs) program" + (programs == 1 ? "" : "s") + ", "
    let verdict = holds ? "every claim holds" : "a claim fails"
    guard undecided > 0 else { return count + verdict }
    return count + "\(undecided) not explored"
      + (programs > undecided ? "; of the others " + verdict : "")
  }

  /// One program's counts, or why it has none.
  private func report(
    _ place: Result<Int, TraceError>, _ counts: Occurrences
  ) throws(TraceError) {
    switch place {
    case .success(let index):
      if !csv { try Console.output(counts.text(of: index) + "\n") }
    case .failure(let error):
      if csv { Console.error(error.message) } else { try Console.output(error.message + "\n\n") }
    }
  }

  private func ruleSet() throws(TraceError) -> RuleSet {
    var set = RuleSet.all
    for id in without {
      guard RuleSet.catalogue.contains(where: { $0.id == id }) else {
        throw TraceError(.configuration, "--without \(id): no such rule; see litmus --rules")
      }
      set = set.without(id)
    }
    return set
  }

  /// The programs to run, and how many files hold none that could be read; those are said.
  private func selected() throws(TraceError) -> (tests: [LitmusTest], broken: Int) {
    var tests = suite ? try LitmusSuite.tests() : []
    var broken = 0
    for path in files {
      do {
        tests += try LitmusTest.parse(
          try readConfigurationFile(path == "-" ? "/dev/stdin" : path, limit: 1 << 20), file: path)
      } catch {
        // One that is wrong keeps no other from its verdict.
        Console.error(printable(error.description))
        broken += 1
      }
    }
    guard !tests.isEmpty || broken == 0 else { return ([], broken) }
    for name in only where !tests.contains(where: { $0.program.name == name }) {
      throw TraceError(.configuration, "--only \(name): there is no such program")
    }
    if !only.isEmpty { tests = tests.filter { only.contains($0.program.name) } }
    for index in tests.indices { try setMachine(&tests[index].options) }
    guard dot == nil && svg == nil || tests.count == 1 else {
      throw TraceError(.configuration, "--dot and --svg draw one program; choose it with --only")
    }
    return (tests, broken)
  }

  private func setMachine(_ options: inout ExplorerOptions) throws(TraceError) {
    for text in machine {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2,
        let setting = MachineSwitch.all.first(where: {
          $0.key.lowercased() == parts[0].lowercased()
        }),
        setting.set(&options, to: parts[1])
      else {
        throw TraceError(.configuration, "--machine \(text): no such switch or value; see --help")
      }
    }
  }

  private func list(_ test: LitmusTest, _ set: RuleSet, _ limit: Int) throws {
    let listed = try test.outcomes(rules: set, limit: limit)
    let text = OutcomeText(test.program)
    var lines = listed.outcomes.map { "  " + text.line($0) }
    lines.append("  (\(Self.tail(listed.end)))")
    try Console.output(lines.joined(separator: "\n") + "\n\n")
  }

  private static func tail(_ end: OutcomeList.End) -> String {
    switch end {
    case .complete: "all outcomes"
    case .limit: "more outcomes; raise --outcomes"
    case .budget: OutcomeList.tooManyMoves + "; there may be more outcomes"
    }
  }

  private func draw(_ test: LitmusTest, _ set: RuleSet, _ result: LitmusResult) throws {
    guard dot != nil || svg != nil else { return }
    let graph = try RelationGraph(
      test, rules: set, judgement: result.judgements.first { $0.witness != nil })
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(dot) { graph.dot }
      try outputs.add(svg) { graph.svg }
    }
  }
}
