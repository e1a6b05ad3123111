import TraceCore
import TraceIO

/// Writes a whole source as a native trace.
///
/// - Parameters:
///   - source: At its first record.
///   - path: File, which appears when it is complete; `-` is standard output.
/// - Returns: Records written.
/// - Throws: ``TraceError`` from the source or the output.
func writeNative(_ source: any BlockSource, to path: String) throws(TraceError) -> UInt64 {
  if [".csv", ".rec32", ".rec24"].contains(where: path.hasSuffix) {
    Console.note(
      "\(path) becomes a native trace, whatever its name says: convert writes other forms")
  }
  let file = try OutputFile(path: path)
  let writer = try NativeTraceWriter(to: file, context: source.context, level: 3)
  try forEachBlock(of: source) { block throws(TraceError) in try writer.write(block) }
  try writer.finish()
  try file.commit()
  return writer.records
}

/// Goes over a source with a progress line.
func forEachBlock(
  of source: any BlockSource, _ body: (Block) throws(TraceError) -> Void
) throws(TraceError) {
  var progress = Progress()
  defer { progress.finish() }
  let block = Block()
  var records: UInt64 = 0
  while try source.next(into: block) {
    records += UInt64(block.count)
    try body(block)
    progress.update(records: records, source: source)
  }
}

/// Says what a command counted, and what of the trace is missing or wrong.
func reportCounters(_ context: TraceContext, named prefixes: String...) {
  for row in context.counters.rows
  where row.severity != .info || prefixes.contains(where: { row.name.hasPrefix($0) }) {
    Console.note("  " + row.line)
  }
}

/// Says on standard error what of a trace is missing or wrong, where the result itself does not.
func reportLosses(_ counters: [TraceCounter]) {
  for row in counters where row.severity != .info { Console.note(row.line) }
}

extension TraceCounter {
  fileprivate var line: String { "\(name): \(count) (\(meaning))" }
}
