public import Results

/// `resets.csv`: a row for each reset and scenario.
public func resetsCSV(_ audit: ResetAudit) -> String {
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
  }
  return csv.text
}

/// `reset_rows.csv`: a row for each reset, scenario, access and segment.
public func resetRowsCSV(_ audit: ResetAudit) -> String {
  var csv = CSVText(header: [
    "reset", "reset_record", "scenario", "access", "record", "vcpu", "region", "type",
    "access_verdict", "hangs_on", "segment", "ordered", "rule", "reason", "explorer", "source",
  ])
  for reset in audit.resets {
    for verdict in reset.verdicts {
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
  }
  return csv.text
}

private func cells(_ row: ResetRow) -> [String?] {
  [row.segment, row.answer.rawValue, row.ruleWord, row.reason, row.explorerWord, row.source]
}
