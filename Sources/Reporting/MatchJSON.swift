public import Results
import TraceCore

/// A match as JSON, keys sorted.
///
/// - Parameters:
///   - result: The match.
///   - atLeast: The share that had to agree, as the user wrote it; nil where there is no such.
///   - isMet: It does.
/// - Returns: The document.
public func matchJSON(_ result: MatchResult, atLeast: String?, isMet: Bool) -> String {
  let document: JSONValue = .object([
    "schema_version": .integer(Int64(RunResult.schemaVersion)),
    "tool": .object(["name": .text(Product.name), "version": .text(Product.version)]),
    "trace": .text(result.trace), "observed": .text(result.observed),
    "scenario": .text(result.scenario), "accessors": .text(result.accessors),
    "window": .integer(Int64(result.window)), "line_bytes": .integer(Int64(result.lineBytes)),
    "byte_enables": .flag(result.hasEnables),
    "observed_at": .object(
      Dictionary(
        result.moved.map { ($0.region, .text("0x" + hex($0.base))) }, uniquingKeysWith: { $1 })),
    "at_least": JSONValue(atLeast), "failed": .flag(atLeast != nil && !isMet),
    "totals": json(result.totals),
    "regions": .list(
      result.regions.map { .object(["name": .text($0.name), "counts": json($0.counts)]) }),
    "write_sizes": .list(
      result.sizes.map { size in
        json(size.writes, ["payload_bytes": .integer(Int64(size.payloadBytes))])
      }),
    "differences": .list(result.differences.map(json)),
    "not_compared": .list(result.others.map { json($0.tlps, ["name": .text($0.name)]) }),
    "ignored_columns": .list(result.ignoredColumns.map { .text($0) }),
    "durations": result.durations.map { durations in
      .object([
        "observed_ps": JSONValue(durations.observedPs),
        "saturated_ps": JSONValue(durations.saturatedPs),
        "paced_ps": JSONValue(durations.pacedPs),
      ])
    } ?? .null,
  ])
  return document.document
}

private func json(_ sides: MatchResult.Sides, _ more: [String: JSONValue] = [:]) -> JSONValue {
  var members = more
  members["predicted"] = .count(sides.predicted)
  members["observed"] = .count(sides.observed)
  return .object(members)
}

private func json(_ counts: MatchResult.Counts) -> JSONValue {
  .object([
    "compared": json(counts.compared), "agree": .count(counts.agree),
    "reordered": .count(counts.reordered), "split_otherwise": json(counts.splitOtherwise),
    "other_bytes": json(counts.otherBytes), "predicted_only": .count(counts.predictedOnly),
    "observed_only": .count(counts.observedOnly),
  ])
}

private func json(_ difference: MatchResult.Difference) -> JSONValue {
  .object([
    "kind": .text(difference.kind.rawValue), "region": .text(difference.region),
    "predicted": .list(
      difference.predicted.map { tlp in
        json(
          tlp.request,
          [
            "tlp": .count(tlp.number), "records": .text(recordRuns(tlp.records)),
            "cause": JSONValue(tlp.cause?.name),
          ])
      }),
    "observed": .list(
      difference.observed.map { tlp in
        json(
          tlp.request,
          [
            "line": .count(tlp.line), "tlp": JSONValue(tlp.tlp), "time_ps": JSONValue(tlp.timePs),
          ])
      }),
  ])
}

private func json(_ request: MatchResult.Request, _ more: [String: JSONValue]) -> JSONValue {
  let members: [String: JSONValue] = [
    "type": .text(request.isWrite ? "MWr" : "MRd"), "addr": .text("0x" + hex(request.address)),
    "length_dw": .integer(Int64(request.dwords)),
    "first_be": .text(byteEnables(request.firstEnables)),
    "last_be": .text(byteEnables(request.lastEnables)),
  ]
  return .object(members.merging(more) { $1 })
}
