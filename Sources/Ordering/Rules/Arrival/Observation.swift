/// What barriers and dependencies order is observed in that order by other CPUs, whatever
/// peripheral it goes to.
///
/// Observation is not arrival: it ends at the serialisation point.
struct Observation: OrderRule {
  let info = RuleInfo(
    "arm.observation", "Ordered accesses are observed in that order by the CPUs",
    source: "Arm ARM DDI 0487, B2.3 Ordered-before, external visibility requirement")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.scene.isLocallyOrdered(pair.first, pair.second) else { return [] }
    return [Constraint(from: .observe, to: .observe)]
  }
}
