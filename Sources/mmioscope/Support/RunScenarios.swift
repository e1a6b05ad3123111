import Profiles
import Replay
import Reporting
import Results
import TraceCore
import TraceIO

/// Replays a trace with a progress line.
///
/// - Parameters:
///   - source: The trace.
///   - configurations: The scenarios.
///   - threads: Cores to use at most.
/// - Returns: Their results.
/// - Throws: ``TraceError`` from the trace, or when records were not accounted for.
func replay(
  _ source: any BlockSource, _ configurations: [ScenarioConfiguration], threads: Int = 1
) throws(TraceError) -> RunResult {
  var progress = Progress()
  defer { progress.finish() }
  let ahead = threads > 1 ? BlocksAhead(source) : nil
  let sectioned = SectionedSource(ahead ?? source)
  let driver = ReplayDriver(sectioned, configurations)
  driver.threads = threads
  driver.onBlock = { records in progress.update(records: records, source: ahead ?? source) }
  var run = try driver.run()
  run.trace.sections = sectioned.counter.sections
  for index in run.findings.indices {
    run.findings[index].section = sectioned.counter.mark(of: run.findings[index].firstRecord)
  }
  return run
}

/// Compares two scenarios, also under other values where the profiles give ranges.
///
/// One pass over the trace tries the corners of the ranges, and other accessor assumptions where the
/// capture holds no barriers and nobody said which there are. Only where a verdict differs between
/// them, a second pass tries each value alone that may be why, to name those that it flips on.
///
/// - Parameters:
///   - configurations: Two scenarios.
///   - threads: Cores to use at most.
///   - canBeReadAgain: The trace can be opened a second time.
///   - open: Opens the trace, with its hash or without.
/// - Returns: The results of the run's own values, and all variations.
/// - Throws: ``TraceError`` from the trace, or when records were not accounted for.
func replayRanges(
  _ configurations: [ScenarioConfiguration], threads: Int, canBeReadAgain: Bool = true,
  open: (_ hashes: Bool) throws(TraceError) -> any BlockSource
) throws(TraceError) -> RunResult {
  let isRanged = configurations.contains { $0.settings.values.contains { !$0.range.isEmpty } }
  if isRanged, configurations.allSatisfy({ $0.clocks == .paced }) {
    Console.note(
      "--clock paced: values in range are not tried, which takes the saturated clock; --ranges off"
        + " says that it is meant")
  }
  let source = try open(true)
  var run = try replay(
    source,
    configurations.map { configuration in
      var cornered = configuration
      // Variations run the saturated clock only, which then is not to be compared with.
      if configuration.clocks != .paced {
        cornered.settings = configuration.settings.withCorners()
        cornered.triesAccessors = true
      }
      return cornered
    }, threads: threads)
  let suspects = suspectSettings(run)
  guard !suspects.isEmpty else { return run }
  let alone = configurations.map { configuration in
    var each = configuration
    each.settings = configuration.settings.withEachAlone()
    each.settings.variants.removeAll { !$0.changes.contains { suspects.contains($0) } }
    each.clocks = .saturated
    each.measures = false
    return each
  }
  guard alone.contains(where: { !$0.settings.variants.isEmpty }) else { return run }
  guard canBeReadAgain else {
    Console.note(
      "a verdict depends on values in range; on which, a second reading would tell: give a file"
        + " instead of a pipe")
    return run
  }
  run.variations += try replay(open(false), alone, threads: threads).variations
  return run
}
