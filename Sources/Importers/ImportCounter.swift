import Synchronization
import TraceCore

/// What an importer counts: something that it left out, repaired or assumed.
///
/// A format declares its own in an extension in its folder; ``ImportCounter`` `+Shared` has those of
/// several.
struct ImportCounter: Sendable {
  /// Stable name, severity and sentence for the report.
  let name: StaticString
  let severity: TraceCounter.Severity
  let meaning: StaticString
  /// Place among the amounts of ``ImportCounters``; nothing that is put out hangs on it.
  fileprivate let number: Int

  private static let declared = Atomic(0)

  init(_ name: StaticString, _ severity: TraceCounter.Severity, _ meaning: StaticString) {
    self.name = name
    self.severity = severity
    self.meaning = meaning
    number = Self.declared.wrappingAdd(1, ordering: .relaxed).oldValue
  }
}

/// The counters of one import, cheap to add to; ``flush(into:)`` brings them to the context.
struct ImportCounters {
  private var amounts: [UInt64] = []
  /// Those that are not 0, in order of first use.
  private var used: [ImportCounter] = []

  subscript(counter: ImportCounter) -> UInt64 {
    @inline(__always) get { counter.number < amounts.count ? amounts[counter.number] : 0 }
    @inline(__always) set {
      if self[counter] == 0 {
        guard newValue > 0 else { return }
        begin(counter)
      }
      amounts[counter.number] = newValue
    }
  }

  @inline(never)
  private mutating func begin(_ counter: ImportCounter) {
    while amounts.count <= counter.number { amounts.append(0) }
    used.append(counter)
  }

  /// Moves the amounts to the trace's table.
  mutating func flush(into context: TraceContext) {
    for counter in used {
      context.counters.add(
        counter.name.description, amounts[counter.number], severity: counter.severity,
        meaning: counter.meaning.description)
      amounts[counter.number] = 0
    }
    used.removeAll(keepingCapacity: true)
  }
}
