public import Results

/// A containment result as JSON, chains and their sources with it.
public struct ContainmentJSON {
  public let text: String

  public init(_ result: ContainmentResult) {
    let trace: JSONValue =
      result.trace.map { trace in
        .object([
          "name": .text(trace.name), "sha256": .text(trace.sha256),
          "records": .count(trace.records),
        ])
      } ?? .null
    text =
      JSONValue.object([
        "schema_version": .count(1), "trace": trace, "before": .text(result.before),
        "after": .text(result.after), "rows": .list(result.rows.map(Self.row)),
        "platforms": .list(result.verdicts.map(Self.verdict)),
        "blast": .list(result.blast.map(Self.blast)),
        "failed": result.failed.map(Self.failed) ?? .null,
        "notes": .list(result.notes.map { .text($0) }),
      ]).document
  }

  private static func row(_ row: ContainmentRow) -> JSONValue {
    .object([
      "platform": .text(row.platform), "place": .text(row.place),
      "regions": .list(row.regions.map { .text($0) }), "fault": .text(row.fault),
      "access": .text(row.access), "accesses": JSONValue(row.accesses),
      "before": cell(row.before), "after": cell(row.after),
      "type_matters": .text(row.part.rawValue),
      "hangs_on": .list(row.hangsOn.map { .text($0) }),
    ])
  }

  private static func cell(_ cell: ContainmentCell) -> JSONValue {
    .object([
      "memory_type": .text(cell.memoryType),
      "outcomes": .list(cell.outcomes.map { .text($0.name) }),
      "own_outcomes": .list(cell.ownOutcomes.map { .text($0.name) }),
      "best": JSONValue(cell.best?.name), "worst": JSONValue(cell.worst?.name),
      "impossible": JSONValue(cell.impossible), "chains": .list(cell.chains.map(chain)),
    ])
  }

  private static func chain(_ chain: ContainmentChain) -> JSONValue {
    .object([
      "outcome": .text(chain.outcome.name),
      "steps": .list(
        chain.steps.map { step in
          .object([
            "stage": .text(step.stage.rawValue), "rule": .text(step.rule),
            "text": .text(step.text), "source": .text(step.source),
          ])
        }),
    ])
  }

  private static func verdict(_ verdict: ContainmentVerdict) -> JSONValue {
    .object([
      "platform": .text(verdict.platform), "summary": .text(verdict.summary),
      "type_matters": .text(verdict.part.rawValue),
      "reasons": .list(verdict.reasons.map { .text($0) }),
      "hangs_on": .list(verdict.hangsOn.map { .text($0) }),
      "combinations": .count(UInt64(verdict.combinations)),
      "settings": .list(verdict.settings.map(setting)),
    ])
  }

  private static func setting(_ setting: Setting) -> JSONValue {
    .object([
      "key": .text(setting.key), "value": json(setting.value),
      "range": .list(setting.range.map(json)), "unit": .text(setting.unit),
      "source": .text(setting.source), "status": .text(setting.status.rawValue),
    ])
  }

  private static func blast(_ row: BlastRadius) -> JSONValue {
    .object([
      "region": .text(row.region), "scenario": .text(row.scenario), "tlps": .count(row.tlps),
      // A store is a part in each TLP that carries some of its bytes.
      "store_parts": .count(row.storeParts), "largest": .count(UInt64(row.largest)),
      "writes": .list(
        row.writes.map { .object(["stores": .count(UInt64($0.stores)), "tlps": .count($0.tlps)]) }),
    ])
  }

  private static func failed(_ failed: FailedAccess) -> JSONValue {
    .object([
      "record": .count(failed.record), "op": .text(failed.isStore ? "store" : "load"),
      "region": .text(failed.region), "address": .count(failed.address),
      "size": .count(UInt64(failed.size)),
      "companions": .list(
        failed.companions.map { scenario, records in
          .object([
            "scenario": .text(scenario), "records": .list(records.map { .count($0) }),
          ])
        }),
    ])
  }
}
