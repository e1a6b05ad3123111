public import Results

/// `reset.json`: the whole audit, exact integers, keys sorted.
///
/// - Parameters:
///   - audit: The audit.
///   - sink: Takes the text, piece by piece.
/// - Throws: What the sink throws.
public func resetJSON<Failure: Error>(
  _ audit: ResetAudit, to sink: (String) throws(Failure) -> Void
) throws(Failure) {
  let headline = ResetHeadline(audit: audit)
  let document: JSONValue = .object([
    "schema_version": .integer(1),
    "trace": .object([
      "name": .text(audit.trace.name), "sha256": .text(audit.trace.sha256),
      "records": .count(audit.trace.records), "format": .text(audit.trace.format),
      "lost": .count(audit.trace.lost), "first_time_ns": JSONValue(audit.trace.firstTimeNs),
      "assumptions": .list(audit.trace.assumptions.map { .text($0) }),
    ]),
    "scenarios": .list(audit.scenarios.map { .text($0) }),
    "host": .list(audit.host.map { .text($0) }),
    "headline": .text(headline.claim),
    "programs_explored": .count(UInt64(audit.explored)),
    "unrecognised": .list(audit.unrecognised.map { .text($0) }),
    "resets_left_out": .count(audit.leftOut),
    "resets_not_asked": .count(UInt64(max(0, audit.total - audit.resets.count))),
    "other_sequences": .list(
      audit.otherSequences.map {
        .object(["name": .text($0.name), "count": .count($0.count)])
      }),
    "resets_in_trace": .count(UInt64(audit.total)),
    "open_host_values": .list(
      audit.openValues.map {
        .object(["name": .text($0.name), "option": .text($0.option)])
      }),
    "resets": .list([]),
  ])
  try document.write(list: "resets", audit.resets.lazy.map { json($0) }, to: sink)
}

private func json(_ reset: ResetEntry) -> JSONValue {
  .object([
    "number": .integer(Int64(reset.number)),
    "record": .count(reset.record),
    "time_ns": .count(reset.timeNs),
    "vcpu": .integer(Int64(reset.vcpu)),
    "function": .text(reset.function),
    "functions": .list(reset.functions.map { .text($0) }),
    "kind": .text(reset.kind),
    "path": .text(reset.path),
    "at_bridge": .flag(reset.isAtBridge),
    "lost_record": JSONValue(reset.hole),
    "method": .object([
      "id": .text(reset.methodID), "name": .text(reset.method),
      "source": .text(reset.methodSource), "first_record": .count(reset.first),
      "last_record": .count(reset.last),
      "steps": .list(
        reset.steps.map {
          .object([
            "name": .text($0.name), "first_record": JSONValue($0.first),
            "last_record": JSONValue($0.last), "count": .count($0.count),
          ])
        }),
    ]),
    "scenarios": .list(reset.verdicts.map(json)),
  ])
}

private func json(_ verdict: ResetVerdict) -> JSONValue {
  .object([
    "scenario": .text(verdict.scenario),
    "natural": .text(verdict.natural.rawValue),
    "before": .text(verdict.before.rawValue),
    "after": .text(verdict.after.rawValue),
    "verdict": .text(verdict.verdict.rawValue),
    "gathered_bytes": .integer(Int64(verdict.gatheredBytes)),
    "deviations": .list(
      verdict.deviations.map {
        .object([
          "code": .text($0.code), "detail": .text($0.detail), "risk": .text($0.risk),
        ])
      }),
    "accesses": .list(verdict.accesses.map(json)),
    "upstream": json(verdict.upstream),
  ])
}

private func json(_ access: ResetAccess) -> JSONValue {
  .object([
    "role": .text(access.role),
    "record": .count(access.record),
    "time_ns": .count(access.timeNs),
    "vcpu": .integer(Int64(access.vcpu)),
    "region": .text(access.region),
    "direction": .text(access.isStore ? "store" : "load"),
    "type": .text(access.type),
    "verdict": .text(access.verdict.rawValue),
    "hangs_on": .list(access.hangsOn.map { .text($0) }),
    "rows": .list(access.rows.map(json)),
  ])
}

private func json(_ row: ResetRow) -> JSONValue {
  .object([
    "segment": .text(row.segment),
    "ordered": .text(row.answer.rawValue),
    "rule": JSONValue(row.rule.isEmpty ? nil : row.rule),
    "source": JSONValue(row.source.isEmpty ? nil : row.source),
    "reason": .text(row.reason),
    "explorer": .text(row.explorerWord),
  ])
}
