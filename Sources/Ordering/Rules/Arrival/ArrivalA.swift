import ArmMemory

/// Rule A of "Peripheral arrival order": program order for types that do not reorder.
struct ArrivalA: OrderRule {
  let info = RuleInfo(
    "arm.arrival.A",
    "nGnRE and nGnRnE accesses to one peripheral, with the same XS, arrive in program order",
    source: "Arm ARM DDI 0487, B2.4.1 Peripheral arrival order")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.isArriving, !pair.isSameInstruction, keepsOrder(pair.first),
      keepsOrder(pair.second),
      pair.first.xs == pair.second.xs || !pair.scene.rules.has(XSClasses.id), !pair.isLooseAlias
    else { return [] }
    return [pair.arrival]
  }

  private func keepsOrder(_ effect: Effect) -> Bool {
    effect.type == .deviceNGnRnE || effect.type == .deviceNGnRE
  }
}
