import ArgumentParser
import Importers
import TraceCore
import TraceEdit
import TraceIO

/// `dump`: a trace as canonical CSV.
struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Print a trace as canonical CSV, which import reads back.",
    discussion: """
      mmioscope dump trace.mmt --from 811198 --count 20
      mmioscope dump nic.mmt --region 'bar 0' --vcpu 0 --direction store
      mmioscope dump trace.mmt | duckdb -c "select op, count(*) from read_csv('/dev/stdin') group by op"
      """)

  @OptionGroup var trace: TraceOptions
  @OptionGroup(title: "Filters, as in slice")
  var filter: FilterOptions

  func run() throws {
    let source = try trace.open()
    var selection = filter.selection
    // Records by number alone are a place to go to, and one to stop at.
    var records: Range<UInt64> = 0..<(.max)
    if selection.count == nil {
      records = selection.records ?? records
      selection.records = nil
    }
    var filter = selection.isEverything ? nil : RecordFilter(selection)
    let output = try OutputFile(path: "-")
    try output.write(CanonicalCSVWriter.header)
    if filter == nil, let native = source as? NativeTraceReader {
      try native.seek(toRecord: records.lowerBound)
    }
    let block = Block()
    var writer = CanonicalCSVWriter(context: source.context)
    var rows: [UInt8] = []
    while try source.next(into: block) {
      if filter == nil, block.firstRecord >= records.upperBound { break }
      let keeps = filter?.mask(block, source.context)
      try writer.write(block, range: records, keeping: keeps, to: &rows)
      try output.write(rows)
      rows.removeAll(keepingCapacity: true)
    }
    try filter?.finish(source.context)
    try output.commit()
    // A reader of the rows would not see that some are missing.
    reportLosses(source.context.counters.rows)
  }
}
