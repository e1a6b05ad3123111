import TraceCore

/// What an importer counts: something that it left out, repaired or assumed.
///
/// A format declares its own in an extension in its folder; those of several are in the file of
/// shared ones. Each is one object, by which it is told from others.
final class ImportCounter: Sendable {
  /// Stable name, severity and sentence for the report.
  let name: String
  let severity: TraceCounter.Severity
  let meaning: String

  init(_ name: String, _ severity: TraceCounter.Severity, _ meaning: String) {
    self.name = name
    self.severity = severity
    self.meaning = meaning
  }
}

/// The counters of one import, cheap to add to; ``flush(into:)`` brings them to the context.
struct ImportCounters {
  /// Those that were added to, in order of first use; a few.
  private var rows: [(counter: ImportCounter, amount: UInt64)] = []

  subscript(counter: ImportCounter) -> UInt64 {
    get { rows.first { $0.counter === counter }?.amount ?? 0 }
    set {
      if let index = rows.firstIndex(where: { $0.counter === counter }) {
        rows[index].amount = newValue
      } else if newValue > 0 {
        rows.append((counter, newValue))
      }
    }
  }

  /// Moves the amounts to the trace's table.
  mutating func flush(into context: TraceContext) {
    for (counter, amount) in rows {
      context.counters.add(
        counter.name, amount, severity: counter.severity, meaning: counter.meaning)
    }
    rows.removeAll(keepingCapacity: true)
  }
}
