import ArgumentParser
import Differences
import Reporting
import Results
import TraceCore
import TraceIO

/// `diff`: two results, or two traces, number by number.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "What has changed between two results, or two traces; a gate for CI.",
    discussion: """
      mmioscope diff nic.mmt trace.mmt
      mmioscope diff old/run.json new/run.json --fail-on 'mwr > +0%'
      mmioscope diff report new/run.json --fail-on findings --junit gate.xml
      mmioscope diff report new/run.json --csv -

      A result is run.json of analyze or compare, or the folder that holds it. A trace is replayed \
      first, as compare does with these options and --ranges off. Results are exact: any change has \
      a cause.

      A condition is any (something has changed), findings (one is new, or there are more), or \
      METRIC > LIMIT, also with <, >= and <=: 'mwr > +2.5%' a change by a share, 'mwr > +100' by so \
      many, 'mwr > 100' the value after. METRIC is a name of run.json (flush_causes.barrier, \
      saturated.time_ps) of each scenario as a whole, or records, lost or counters.NAME of the trace; \
      SCENARIO/METRIC and SCENARIO/REGION/METRIC are of one alone, * is each of them. Where one is \
      met, or cannot be judged as a scenario is in one result alone, the exit status is 1.
      """)

  @Argument(help: "The result or trace before.")
  var before: String

  @Argument(help: "The result or trace after.")
  var after: String

  @Option(help: ArgumentHelp("Fail where this is met; repeats.", valueName: "condition"))
  var failOn: [String] = []

  @Flag(help: "Show every metric that differs; CSV and JSON have then what is equal, too.")
  var all = false

  @OptionGroup(title: "Output")
  var output: ResultOutputOptions

  @OptionGroup(title: "How a trace is replayed")
  var replaying: DiffReplayOptions

  func validate() throws {
    if before == "-", after == "-" { throw ValidationError("only one of both can be -") }
  }

  func run() throws {
    let gates = try failOn.map { text throws(TraceError) in try ChangeGate(text) }
    let results = (try replaying.result(before), try replaying.result(after))
    guard results.0.isReplayed || results.1.isReplayed || !replaying.isGiven else {
      throw ValidationError("options about a replay need a trace; both are results")
    }
    let difference = RunDifference(results.0.document, results.1.document)
    let cases = try gates.map { gate throws(TraceError) in
      let reasons = try gate.matches(difference).map(\.line)
      return GateReport.Case(
        name: gate.text, outcome: reasons.isEmpty ? .passed : .failed(reasons))
    }
    let failed = cases.filter(\.isFailed).map(\.name)
    try output.finish(
      ResultOutputOptions.Texts(
        gate: GateReport(gate: "diff", subject: "\(before) \(after)", cases: cases),
        json: { runDifferenceJSON(difference, all: all, failed: failed) },
        csv: { runDifferenceCSV(difference, all: all) },
        markdown: { runDifferenceMarkdown(difference, all: all) },
        screen: {
          runDifferenceText(difference, all: all, width: Console.width, color: Console.usesColor)
        }))
    for gate in cases {
      if case .failed(let reasons) = gate.outcome {
        Console.failed("--fail-on '\(gate.name)'", reasons)
      }
    }
    if !failed.isEmpty { throw ExitCode(1) }
  }
}

extension ChangeGate.Match {
  fileprivate var line: String {
    switch self {
    case .metric(let change): change.line
    case .finding(let change): change.line
    case .scenario(let name): "scenario \(name) is in one of them alone"
    }
  }
}
