/// The address of the second access depends on what the first loaded.
struct AddressDependency: DependencyRule {
  let info = RuleInfo(
    "arm.dob.address", "A load is ordered before accesses whose address depends on it",
    source: "Arm ARM DDI 0487, B2.3 Dependency-ordered-before; aarch64.cat (herdtools7) dob addr")

  func orders(_ pair: Pair) -> Bool {
    pair.depends(on: pair.scene.access(of: pair.second)?.addressDependencies)
  }
}
