import ArgumentParser
import Reporting
import TraceCore
import TraceIO

/// `info`: what a trace holds, and what it cannot tell.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Counts, regions and time span of a trace, and what the capture does not hold.",
    discussion: """
      mmioscope info trace.mmt
      mmioscope info qemu.log --json -
      mmioscope info trace.mmt --registers 20 --sections
      mmioscope info nic.mmt --region 'bar 0' --registers 5

      --registers names those that the map names (regions, registers), --sections what lies between
      the capture's marks; both read the whole trace.
      """)

  @OptionGroup var trace: FilteredTraceOptions

  @Option(help: "The same as JSON; - is standard output.", transform: outputPath)
  var json: String?

  @Option(help: "Show so many registers, the most used ones first.")
  var registers: Int?

  @Flag(help: "Show what lies between the capture's marks.")
  var sections = false

  func validate() throws {
    if let registers, registers < 1 { throw ValidationError("--registers wants 1 or more") }
  }

  func run() throws {
    let source = try trace.open()
    var use = RegisterUse()
    let sectioned = SectionedSource(source)
    // A footer of before lacks some totals, and none knows which blocks are damaged now.
    let footer = source.context.totals.flatMap {
      $0.isComplete && !trace.whole.input.skipBadRecords ? $0 : nil
    }
    let known = registers == nil && !sections ? footer : nil
    let totals = try known ?? count(sectioned) { if registers != nil { use.add($0) } }
    var info = TraceInfo(source.context, totals)
    if sections { info.sections = sectioned.counter.sections }
    if let registers { info.registers = use.json(registers, source.context.regions) }
    try Outputs.write { outputs throws(TraceError) in try outputs.add(json) { info.json } }
    guard json != "-" else { return }
    try Console.folded(info.text)
    if let registers { try Console.folded("\n" + use.text(registers, source.context.regions)) }
  }

  private func count(
    _ source: any BlockSource, _ body: (Block) -> Void
  ) throws(TraceError) -> TraceTotals {
    var progress = Progress()
    defer { progress.finish() }
    var counter = TotalsCounter()
    let block = Block()
    while try source.next(into: block) {
      counter.add(block)
      body(block)
      progress.update(records: counter.records, source: source)
    }
    return counter.totals
  }
}
