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
    /// The time that it lasts when the reset is over, in ns.
    var wait: UInt64 = 0
    /// When the hold was last known to last, in ns.
    var heldNs: UInt64
    /// Record of the event that opened it.
    var opened: UInt64

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
  ///   - wait: What a window without an end of its own lasts when the reset is over, in ns.
  mutating func set(
    _ event: ConfigEvent, category: ResetCategory, port: PCIFunction?, wait: UInt64 = 0
  ) {
    guard let window = event.window else { return }
    let until = window.nanoseconds.map { event.timeNs.addedSaturating($0) }
    let cause = RecoveryWindow.Cause(
      kind: event.kind, function: event.function, scope: event.scope, fromNs: event.timeNs,
      releaseNs: until == nil ? nil : event.timeNs, untilNs: until, record: event.record,
      source: window.source,
      linkSeen: port == nil ? nil : false, isTimed: event.isTimed)
    var entry = Entry(
      category: category, cause: cause, port: port, wait: window.nanoseconds ?? wait,
      heldNs: event.timeNs, opened: event.record)
    let index = entries.firstIndex {
      $0.category == category && $0.cause.function == event.function
        // Notices of other kinds, or of others, are resets of their own.
        && (category != .notice
          || $0.cause.kind == event.kind && $0.cause.scope == event.scope)
    }
    if let index {
      if entries[index].cause.untilNs == nil {
        entry.cause.fromNs = entries[index].cause.fromNs
        entry.opened = entries[index].opened
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

  /// Something holds.
  var hasOpen: Bool { entries.contains { $0.cause.untilNs == nil } }

  /// The hold of a cause is still on.
  mutating func held(_ function: PCIFunction, _ category: ResetCategory, at timeNs: UInt64) {
    if let place = open(function, category) { entries[place].heldNs = timeNs }
  }

  /// Ends open windows whose hold is over, or may be, without anything that shows since when: each
  /// lasts as long as it does at least, from when the hold was last known.
  ///
  /// - Parameters:
  ///   - timeNs: The hold is known to be over by then; nil where it may last.
  ///   - isMeant: Which windows.
  /// - Returns: What held.
  mutating func letGo(
    by timeNs: UInt64?, where isMeant: (RecoveryWindow.Cause, ResetCategory) -> Bool
  ) -> [RecoveryWindow.Cause] {
    var ended: [RecoveryWindow.Cause] = []
    for index in entries.indices where entries[index].cause.untilNs == nil {
      let entry = entries[index]
      guard isMeant(entry.cause, entry.category) else { continue }
      entries[index].cause.releaseNs = timeNs
      entries[index].cause.untilNs = entry.heldNs.addedSaturating(entry.wait)
      ended.append(entry.cause)
    }
    return ended
  }

  /// A port above holds the function's link down, so that no config request reaches it.
  func isCutOff(_ function: PCIFunction) -> Bool {
    entries.contains { entry in
      guard entry.cause.untilNs == nil else { return false }
      switch entry.category {
      case .secondaryBus, .link, .containment, .slot:
        return entry.cause.scope.contains(function, cause: entry.cause.function)
      default: return false
      }
    }
  }

  /// The kind of event that opened the open window of a cause; nil where it has none.
  func openKind(_ function: PCIFunction, _ category: ResetCategory) -> ConfigEvent.Kind? {
    open(function, category).map { entries[$0].cause.kind }
  }

  /// Record of the config write whose reset a notice reports once more; nil where there is none.
  ///
  /// A log that has both gives them one time.
  func repeated(by notice: ConfigEvent) -> UInt64? {
    entries.first { entry in
      let cause = entry.cause
      guard entry.category != .notice, cause.function == notice.function,
        notice.timeNs == cause.fromNs || notice.timeNs == cause.releaseNs
      else { return false }
      switch notice.kind {
      case .pmReset: return cause.kind == .pmResetStart || cause.kind == .pmResetDone
      case .hotReset:
        return cause.scope == notice.scope
          && (cause.kind == .busResetAssert || cause.kind == .busResetRelease)
      default: return cause.kind == notice.kind
      }
    }?.opened
  }

  /// When the open window of a cause began; nil where it has none.
  func openSince(_ function: PCIFunction, _ category: ResetCategory) -> UInt64? {
    open(function, category).map { entries[$0].cause.fromNs }
  }

  /// Place of the open window of a cause, of which, but for notices, there is one at most.
  private func open(_ function: PCIFunction, _ category: ResetCategory) -> Int? {
    entries.firstIndex {
      $0.category == category && $0.cause.function == function && $0.cause.untilNs == nil
    }
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
  ///
  /// - Parameters:
  ///   - function: The function.
  ///   - bridges: Those above it whose bus below is conventional PCI.
  ///   - wait: What such a bus takes when a reset of it is over.
  /// - Returns: nil where none covers it.
  func latest(
    covering function: PCIFunction, behind bridges: [PCIFunction] = [],
    _ wait: QuietWindow? = nil
  ) -> RecoveryWindow.Cause? {
    var best: RecoveryWindow.Cause?
    for entry in entries where entry.cause.scope.contains(function, cause: entry.cause.function) {
      var cause = entry.cause
      if let wait, let end = cause.untilNs, let release = cause.releaseNs, cause.kind.isAtBridge,
        bridges.contains(where: { cause.scope.contains($0, cause: cause.function) })
      {
        let later = release.addedSaturating(wait.nanoseconds ?? 0)
        if later > end { (cause.untilNs, cause.source) = (later, wait.source) }
      }
      let end = cause.untilNs ?? .max
      if best.map({ end > $0.untilNs ?? .max }) ?? true { best = cause }
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
