import Results

// Latencies, what the time went into and how busy the link was, in `run.json`.

/// Percentiles and largest value in ps; null without samples.
func json(_ latency: Latency) -> JSONValue {
  guard latency.samples > 0 else { return .null }
  var members: [String: JSONValue] = [
    "samples": .count(latency.samples), "max": .count(latency.maxPs),
  ]
  for percentile in Percentile.all {
    members[percentile.name] = JSONValue(latency.percentilePs(perMille: percentile.perMille))
  }
  return .object(members)
}

/// Time in ps by share.
func json(_ parts: [TimePart]) -> JSONValue {
  let members = parts.map { ($0.share.name, JSONValue.count($0.timePs)) }
  return .object(Dictionary(members, uniquingKeysWith: { $1 }))
}

/// Busy time of the link by clock; null for a clock that was not run.
func jsonLinkUse(_ scenario: ScenarioResult) -> JSONValue {
  let members = Clock.allCases.map { clock -> (String, JSONValue) in
    guard let use = clock.use(in: scenario) else { return (clock.rawValue, .null) }
    let value: JSONValue = .object([
      "bin_ps": .count(use.binPs),
      "down_busy_ps": .list(use.downPs.map { .count($0) }),
      "up_busy_ps": .list(use.upPs.map { .count($0) }),
    ])
    return (clock.rawValue, value)
  }
  return .object(Dictionary(members, uniquingKeysWith: { $1 }))
}
