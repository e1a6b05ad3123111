import ArgumentParser
import ArmMemory
import Replay
import Reporting
import Results
import TraceCore
import TraceIO

/// `why`: one record under both mappings.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "What became of one record under two mapping policies, and what sent it away.",
    discussion: """
      mmioscope why trace.mmt --record 3
      mmioscope why qemu.log --record 7 --accessors linux-writel --json -
      mmioscope why nic.mmt --region 'bar 0' --record 0

      A finding's `first_record` is such a number: with filters, of the records that they keep \
      (dump has the whole trace's numbers always). Of a barrier, load or config access it says \
      which lines it made leave, and what a config write means; what the rules find at it stands \
      behind. Its time is the capture's own stamp, as dump has it. Reads the trace twice.
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @Option(help: "Number of the record, from 0.")
  var record: UInt64

  @OptionGroup var policies: PolicyOptions

  @OptionGroup var scenario: ScenarioOptions

  @Option(help: "The same as JSON; - is standard output.", transform: outputPath)
  var json: String?

  func validate() throws {
    try trace.whole.checkReadAgain(by: "why")
  }

  func run() throws {
    let story = try story()
    try Outputs.write { outputs throws(TraceError) in
      try outputs.add(json) { RecordStoryJSON(story).text }
    }
    guard json != "-" else { return }
    let lines = RecordStoryText(story, color: Console.usesColor).lines
    try Console.folded(lines.map { $0 + "\n" }.joined())
  }

  private func story() throws -> RecordStory {
    let source = try open()
    var inquiry = RecordInquiry(of: record, try policies.configurations(scenario))
    var progress = Progress()
    defer {
      progress.finish()
      reportLosses(source.context.counters.rows)
    }
    inquiry.onBlock = { records in progress.update(records: records, source: source) }
    let fates = try inquiry.run(source)
    let named = fates.reduce(into: Set<UInt64>()) { $0.formUnion($1.named) }
    var describer = RecordDescriber(named.union([record]))
    try describer.run(open())
    var records = describer.found
    guard let own = records.removeValue(forKey: record) else {
      throw TraceError(.internal, "the second reading has no such record", record: record)
    }
    return RecordStory(
      trace: source.context.name, record: own, fates: fates, others: records)
  }

  private func open() throws(TraceError) -> any BlockSource {
    try trace.open(hashes: false)
  }
}
