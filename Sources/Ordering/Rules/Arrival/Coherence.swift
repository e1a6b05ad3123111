/// Accesses of one agent to the same bytes are not reordered; gathered, the last store wins.
///
/// Two loads of memory are: only that the later one must not return older bytes, which
/// ``ExternalVisibility`` sees to.
struct Coherence: OrderRule {
  static let id = "arm.coherence"
  let info = RuleInfo(
    Coherence.id, "Accesses of one agent to the same bytes take effect in program order",
    source: "Arm ARM DDI 0487, B2.3 internal visibility requirement; B2.10.2")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.isCoherent, !pair.isReadingMemoryTwice else { return [] }
    let isOneDirection = pair.first.isStore == pair.second.isStore
    // Config requests are non-posted and may pass each other on PCIe, to one register too.
    let point = pair.first.kind == .config ? pair.scene.arrivalMilestone(pair.first) : .arrive
    return [Constraint(from: point, to: point, orTogether: isOneDirection)]
  }
}

extension Pair {
  /// Two accesses to bytes in common, not through mismatched aliases.
  var isCoherent: Bool {
    first.overlaps(second) && first.kind == second.kind && !isSameInstruction && !isLooseAlias
  }

  var isReadingMemoryTwice: Bool {
    first.kind == .memory && !first.isStore && !second.isStore && !first.isByDevice
  }
}
