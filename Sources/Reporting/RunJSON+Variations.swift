import Results
import TraceCore

/// The scenarios under other values, in few words: what was changed, and times, goodput and
/// memory writes that it gave under the saturated clock.
func json(_ variation: Variation) -> JSONValue {
  let changes = variation.changes.map { ($0.key, json($0.value)) }
  return .object([
    "changes": .object(Dictionary(changes, uniquingKeysWith: { $1 })),
    "scenarios": .list(
      variation.scenarios.map { scenario in
        var members = brief(scenario.totals)
        members["name"] = .text(scenario.name)
        members["regions"] = .list(
          scenario.regions.map { result in
            var region = brief(result.metrics)
            region["name"] = .text(result.region.name)
            region["base"] = .count(result.region.base)
            return .object(region)
          })
        return .object(members)
      }),
  ])
}

private func brief(_ metrics: Metrics) -> [String: JSONValue] {
  [
    "time_ps": .count(metrics.saturated.timePs),
    "goodput_bytes_per_s": JSONValue(metrics.saturated.goodputBytesPerSecond),
    "mwr": .count(metrics.mwr),
  ]
}

func json(_ value: Setting.Value) -> JSONValue {
  switch value {
  case .integer(let value): .integer(value)
  case .number(let value): .number(value)
  case .flag(let value): .flag(value)
  case .text(let value): .text(value)
  }
}
