import Results
import TraceCore
import YAMLInput

/// The metrics of two results that a condition's place names.
struct MetricRows {
  private let scenario: String
  private let region: String?
  private let scenarios: [String]
  /// Rows of the scenarios, and of those the rows of the regions.
  private let inScenario: [RunDifference.Change<UInt64>]
  private let inRegion: [RunDifference.Change<UInt64>]

  /// - Parameters:
  ///   - difference: The results.
  ///   - scenario: A name, of one result where a pair has two; `*` for each, and the trace.
  ///   - region: A name; `*` for each, nil for scenarios as a whole.
  init(_ difference: RunDifference, scenario: String, region: String?) {
    self.scenario = scenario
    self.region = region
    scenarios = difference.scenarios
    inScenario = difference.metrics.filter {
      scenario == "*" || $0.scenario == scenario
        || $0.scenario?.split(separator: " -> ").contains(scenario[...]) == true
    }
    inRegion = inScenario.filter {
      region == nil ? $0.region == nil : $0.region != nil && (region == "*" || region == $0.region)
    }
  }

  /// The rows of one metric: one for each scenario and region.
  ///
  /// - Parameters:
  ///   - name: As in JSON, parts behind dots.
  ///   - error: Makes an error of a message.
  /// - Returns: Rows; of what is counted by kind, zeros where a result has none of the kind.
  /// - Throws: ``TraceError`` where no result has such a metric, or one of them does not know it.
  func rows(
    named name: String, _ error: (String) -> TraceError
  ) throws(TraceError) -> [RunDifference.Change<UInt64>] {
    var rows = inRegion.filter { $0.name == name }
    if let kind = Kind(name) {
      guard kind.isKnown else {
        throw error("there is no '\(name)'" + didYouMean(kind.tail, among: kind.known))
      }
      rows += zeros(name, besides: rows, ofTrace: kind.isOfTrace)
    }
    guard !rows.isEmpty else { throw error(missing(name)) }
    let (before, after) = (places { $0.before != nil }, places { $0.after != nil })
    for row in rows {
      let place = [row.scenario, row.region]
      // A region that one result lacks is no gap; of scenarios only those of both are here.
      for (side, isThere, value) in [
        ("before", row.region == nil || before.contains(place), row.before),
        ("after", row.region == nil || after.contains(place), row.after),
      ] where isThere && value == nil {
        let words = place.compactMap(\.self).joined(separator: ", ")
        throw error("\(name) of \(words) is not known \(side)")
      }
    }
    return rows
  }

  /// Scenarios and regions of which something holds.
  private func places(where holds: (RunDifference.Change<UInt64>) -> Bool) -> Set<[String?]> {
    Set(inRegion.filter(holds).map { [$0.scenario, $0.region] })
  }

  /// Rows of the places that have none of a kind.
  private func zeros(
    _ name: String, besides rows: [RunDifference.Change<UInt64>], ofTrace: Bool
  ) -> [RunDifference.Change<UInt64>] {
    var seen = Set(rows.map { [$0.scenario, $0.region] })
    return inRegion.compactMap { row in
      guard (row.scenario == nil) == ofTrace, seen.insert([row.scenario, row.region]).inserted
      else { return nil }
      return RunDifference.Change(
        scenario: row.scenario, region: row.region, name: name, before: 0, after: 0)
    }
  }

  private func missing(_ name: String) -> String {
    let (what, wanted, known): (String, String, [String?]) =
      if inScenario.isEmpty {
        ("scenario", scenario, scenarios)
      } else if inRegion.isEmpty {
        ("region", region ?? "", inScenario.map(\.region))
      } else {
        ("metric", name, inRegion.map(\.name))
      }
    let names = Set(known.compactMap(\.self)).sorted()
    return "there is no \(what) '\(wanted)'" + didYouMean(wanted, among: names)
  }
}

/// A metric that counts one kind of many, of which results have those that occur.
private struct Kind {
  /// The kind, behind the first dot.
  let tail: String
  private let group: String

  init?(_ name: String) {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard parts.count == 2,
      ["flush_causes", "flush_bytes", "mwr_payload_histogram", "counters"].contains(parts[0])
    else { return nil }
    (group, tail) = (String(parts[0]), String(parts[1]))
  }

  var isOfTrace: Bool { group == "counters" }

  /// There may be such a kind; counters have any name.
  var isKnown: Bool {
    switch group {
    case "mwr_payload_histogram": Int(tail) != nil
    case "counters": true
    default: known.contains(tail)
    }
  }

  var known: [String] { group.hasPrefix("flush") ? FlushCause.allCases.map(\.name) : [] }
}
