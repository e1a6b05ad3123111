public import Results
import Tables

/// Two results as CSV: a row for each setting, metric and finding, and for each scenario that one
/// result alone has.
///
/// - Parameters:
///   - difference: The results.
///   - all: Also what is equal.
/// - Returns: CSV with a header. `difference` is after less before, empty where one is not known.
public func runDifferenceCSV(_ difference: RunDifference, all: Bool) -> String {
  var csv = CSVText(header: [
    "kind", "scenario", "region", "name", "before", "after", "difference", "severity", "message",
  ])
  for name in difference.scenariosBefore {
    csv.add(["scenario", name, nil, nil, "1", "0", "-1", nil, nil])
  }
  for name in difference.scenariosAfter {
    csv.add(["scenario", name, nil, nil, "0", "1", "1", nil, nil])
  }
  for change in difference.settings where all || change.isChanged {
    csv.add([
      "setting", change.scenario, change.region, change.name, change.before, change.after, nil, nil,
      nil,
    ])
  }
  for change in difference.metrics where all || change.isChanged {
    csv.add([
      "metric", change.scenario, change.region, change.name, change.before.map(String.init),
      change.after.map(String.init), signedDifference(change).map(String.init), nil, nil,
    ])
  }
  for finding in difference.findings where all || RunDifference.isChanged(finding) {
    let (before, after) = (finding.before?.count ?? 0, finding.after?.count ?? 0)
    csv.add([
      "finding", finding.scenario, finding.region, finding.name, String(before), String(after),
      String(Int128(after) - Int128(before)), (finding.after ?? finding.before)?.severity,
      (finding.after ?? finding.before)?.message,
    ])
  }
  return csv.text
}

/// After less before; nil where one is not known.
func signedDifference(_ change: RunDifference.Change<UInt64>) -> Int128? {
  guard let before = change.before, let after = change.after else { return nil }
  return Int128(after) - Int128(before)
}
