import ArmMemory

/// Rule B of "Peripheral arrival order": Ordered-before, for Device types without gathering.
///
/// Within an agent this is the closure of barriers and dependencies; across agents the explorer
/// follows what they observe of each other (see ``ExternalVisibility``).
struct ArrivalB: OrderRule {
  static let id = "arm.arrival.B"
  let info = RuleInfo(
    ArrivalB.id,
    "nGRE, nGnRE and nGnRnE accesses to one peripheral arrive in the order Ordered-before",
    source: "Arm ARM DDI 0487, B2.4.1 Peripheral arrival order")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.isArriving, Self.covers(pair.first), Self.covers(pair.second),
      pair.scene.isLocallyOrdered(pair.first, pair.second), !pair.isLooseAlias
    else { return [] }
    return [pair.arrival]
  }

  /// The rule speaks about the effect.
  static func covers(_ effect: Effect) -> Bool {
    effect.kind == .mmio || effect.kind == .config
      ? effect.type <= .deviceNGRE : false
  }
}

extension MemoryType {
  fileprivate static func <= (left: Self, right: Self) -> Bool { left.rawValue <= right.rawValue }
}
