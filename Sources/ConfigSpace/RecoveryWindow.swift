public import TraceCore

/// Whether a function answers MMIO, as far as the capture tells.
public struct RecoveryWindow: Sendable, Equatable {
  /// The reset behind a window.
  public struct Cause: Sendable, Equatable {
    public var kind: ConfigEvent.Kind
    /// Function whose register was written: the function itself, or a bridge above it.
    public var function: PCIFunction
    public var scope: ConfigEvent.Scope
    public var fromNs: UInt64
    /// First time in ns at which requests are allowed; nil while nothing has ended the reset.
    public var untilNs: UInt64?
    public var record: UInt64
    /// Where the time comes from.
    public var source: String
  }

  /// Command.MEM of the function.
  public enum MemoryState: Sendable, Equatable { case unknown, off, on }

  /// The covering reset with the latest end; it may be over.
  public var cause: Cause?
  public var memory: MemoryState

  /// The time lies in the recovery window.
  public func isRecovering(at timeNs: UInt64) -> Bool {
    guard let cause, timeNs >= cause.fromNs else { return false }
    return cause.untilNs.map { timeNs < $0 } ?? true
  }
}

/// What can hold a function in reset independently of the others.
enum ResetCategory: Sendable {
  case function, power, secondaryBus, link, containment, cxl, slot, notice
}

/// Recovery windows, one a causing function and category.
struct WindowTable {
  private struct Entry {
    var category: ResetCategory
    var cause: RecoveryWindow.Cause
  }
  private var entries: [Entry] = []
  /// Finished windows are dropped once there are this many.
  private let pruneAt = 64

  /// Opens, extends or ends the window of this cause; its end keeps the start of its opening.
  mutating func set(_ event: ConfigEvent, category: ResetCategory) {
    guard let window = event.window else { return }
    let until = window.nanoseconds.map { Self.sum(event.timeNs, $0) }
    var cause = RecoveryWindow.Cause(
      kind: event.kind, function: event.function, scope: event.scope, fromNs: event.timeNs,
      untilNs: until, record: event.record, source: window.source)
    let index = entries.firstIndex {
      $0.category == category && $0.cause.function == event.function
    }
    if let index {
      if entries[index].cause.untilNs == nil { cause.fromNs = entries[index].cause.fromNs }
      entries[index].cause = cause
    } else {
      prune(before: event.timeNs)
      entries.append(Entry(category: category, cause: cause))
    }
  }

  /// Ends what the functions that an event resets had open: D3hot, a bridge's own resets.
  mutating func close(within event: ConfigEvent) {
    for index in entries.indices where entries[index].cause.untilNs == nil {
      if event.scope.contains(entries[index].cause.function, cause: event.function) {
        entries[index].cause.untilNs = event.timeNs
      }
    }
  }

  /// The window with the latest end among those that cover a function.
  func latest(covering function: PCIFunction) -> RecoveryWindow.Cause? {
    var best: RecoveryWindow.Cause?
    for entry in entries where entry.cause.scope.contains(function, cause: entry.cause.function) {
      let end = entry.cause.untilNs ?? .max
      if best.map({ end > $0.untilNs ?? .max }) ?? true { best = entry.cause }
    }
    return best
  }

  private mutating func prune(before timeNs: UInt64) {
    guard entries.count >= pruneAt else { return }
    entries.removeAll { ($0.cause.untilNs ?? .max) < timeNs }
  }

  private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
