import TraceCore

/// An access of the trace, or a run of stores that is one.
struct SeenAccess {
  var entry: PatternClass
  var function: UInt64
  var effect = AccessPattern.ConfigEffect.none
  /// First byte, and the one behind the last.
  var start: UInt64
  var end: UInt64
  var stores = 1
  /// Between the vCPU's access before and this one.
  var barriers: BarrierSet = []
  var record: UInt64
  /// Source line, kept when the record's block goes.
  var line: UInt64?

  private var isAligned: Bool { entry.size == 0 || start % UInt64(entry.size) == 0 }

  /// Direction, kind, alignment and target are the step's.
  func isLike(_ step: AccessPattern.Step) -> Bool {
    guard entry.isStore == step.isStore, entry.flags == step.flags, isAligned == step.isAligned
    else { return false }
    switch step.target {
    case .mmio(let type): return entry.path == .mmio && entry.type == type
    case .config(let effect): return entry.path != .mmio && effect == self.effect
    }
  }
}

extension AccessPattern {
  /// Whether accesses, one for each step, are an occurrence.
  func matches(_ seen: [SeenAccess]) -> Bool {
    for index in steps.indices {
      guard seen[index].isLike(steps[index]), seen[index].stores >= steps[index].stores,
        index == 0 || seen[index].barriers.isSuperset(of: steps[index].barriers)
      else { return false }
    }
    return pairs.allSatisfy { holds($0, seen) }
  }

  private func holds(_ pair: Pair, _ seen: [SeenAccess]) -> Bool {
    let (first, second) = (seen[pair.first], seen[pair.second])
    let isOneFunction = first.function == second.function
    switch pair.relation {
    case .samePeripheral(let sharesBytes):
      let overlaps = first.start < second.end && second.start < first.end
      guard isOneFunction, overlaps == sharesBytes else { return false }
    case .sameFunction:
      guard isOneFunction, first.entry.region != second.entry.region else { return false }
    case .apart:
      guard !isOneFunction else { return false }
    }
    var barriers: BarrierSet = []
    for index in pair.first + 1...pair.second { barriers.formUnion(seen[index].barriers) }
    return pair.isOrdered
      == barriers.orders(
        store: first.entry.isStore, store: second.entry.isStore, ignoresDomains: ignoresDomains)
  }
}

/// One vCPU's last accesses, as many as the pattern has steps.
struct PatternWindow {
  /// The last access, which more stores may continue.
  private(set) var last: SeenAccess?
  private var isOpen = false
  /// Since the last access.
  private var barriers: BarrierSet = []
  private var accesses: [SeenAccess] = []

  /// Counts barriers behind the last access.
  mutating func order(_ more: BarrierSet) { barriers.formUnion(more) }

  /// The next store begins an access of its own.
  mutating func close() { isOpen = false }

  /// Joins stores to the last access.
  ///
  /// - Parameter next: The stores.
  /// - Returns: false where they are an access of their own.
  mutating func extend(by next: SeenAccess) -> Bool {
    guard isOpen, barriers.isEmpty, let known = last, known.end == next.start,
      next.entry.continues(known.entry)
    else { return false }
    last?.end = next.end
    last?.stores += next.stores
    return true
  }

  /// Takes an access; ``complete(_:)`` comes first.
  mutating func append(_ next: SeenAccess) {
    last = next
    last?.barriers = barriers
    isOpen = next.entry.makesRuns
    barriers = []
  }

  /// The last access has ended: gives its occurrence where it makes one, which is then used up.
  mutating func complete(_ pattern: AccessPattern) -> SeenAccess? {
    guard let ended = last else { return nil }
    last = nil
    if accesses.count == pattern.steps.count { accesses.removeFirst() }
    accesses.append(ended)
    guard accesses.count == pattern.steps.count, pattern.matches(accesses) else { return nil }
    let first = accesses[0]
    accesses.removeAll(keepingCapacity: true)
    return first
  }

  /// Forgets what came before a hole in the capture.
  mutating func forget() {
    last = nil
    barriers = []
    accesses.removeAll(keepingCapacity: true)
  }

  /// Changes each access that may still be part of an occurrence.
  mutating func update<E: Error>(_ body: (inout SeenAccess) throws(E) -> Void) throws(E) {
    for index in accesses.indices { try body(&accesses[index]) }
    if var open = last {
      try body(&open)
      last = open
    }
  }
}
