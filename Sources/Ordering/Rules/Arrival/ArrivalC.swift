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
  /// Both go to one peripheral, or to a BAR and the ECAM window where the two are one region.
  var isArriving: Bool {
    isMMIO && (isSamePeripheral || isSharedRegion) && first.kind != .unmap
      && second.kind != .unmap
  }

  /// A trapped config access is made by another CPU: the region does not matter to it.
  private var isSharedRegion: Bool {
    guard scene.options.configSharesRegion else { return false }
    let config = [first, second].filter { $0.kind == .config }
    return config.count == 1 && (first.kind == .mmio || second.kind == .mmio)
      && scene.access(of: config[0])?.configPath == .ecam
  }

  /// The first arrives before the second, where Arm's rules stop.
  var arrival: Constraint {
    let point = scene.arrivalMilestone(first)
    return Constraint(from: point, to: point)
  }
}
