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
      """)

  @OptionGroup var trace: TraceOptions

  @Option(help: "The same as JSON; - is standard output.", transform: outputPath)
  var json: String?

  func run() throws {
    let source = try trace.open()
    let totals = try source.context.totals ?? count(source)
    let info = TraceInfo(source.context, totals)
    if let json {
      let output = try OutputFile(path: json)
      try output.write(info.json)
      try output.commit()
    }
    if json != "-" { try Console.output(info.text) }
  }

  private func count(_ source: any BlockSource) throws(TraceError) -> TraceTotals {
    var progress = Progress()
    defer { progress.finish() }
    var counter = TotalsCounter()
    let block = Block()
    while try source.next(into: block) {
      counter.add(block)
      progress.update(records: counter.totals.records, source: source)
    }
    return counter.totals
  }
}
