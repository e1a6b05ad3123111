import ArgumentParser
import Importers
import TraceCore
import TraceIO

/// `dump`: a trace as canonical CSV.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print a trace as canonical CSV, which import reads back.",
    discussion: """
      mmioscope dump trace.mmt --from 811198 --count 20
      mmioscope dump trace.mmt | duckdb -c "select op, count(*) from read_csv('/dev/stdin') group by op"
      """)

  @OptionGroup var trace: TraceOptions

  @Option(help: "First record, from 0.")
  var from: UInt64 = 0

  @Option(help: "Records at most; all where not given.")
  var count: UInt64?

  func run() throws {
    let source = try trace.open()
    let end = count.map { from.addingReportingOverflow($0) }
    let range = from..<max(from, end.map { $0.overflow ? .max : $0.partialValue } ?? .max)
    let output = try OutputFile(path: "-")
    try output.write(CanonicalCSVWriter.header)
    if let native = source as? NativeTraceReader { try native.seek(toRecord: from) }
    let block = Block()
    var writer = CanonicalCSVWriter(context: source.context)
    var rows: [UInt8] = []
    while try source.next(into: block) {
      if block.firstRecord >= range.upperBound { break }
      try writer.write(block, range: range, to: &rows)
      try output.write(rows)
      rows.removeAll(keepingCapacity: true)
    }
    try output.commit()
    // A reader of the rows would not see that some are missing.
    for row in source.context.counters.rows where row.severity != .info {
      Console.error("\(row.name): \(row.count) (\(row.meaning))")
    }
  }
}
