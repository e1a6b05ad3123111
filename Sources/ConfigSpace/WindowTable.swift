import TraceCore

/// What can hold a function in reset independently of the others.
enum ResetCategory: Sendable {
  case function, power, secondaryBus, link, containment, cxl, slot, virtual, notice
}

/// Recovery windows, one a causing function and category.
struct WindowTable {
  private struct Entry {
    var category: ResetCategory
    var cause: RecoveryWindow.Cause
    /// The window runs from the training of the link below this port.
    var port: PCIFunction?
    /// The time that it then lasts, in ns.
    var wait: UInt64 = 0

    var awaitsLink: Bool { cause.linkSeen == false }
  }
  private var entries: [Entry] = []
  /// Finished windows are dropped once there are this many.
  private let pruneAt = 64
  /// Resets of which no read showed the link trained, among those no longer kept.
  private var lostLinks: UInt64 = 0

  /// Resets after which no read showed the link trained, although the time runs from there.
  var unseenLinks: UInt64 {
    lostLinks + UInt64(entries.count { $0.awaitsLink && $0.cause.untilNs != nil })
  }

  /// Opens, extends or ends the window of this cause; its end keeps the start of its opening.
  ///
  /// - Parameters:
  ///   - event: A reset, or its release.
  ///   - category: What holds the function.
  ///   - port: The port from whose training the time runs; nil where it runs from the event.
  mutating func set(_ event: ConfigEvent, category: ResetCategory, port: PCIFunction?) {
    guard let window = event.window else { return }
    let until = window.nanoseconds.map { event.timeNs.addedSaturating($0) }
    let cause = RecoveryWindow.Cause(
      kind: event.kind, function: event.function, scope: event.scope, fromNs: event.timeNs,
      releaseNs: until == nil ? nil : event.timeNs, untilNs: until, record: event.record,
      source: window.source,
      linkSeen: port == nil ? nil : false)
    var entry = Entry(
      category: category, cause: cause, port: port, wait: window.nanoseconds ?? 0)
    let index = entries.firstIndex {
      $0.category == category && $0.cause.function == event.function
    }
    if let index {
      if entries[index].cause.untilNs == nil {
        entry.cause.fromNs = entries[index].cause.fromNs
      } else if entries[index].awaitsLink {
        lostLinks += 1
      }
      entries[index] = entry
    } else {
      prune(before: event.timeNs)
      entries.append(entry)
    }
  }

  /// Takes a read of Data Link Active.
  ///
  /// The time runs from the first read that shows the link up, if it comes within the window as
  /// known so far; each one that shows it down says that the window lasts longer still. A later
  /// one tells nothing of when the link came up.
  ///
  /// - Returns: The link had been waited for.
  mutating func link(of port: PCIFunction, isActive: Bool, at timeNs: UInt64) -> Bool {
    var isChanged = false
    for index in entries.indices where entries[index].awaitsLink && entries[index].port == port {
      guard let until = entries[index].cause.untilNs else { continue }
      isChanged = true
      let later = timeNs.addedSaturating(entries[index].wait)
      if !isActive || timeNs < until { entries[index].cause.untilNs = max(until, later) }
      if isActive { entries[index].cause.linkSeen = true }
    }
    return isChanged
  }

  /// Ends what the functions that an event resets had open: D3hot, a bridge's own resets.
  mutating func close(within event: ConfigEvent) {
    for index in entries.indices where entries[index].cause.untilNs == nil {
      if event.scope.contains(entries[index].cause.function, cause: event.function) {
        entries[index].cause.releaseNs = event.timeNs
        entries[index].cause.untilNs = event.timeNs
      }
    }
  }

  /// When the open window of a cause began; nil where it has none.
  func openSince(_ function: PCIFunction, _ category: ResetCategory) -> UInt64? {
    entries.first {
      $0.category == category && $0.cause.function == function && $0.cause.untilNs == nil
    }?.cause.fromNs
  }

  /// A reset meets one that is not over: of its function, of a port above it or of one below.
  ///
  /// What a source reports by itself is left out: it may be the same reset once more.
  func isResetting(_ event: ConfigEvent) -> Bool {
    entries.contains { entry in
      let cause = entry.cause
      guard entry.category != .notice, entry.category != .virtual, !cause.kind.isPowerChange,
        cause.covers(event.timeNs)
      else { return false }
      return cause.function == event.function
        || cause.scope.contains(event.function, cause: cause.function)
        || event.scope.contains(cause.function, cause: event.function)
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
    entries.removeAll { entry in
      guard (entry.cause.untilNs ?? .max) < timeNs else { return false }
      if entry.awaitsLink { lostLinks += 1 }
      return true
    }
  }
}
