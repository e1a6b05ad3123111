/// What barriers and dependencies order is observed in that order by all agents, whatever type it has
/// and whatever peripheral it goes to.
///
/// Observation is not arrival. Two things follow from it: stores pass the serialisation point in that
/// order, and what loads return fits one order of all accesses (see ``ExternalVisibility``). When the
/// bus sees a Normal load it does not say, because that may be read early, and again.
struct Observation: OrderRule {
  static let id = "arm.observation"
  let info = RuleInfo(
    Observation.id, "Ordered accesses are observed in that order, by what loads return",
    source: "Arm ARM DDI 0487, B2.3 Ordered-before, external visibility requirement")

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.scene.isLocallyOrdered(pair.first, pair.second) else { return [] }
    return [Constraint(from: .observe, to: .observe)]
  }
}
