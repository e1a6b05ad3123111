import Results
import TraceCore

// The variations of a run, row by row.
extension Comparison {
  /// The accessor assumption, where it is one, and others were not tried; nil else.
  var givenAccessors: String? {
    after.accessors == "recorded" || !triedAccessors.isEmpty ? nil : after.accessors
  }

  /// Accessor assumptions that were tried besides the run's own.
  var triedAccessors: [String] {
    run.variations.flatMap(\.changes).filter { $0.key == Setting.accessorsKey }.map(\.value.text)
  }

  /// Fills the ranges of all rows and of the whole; nothing without variations, without two
  /// scenarios, or where the saturated clock, which variations run, was not run.
  mutating func addRanges() {
    guard before != nil, !run.variations.isEmpty, after.clocks != "paced" else { return }
    // Variations keep times alone.
    let sharing = Set(rows.filter { !$0.hasOwnSpeed }.map { Key($0.region) })
    let others = run.variations.filter { $0.scenarios.count == 2 }.map { variation in
      (
        variation.changes,
        Comparison(
          RunResult(trace: run.trace, scenarios: variation.scenarios, findings: run.findings),
          sharing: sharing)
      )
    }
    let alone = run.variations.filter { $0.changes.count == 1 }.flatMap(\.changes)
    range = wholeRange(others, alone)
    let tables = others.map { changes, other in
      (
        changes,
        Dictionary(other.rows.map { (Key($0.region), $0) }, uniquingKeysWith: { a, _ in a })
      )
    }
    for index in rows.indices {
      let row = rows[index]
      let matching = tables.compactMap { changes, table in
        table[Key(row.region)].flatMap { Self.outcome($0, changes) }
      }
      guard let base = Self.outcome(row, []) else { continue }
      rows[index].range = VerdictRange(
        base: base, others: matching, alone: alone,
        hasSpeed: row.before?.effective != row.after.effective, matters: matters(row))
    }
  }

  private func wholeRange(
    _ others: [([Setting], Comparison)], _ alone: [Setting]
  ) -> VerdictRange? {
    func outcome(_ comparison: Comparison, _ changes: [Setting]) -> VerdictRange.Outcome? {
      comparison.gain.map {
        .init(changes: changes, gain: $0, verdict: $0.speedWord, word: $0.speedWord)
      }
    }
    return outcome(self, []).map { base in
      VerdictRange(
        base: base, others: others.compactMap { outcome($1, $0) }, alone: alone, hasSpeed: true,
        matters: true)
    }
  }

  private static func outcome(_ row: Row, _ changes: [Setting]) -> VerdictRange.Outcome? {
    guard let gain = row.gain, let verdict = row.verdict else { return nil }
    return VerdictRange.Outcome(
      changes: changes, gain: gain, verdict: verdict.kind.rawValue, word: verdict.word)
  }

  private func matters(_ row: Row) -> Bool {
    let all = max(before?.totals.storeBytes ?? 0, after.totals.storeBytes)
    let stores = max(row.before?.metrics.stores ?? 0, row.after.metrics.stores)
    return !Verdict.isNegligible(stores: stores, bytes: row.storeBytes, of: all)
  }
}
