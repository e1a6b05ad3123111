public import Results
import Tables

/// `link_use.csv`: TLP transmission time in each bin of time, by scenario and clock.
///
/// - Parameter run: Any run.
/// - Returns: CSV with a header; bins start at the first record, and a direction that ends earlier
///   than the other is idle from there.
public func linkUseCSV(_ run: RunResult) -> String {
  var csv = CSVText(
    header: ["scenario", "clock", "start_ps", "bin_ps", "down_busy_ps", "up_busy_ps"])
  for scenario in run.scenarios {
    for clock in Clock.allCases {
      guard let use = clock.use(in: scenario) else { continue }
      for bin in 0..<use.bins {
        let busy = [use.downPs, use.upPs].map { bin < $0.count ? $0[bin] : 0 }
        csv.add(
          [scenario.name, clock.rawValue, String(use.startPs(bin)), String(use.binPs)]
            + busy.map { String($0) })
      }
    }
  }
  return csv.text
}
