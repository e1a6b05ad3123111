public import Results
import Tables

/// `resets.csv`: a row for each reset and scenario.
///
/// - Parameters:
///   - audit: The audit.
///   - sink: Takes the text, piece by piece.
/// - Throws: What the sink throws.
public func resetsCSV<Failure: Error>(
  _ audit: ResetAudit, to sink: (String) throws(Failure) -> Void
) throws(Failure) {
  var csv = CSVText(header: [
    "reset", "record", "time_ns", "vcpu", "function", "functions", "kind", "path", "method",
    "first_record", "last_record", "steps_seen", "steps_missing", "scenario", "natural", "before",
    "after", "verdict", "gathered_bytes", "deviations",
  ])
  for reset in audit.resets {
    for verdict in reset.verdicts {
      csv.add([
        String(reset.number), String(reset.record), String(reset.timeNs), String(reset.vcpu),
        reset.function, reset.functions.joined(separator: " "), reset.kind, reset.path,
        reset.methodID, String(reset.first), String(reset.last),
        reset.steps.filter { $0.first != nil }.map(\.name).joined(separator: " "),
        reset.steps.filter { $0.first == nil }.map(\.name).joined(separator: " "),
        verdict.scenario, verdict.natural.rawValue, verdict.before.rawValue,
        verdict.after.rawValue, verdict.verdict.rawValue, String(verdict.gatheredBytes),
        verdict.deviations.map(\.code).joined(separator: " "),
      ])
    }
    try sink(csv.take())
  }
  try sink(csv.take())
}

/// `reset_rows.csv`: a row for each reset, scenario, access and segment.
///
/// - Parameters:
///   - audit: The audit.
///   - sink: Takes the text, piece by piece.
/// - Throws: What the sink throws.
public func resetRowsCSV<Failure: Error>(
  _ audit: ResetAudit, to sink: (String) throws(Failure) -> Void
) throws(Failure) {
  var csv = CSVText(header: [
    "reset", "reset_record", "scenario", "access", "record", "vcpu", "region", "type",
    "access_verdict", "hangs_on", "segment", "ordered", "rule", "reason", "explorer", "source",
  ])
  for reset in audit.resets {
    for verdict in reset.verdicts {
      if let words = reset.holeWords {
        let unknown = ResetVerdict.Answer.notShown.rawValue
        csv.add([
          String(reset.number), String(reset.record), verdict.scenario, "before",
          reset.mayResetOthers ? nil : reset.hole.map { String($0) },
          nil, nil, nil, unknown, nil, nil, unknown, nil, words, nil, nil,
        ])
      }
      for access in verdict.accesses {
        for row in access.rows {
          csv.add(
            [
              String(reset.number), String(reset.record), verdict.scenario, access.role,
              String(access.record), String(access.vcpu), access.region, access.type,
              access.verdict.rawValue, access.hangsOn.joined(separator: "; "),
            ] + cells(row))
        }
      }
      csv.add(
        [
          String(reset.number), String(reset.record), verdict.scenario, "upstream", nil, nil, nil,
          nil, nil, nil,
        ] + cells(verdict.upstream))
    }
    try sink(csv.take())
  }
  try sink(csv.take())
}

private func cells(_ row: ResetRow) -> [String?] {
  [row.segment, row.answer.rawValue, row.ruleWord, row.reason, row.explorerWord, row.source]
}
