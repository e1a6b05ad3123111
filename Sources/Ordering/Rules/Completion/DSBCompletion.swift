import TraceCore

/// After a DSB nothing begins before the accesses that it waits for are complete.
struct DSBCompletion: OrderRule {
  let info = RuleInfo(
    "arm.completion.dsb", "What follows a DSB begins after earlier accesses have completed",
    source: "Arm ARM DDI 0487, B2.4.1 Completion and DSB")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard waits(pair) else { return [] }
    return [Constraint(from: .complete, to: .issue)]
  }

  private func waits(_ pair: Pair) -> Bool {
    if pair.has(.dsbSY) { return true }
    if pair.first.kind == .unmap {
      return pair.has(.dsbST) || pair.has(.dsbLD) || pair.hasUnmapDSB
    }
    return pair.first.isStore ? pair.has(.dsbST) : pair.has(.dsbLD)
  }
}

extension Pair {
  /// The DSB ISH that Linux puts behind a TLBI.
  fileprivate var hasUnmapDSB: Bool {
    between.contains { instruction in
      if case .barrier(let barrier) = instruction { return barrier.isDSB }
      return false
    }
  }
}
