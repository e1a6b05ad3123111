/// A dependent access is not begun before the load has its data.
///
/// Rule B leaves Normal-NC out, so that by the text arrival order is not guaranteed although the
/// accesses are Ordered-before; every known core waits. Off unless asked for.
struct DependencyPractice: OrderRule {
  let info = RuleInfo(
    "practice.dependency", "An access that depends on a load begins after the load's data",
    source: "Common practice; Arm ARM DDI 0487 B2.4.1 rule B excludes Normal", status: .assumed)

  func constraints(_ pair: Pair) -> [Constraint] {
    guard pair.scene.options.dependenciesOrderNormalLoads,
      pair.scene.isDependent(pair.first, pair.second)
    else { return [] }
    return [Constraint(from: .complete, to: .issue)]
  }
}
