public import Results
import Tables
import TraceCore

/// `latency.csv`: percentiles of store and load latencies, by scenario, region and clock.
///
/// - Parameter run: Any run.
/// - Returns: CSV with a header; no row for a clock that was not run or for accesses that the
///   region has none of.
public func latencyCSV(_ run: RunResult) -> String {
  let percentiles = Percentile.all.map { $0.name + "_ps" }
  var csv = CSVText(
    header: ["scenario", "region", "clock", "access", "samples"] + percentiles + ["max_ps"])
  for row in latencyRows(run) {
    let values = Percentile.all.map { row.latency.percentilePs(perMille: $0.perMille) }
    csv.add(
      row.cells + [String(row.latency.samples)] + values.map { $0.map { String($0) } }
        + [String(row.latency.maxPs)])
  }
  return csv.text
}

/// `latency_histogram.csv`: the samples behind ``latencyCSV(_:)``, one row per bin that has any.
public func latencyHistogramCSV(_ run: RunResult) -> String {
  var csv = CSVText(
    header: ["scenario", "region", "clock", "access", "low_ps", "high_ps", "samples"])
  for row in latencyRows(run) {
    for bin in row.latency.bins {
      csv.add(row.cells + [String(bin.lowPs), String(bin.highPs), String(bin.samples)])
    }
  }
  return csv.text
}

/// A latency and the cells that say whose it is.
private struct LatencyRow {
  var cells: [String?]
  var latency: Latency
}

private func latencyRows(_ run: RunResult) -> [LatencyRow] {
  var rows: [LatencyRow] = []
  for scenario in run.scenarios {
    for result in scenario.regions {
      for clock in Clock.allCases {
        guard let times = clock.metrics(result.metrics, in: scenario) else { continue }
        for access in LatencyAccess.allCases where access.latency(times).samples > 0 {
          let cells = [scenario.name, result.region.name, clock.rawValue, access.rawValue]
          rows.append(LatencyRow(cells: cells, latency: access.latency(times)))
        }
      }
    }
  }
  return rows
}
