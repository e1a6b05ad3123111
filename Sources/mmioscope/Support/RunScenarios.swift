import Replay
import Results
import TraceCore

/// Replays a trace with a progress line.
///
/// - Parameters:
///   - source: The trace.
///   - configurations: The scenarios.
/// - Returns: Their results.
/// - Throws: ``TraceError`` from the trace, or when records were not accounted for.
func replay(
  _ source: any BlockSource, _ configurations: [ScenarioConfiguration]
) throws(TraceError) -> RunResult {
  var progress = Progress()
  defer { progress.finish() }
  let driver = ReplayDriver(source, configurations)
  driver.onBlock = { records in progress.update(records: records, source: source) }
  return try driver.run()
}
