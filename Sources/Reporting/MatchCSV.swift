public import Results
import Tables

/// A match as CSV: a row for each count of a region and of all, each payload size, each kind of TLP
/// that is not compared, each duration and each difference.
///
/// - Parameter result: The match.
/// - Returns: CSV with a header. Of a difference, `predicted` has the numbers of its TLPs and
///   `observed` the lines of its own; `region` is empty of what is of all.
public func matchCSV(_ result: MatchResult) -> String {
  var csv = CSVText(header: ["kind", "region", "name", "predicted", "observed"])
  for region in result.regions { add(region.counts, region.name, to: &csv) }
  add(result.totals, nil, to: &csv)
  for size in result.sizes {
    csv.add(["write_size", nil, String(size.payloadBytes)] + cells(size.writes))
  }
  for other in result.others { csv.add(["not_compared", nil, other.name] + cells(other.tlps)) }
  if let durations = result.durations {
    let observed = durations.observedPs.map { String($0) }
    for (name, time) in [
      ("saturated", durations.saturatedPs), ("paced", durations.pacedPs),
    ] where time != nil {
      csv.add(["duration_ps", nil, name, time.map { String($0) }, observed])
    }
  }
  for difference in result.differences {
    csv.add([
      "difference", difference.region, difference.kind.rawValue,
      list(difference.predicted.map(\.number)), list(difference.observed.map(\.line)),
    ])
  }
  return csv.text
}

private func add(_ counts: MatchResult.Counts, _ region: String?, to csv: inout CSVText) {
  func add(_ name: String, _ cells: [String?]) { csv.add(["count", region, name] + cells) }
  add("compared", cells(counts.compared))
  add("agree", [String(counts.agree), String(counts.agree)])
  add("reordered", [String(counts.reordered), String(counts.reordered)])
  add("split_otherwise", cells(counts.splitOtherwise))
  add("other_bytes", cells(counts.otherBytes))
  add("predicted_only", [String(counts.predictedOnly), nil])
  add("observed_only", [nil, String(counts.observedOnly)])
}

private func cells(_ sides: MatchResult.Sides) -> [String?] {
  [String(sides.predicted), String(sides.observed)]
}

private func list(_ numbers: [UInt64]) -> String? {
  numbers.isEmpty ? nil : numbers.map { String($0) }.joined(separator: " ")
}
