/// Accesses of one agent to the same bytes are not reordered; gathered, the last store wins.
struct Coherence: OrderRule {
  let info = RuleInfo(
    "arm.coherence", "Accesses of one agent to the same bytes take effect in program order",
    source: "Arm ARM DDI 0487, B2.3 internal visibility requirement; B2.10.2")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.first.overlaps(pair.second), pair.first.kind == pair.second.kind,
      !pair.isSameInstruction
    else { return [] }
    guard !pair.isLooseAlias else { return [] }
    let isOneDirection = pair.first.isStore == pair.second.isStore
    // Config requests are non-posted and may pass each other on PCIe, to one register too.
    let point = pair.first.kind == .config ? pair.scene.arrivalMilestone(pair.first) : .arrive
    return [Constraint(from: point, to: point, orTogether: isOneDirection)]
  }
}
