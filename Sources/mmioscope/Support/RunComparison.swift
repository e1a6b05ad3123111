import Reporting
import Results
import TraceCore

/// The first difference between two runs' numbers, names left out; nil where there is none.
///
/// Compared is what `run.json` has of both: totals, metrics of each region, findings with their
/// records and counts. Left out are names, places of regions, texts that hold them, and when the
/// capture began.
///
/// - Parameters:
///   - first: A run.
///   - second: A run with the same configurations.
/// - Returns: The first line that differs, as both have it.
func firstDifference(_ first: RunResult, _ second: RunResult) -> String? {
  let (left, right) = (runJSON(nameless(first)), runJSON(nameless(second)))
  guard left != right else { return nil }
  let lines = (left.split(separator: "\n"), right.split(separator: "\n"))
  for (before, after) in zip(lines.0, lines.1) where before != after {
    return "\(before.prefix(160)) became \(after.prefix(160))"
  }
  return "\(lines.0.count) lines became \(lines.1.count)"
}

/// A run with numbers in the place of its names.
private func nameless(_ run: RunResult) -> RunResult {
  var run = run
  run.trace.name = ""
  run.trace.sha256 = ""
  run.trace.assumptions = []
  run.trace.counters = []
  let epoch = run.trace.sections.compactMap(\.times?.lowerBound).min() ?? 0
  for index in run.trace.sections.indices {
    run.trace.sections[index].mark = nil
    run.trace.sections[index].times = run.trace.sections[index].times.map {
      $0.lowerBound - epoch...$0.upperBound - epoch
    }
  }
  // By number: names may be shared.
  for scenario in run.scenarios.indices {
    for index in run.scenarios[scenario].regions.indices {
      run.scenarios[scenario].regions[index].region.name = "region \(index)"
      run.scenarios[scenario].regions[index].region.base = 0
    }
  }
  for index in run.findings.indices {
    run.findings[index].region = run.findings[index].regionNumber.map { "region \($0)" }
    run.findings[index].message = ""
    run.findings[index].caller = nil
    run.findings[index].register = nil
    run.findings[index].section = nil
    run.findings[index].advice = ""
  }
  return run
}
