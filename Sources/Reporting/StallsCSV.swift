public import Results
import Tables
import TraceCore

/// `stalls.csv`: what the vCPUs' time went into, by scenario, region and clock.
public func stallsCSV(_ run: RunResult) -> String {
  var csv = CSVText(header: ["scenario", "region", "clock", "share", "time_ps"])
  for scenario in run.scenarios {
    for result in scenario.regions {
      for clock in Clock.allCases {
        for part in clock.metrics(result.metrics, in: scenario)?.timeParts ?? [] {
          csv.add([
            scenario.name, result.region.name, clock.rawValue, part.share.name,
            String(part.timePs),
          ])
        }
      }
    }
  }
  return csv.text
}
