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

  @Option(
    help: "Whether each program's claims hold, as JUnit XML, for CI; - is standard output.",
    transform: outputPath)
  var junit: String?

  @OptionGroup(title: "Counting in a trace") var trace: AgainstOptions

  func validate() throws {
    if rules { return }
    guard suite || !files.isEmpty else { throw ValidationError("give a file, or --suite") }
    if let outcomes, outcomes < 1 { throw ValidationError("--outcomes starts at 1") }
    let isAlone = !csv && trace.against == nil && outcomes == nil
    guard !outputs.contains("-") || isAlone && outputs.count(where: { $0 == "-" }) == 1 else {
      throw ValidationError("only one output can be -")
    }
    guard trace.against != "-" || !files.contains("-") else {
      throw ValidationError("standard input is either a program or the trace")
    }
  }

  /// Files that programs or their verdicts are written to.
  private var outputs: [String] { [dot, svg, junit].compactMap(\.self) }

  func run() throws {
    if rules { return try Console.output(RuleSet.catalogueCSV) }
    let set = try ruleSet()
    let (tests, broken) = try selected()
    // Their files' errors have been said.
    guard !tests.isEmpty || broken.isEmpty else {
      try writeGate(broken)
      throw ExitCode(2)
    }
    let counted = try trace.count(tests, skips: files.isEmpty && only.isEmpty)
    if csv { try Console.output(counted?.counts.csv ?? LitmusResult.csvHeader) }
    var cases = broken
    for (index, test) in tests.enumerated() {
      let outcome: GateReport.Outcome
      do {
        let result = try test.run(rules: set)
        try show(result, counted.map { ($0.places[index], $0.counts) })
        if let limit = outcomes { try list(test, set, limit) }
        try draw(test, set, result)
        outcome = result.holds ? .passed : .failed(result.failures)
      } catch let error as TraceError where error.code == .configuration {
        // One that is too big keeps no other from its verdict.
        Console.error(error.description)
        outcome = .undecided(error.description)
      }
      cases.append(GateReport.Case(name: test.program.name, outcome: outcome))
    }
    try finish(cases, isCounted: counted != nil)
  }

  /// A program's verdict, where nothing else is to stand there.
  private func show(
    _ result: LitmusResult, _ counted: (place: Result<Int, TraceError>, counts: Occurrences)?
  ) throws(TraceError) {
    if csv && counted == nil { try Console.output(result.csvRows) }
    // A drawing or verdicts on standard output stand there alone.
    if !csv, !outputs.contains("-") { try Console.output(result.text + "\n") }
    if let counted { try report(counted.place, counted.counts) }
  }

  /// Sums up, and fails where a claim does not hold or a program was not explored.
  private func finish(_ cases: [GateReport.Case], isCounted: Bool) throws {
    let holds = !cases.contains(where: \.isFailed)
    let undecided = cases.count(where: \.isUndecided)
    try writeGate(cases)
    if !csv || isCounted && !holds || undecided > 0 {
      if !csv, isCounted { try Console.output(AgainstOptions.definition + "\n") }
      Console.note(Self.summary(cases.count, holds: holds, undecided: undecided))
    }
    if undecided > 0 { throw ExitCode(2) }
    if !holds { throw ExitCode(1) }
  }

  private func writeGate(_ cases: [GateReport.Case]) throws(TraceError) {
    let subject = ((suite ? ["--suite"] : []) + files).joined(separator: " ")
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(junit) {
        gateJUnit(GateReport(gate: "litmus", subject: subject, cases: cases))
      }
    }
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

  /// The programs to run, and the files that hold none that could be read; those are said.
  private func selected() throws(TraceError) -> (tests: [LitmusTest], broken: [GateReport.Case]) {
    var tests = suite ? try LitmusSuite.tests() : []
    var broken: [GateReport.Case] = []
    for path in files {
      do {
        tests += try LitmusTest.parse(
          try readConfigurationFile(path == "-" ? "/dev/stdin" : path, limit: 1 << 20), file: path)
      } catch {
        // One that is wrong keeps no other from its verdict.
        Console.error(printable(error.description))
        broken.append(GateReport.Case(name: path, outcome: .undecided(error.description)))
      }
    }
    guard !tests.isEmpty || broken.isEmpty else { return ([], broken) }
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
