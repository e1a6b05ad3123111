public import Results
import TraceCore

/// `run.json`: the whole run, exact integers, keys sorted.
///
/// A key whose value is not known is there with null. `saturated` or `paced` is null where that
/// clock was not run.
public func runJSON(_ run: RunResult) -> String {
  let document: JSONValue = .object([
    "schema_version": .integer(Int64(RunResult.schemaVersion)),
    "tool": .object(["name": .text(Product.name), "version": .text(Product.version)]),
    "trace": json(run.trace),
    "scenarios": .list(run.scenarios.map(json)),
    "findings": .list(run.findings.map(json)),
    "variations": .list(run.variations.map(json)),
  ])
  return document.document
}

func json(_ trace: TraceResult) -> JSONValue {
  .object([
    "name": .text(trace.name),
    "sha256": .text(trace.sha256),
    "records": .count(trace.records),
    "format": .text(trace.format),
    "lost": .count(trace.lost),
    "assumptions": .list(trace.assumptions.map { .text($0) }),
    "counters": .list(trace.counters.map(json)),
    "sections": .list(trace.sections.map(jsonSection)),
  ])
}

func jsonSection(_ section: TraceSection) -> JSONValue {
  .object([
    "mark": JSONValue(section.mark), "first_record": .count(section.firstRecord),
    "records": .count(section.records), "stores": .count(section.stores),
    "loads": .count(section.loads), "store_bytes": .count(section.storeBytes),
    "load_bytes": .count(section.loadBytes),
    "config_accesses": .count(section.configAccesses), "resets": .count(section.resets),
    "first_time_ns": JSONValue(section.times?.lowerBound),
    "last_time_ns": JSONValue(section.times?.upperBound),
  ])
}

private func json(_ counter: TraceCounter) -> JSONValue {
  .object([
    "name": .text(counter.name),
    "severity": .text(counter.severity.rawValue),
    "meaning": .text(counter.meaning),
    "count": .count(counter.count),
  ])
}

private func json(_ scenario: ScenarioResult) -> JSONValue {
  let sources = scenario.settings.map { setting -> (String, JSONValue) in
    let source: JSONValue = .object([
      "unit": .text(setting.unit), "source": .text(setting.source),
      "status": .text(setting.status.rawValue), "range": .list(setting.range.map(json)),
    ])
    return (setting.key, source)
  }
  var members = jsonScenario(scenario)
  members["setting_sources"] = .object(Dictionary(sources, uniquingKeysWith: { $1 }))
  members["link_use"] = jsonLinkUse(scenario)
  return .object(members)
}

/// What a run and a sweep's point say of a scenario.
func jsonScenario(_ scenario: ScenarioResult) -> [String: JSONValue] {
  let values = scenario.settings.map { ($0.key, json($0.value)) }
  return [
    "name": .text(scenario.name),
    "policy": .text(scenario.policy),
    "fwb": .flag(scenario.fwb),
    "accessors": .text(scenario.accessors),
    "cpu": .text(scenario.cpu),
    "rc": .text(scenario.rootComplex),
    "link": .text(scenario.link),
    "device": .text(scenario.device),
    "config_path": .text(scenario.configPath),
    "clock": .text(scenario.clocks),
    "settings": .object(Dictionary(values, uniquingKeysWith: { $1 })),
    "totals": json(scenario.totals, in: scenario),
    "regions": .list(scenario.regions.map { json($0, in: scenario) }),
  ]
}

private func json(_ result: RegionResult, in scenario: ScenarioResult) -> JSONValue {
  let region = result.region
  return .object([
    "name": .text(region.name),
    "base": .count(region.base),
    "size": .count(region.size),
    "bdf": JSONValue(region.function?.description),
    "bar": region.bar.map { .integer(Int64($0)) } ?? .null,
    "kind": .text(region.kind.rawValue),
    "prefetchable": JSONValue(region.prefetchable),
    "stage1": .text(result.stage1),
    "stage1_source": .text(result.stage1Source),
    "stage2": .text(result.stage2),
    "effective": .text(result.effective),
    "metrics": json(result.metrics, in: scenario),
  ])
}

private func json(_ metrics: Metrics, in scenario: ScenarioResult) -> JSONValue {
  var members: [String: JSONValue] = [:]
  for scalar in ScalarMetric.all { members[scalar.name] = .count(metrics[keyPath: scalar.value]) }
  let sizes = metrics.mwrPayloadHistogram.map {
    (String($0.payloadBytes), JSONValue.count($0.tlps))
  }
  let flushes = metrics.flushCauses.map { ($0.cause.name, JSONValue.count($0.flushes)) }
  let bytes = metrics.flushCauses.map { ($0.cause.name, JSONValue.count($0.bytes)) }
  members["mwr_payload_histogram"] = .object(Dictionary(sizes, uniquingKeysWith: { $1 }))
  members["flush_causes"] = .object(Dictionary(flushes, uniquingKeysWith: { $1 }))
  members["flush_bytes"] = .object(Dictionary(bytes, uniquingKeysWith: { $1 }))
  for clock in Clock.allCases {
    members[clock.rawValue] = json(clock.metrics(metrics, in: scenario))
  }
  return .object(members)
}

private func json(_ clock: ClockMetrics?) -> JSONValue {
  guard let clock else { return .null }
  return .object([
    "time_ps": .count(clock.timePs),
    "goodput_bytes_per_s": JSONValue(clock.goodputBytesPerSecond),
    "store_latency_ps": json(clock.storeLatency),
    "load_latency_ps": json(clock.loadLatency),
    "time_parts_ps": json(clock.timeParts),
  ])
}

private func json(_ finding: Finding) -> JSONValue {
  .object([
    "code": .text(finding.code),
    "severity": .text(finding.severity.rawValue),
    "scenario": .text(finding.scenario),
    "count": .count(finding.count),
    "first_record": .count(finding.firstRecord),
    "first_line": JSONValue(finding.firstLine),
    "region": JSONValue(finding.region),
    "vcpu": finding.vcpu.map { .count(UInt64($0)) } ?? .null,
    "message": .text(finding.message),
    "rule": .text(finding.rule),
    "advice": .text(finding.advice),
    "caller": JSONValue(finding.caller),
    "register": JSONValue(finding.register),
    "section": JSONValue(finding.section),
    "kind": .text(finding.kind),
  ])
}
