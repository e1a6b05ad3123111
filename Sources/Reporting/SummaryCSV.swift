public import Results
import Tables
import TraceCore

/// `summary.csv`: every count, one row per scenario and region; the totals are in `run.json`.
///
/// - Parameter run: Any run.
/// - Returns: CSV with a header; the clock that was not run, and quotients of nothing, are empty.
public func summaryCSV(_ run: RunResult) -> String {
  var csv = CSVText(header: summaryColumns)
  for scenario in run.scenarios {
    for result in scenario.regions { csv.add(summaryCells(result, in: scenario)) }
  }
  return csv.text
}

/// Names of the cells of ``summaryCells(_:in:)``.
var summaryColumns: [String] {
  let clockColumns = Clock.allCases.flatMap {
    [$0.rawValue + "_time_ps", $0.rawValue + "_goodput_bytes_per_s"]
  }
  return ["scenario", "region", "policy", "stage1", "stage2", "effective"]
    + ScalarMetric.all.map(\.name) + ["gather_factor", "wire_efficiency"] + clockColumns
}

/// One region under one scenario.
func summaryCells(_ result: RegionResult, in scenario: ScenarioResult) -> [String?] {
  let types: [String?] = [result.stage1, result.stage2, result.effective]
  return [scenario.name, result.region.name, scenario.policy] + types
    + cells(result.metrics, in: scenario)
}

private func cells(_ metrics: Metrics, in scenario: ScenarioResult) -> [String?] {
  var cells: [String?] = ScalarMetric.all.map { String(metrics[keyPath: $0.value]) }
  cells.append(quotient(metrics.stores, metrics.mwr, places: 6))
  cells.append(quotient(metrics.payloadBytes, metrics.mwrWireBytes, places: 6))
  for clock in Clock.allCases {
    let times = clock.metrics(metrics, in: scenario)
    cells.append(times.map { String($0.timePs) })
    cells.append(times?.goodputBytesPerSecond.map { String($0) })
  }
  return cells
}
