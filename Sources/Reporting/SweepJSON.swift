public import Results

/// `sweep --json`: every point with the values of its settings, and its scenarios as in `run.json`.
///
/// A scenario has no `link_use` and no `setting_sources`, and a finding there is none: those are a
/// single run's.
///
/// - Parameters:
///   - sweep: Any sweep.
///   - sink: Takes the text, piece by piece.
/// - Throws: What the sink throws.
public func sweepJSON<Failure: Error>(
  _ sweep: SweepResult, to sink: (String) throws(Failure) -> Void
) throws(Failure) {
  let document: JSONValue = .object([
    "schema_version": .integer(Int64(RunResult.schemaVersion)),
    "trace": json(sweep.trace),
    "axes": .list(
      sweep.axes.map {
        .object(["name": .text($0.name), "values": .list($0.values.map { .text($0) })])
      }),
    "points": .list([]),
  ])
  try document.write(list: "points", sweep.points.lazy.map { json($0, in: sweep) }, to: sink)
}

private func json(_ point: SweepResult.Point, in sweep: SweepResult) -> JSONValue {
  let values = zip(sweep.axes, sweep.values(point)).map { ($0.name, JSONValue.text($1)) }
  return .object([
    "set": .object(Dictionary(values, uniquingKeysWith: { $1 })),
    "scenarios": .list(point.scenarios.map { .object(jsonScenario($0)) }),
  ])
}
