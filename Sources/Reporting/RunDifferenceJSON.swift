public import Results

/// Two results as JSON, keys sorted.
///
/// - Parameters:
///   - difference: The results.
///   - all: Also what is equal.
///   - failed: Conditions that the difference meets, as the user wrote them.
/// - Returns: The document.
public func runDifferenceJSON(_ difference: RunDifference, all: Bool, failed: [String]) -> String {
  let settings = difference.settings.filter { all || $0.isChanged }
  let metrics = difference.metrics.filter { all || $0.isChanged }
  let findings = difference.findings.filter { all || RunDifference.isChanged($0) }
  let document: JSONValue = .object([
    "schema_version": .integer(Int64(RunResult.schemaVersion)),
    "tool": .object(["name": .text(Product.name), "version": .text(Product.version)]),
    "before": json(difference.before), "after": json(difference.after),
    "changed": .flag(difference.isChanged),
    "failed": .list(failed.map { .text($0) }),
    "scenarios": .object([
      "both": .list(difference.scenarios.map { .text($0) }),
      "only_before": .list(difference.scenariosBefore.map { .text($0) }),
      "only_after": .list(difference.scenariosAfter.map { .text($0) }),
    ]),
    "settings": .list(settings.map { json($0) { .text($0) } }),
    "metrics": .list(metrics.map { json($0) { .count($0) } }),
    "findings": .list(
      findings.map { finding in
        json(finding) { found in
          .object([
            "severity": .text(found.severity), "count": .count(found.count),
            "first_record": .count(found.firstRecord), "message": .text(found.message),
          ])
        }
      }),
  ])
  return document.document
}

private func json(_ side: RunDifference.Side) -> JSONValue {
  .object([
    "path": .text(side.path), "trace": .text(side.trace), "sha256": .text(side.sha256),
    "records": .count(side.records), "version": .text(side.version),
  ])
}

private func json<Value>(
  _ change: RunDifference.Change<Value>, _ value: (Value) -> JSONValue
) -> JSONValue {
  .object([
    "scenario": JSONValue(change.scenario), "region": JSONValue(change.region),
    "name": .text(change.name), "before": change.before.map(value) ?? .null,
    "after": change.after.map(value) ?? .null,
  ])
}
