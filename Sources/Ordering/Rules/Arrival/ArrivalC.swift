/// Rule C of "Peripheral arrival order": Barrier-ordered-before, for every Device type and
/// Normal-NC.
struct ArrivalC: OrderRule {
  let info = RuleInfo(
    "arm.arrival.C",
    "Device and Normal-NC accesses to one peripheral arrive in the order Barrier-ordered-before",
    source: "Arm ARM DDI 0487, B2.4.1 Peripheral arrival order")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.isArriving, pair.scene.isBarrierOrdered(pair.first, pair.second) else { return [] }
    return [pair.arrival]
  }
}

extension Pair {
  /// Both go to one peripheral.
  var isArriving: Bool {
    isMMIO && isSamePeripheral && first.kind != .unmap && second.kind != .unmap
  }

  /// The first arrives before the second, where Arm's rules stop.
  var arrival: Constraint {
    let point = scene.arrivalMilestone(first)
    return Constraint(from: point, to: point)
  }
}
