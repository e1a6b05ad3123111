/// The data of the second access depends on what the first loaded.
struct DataDependency: DependencyRule {
  let info = RuleInfo(
    "arm.dob.data", "A load is ordered before stores whose data depends on it",
    source: "Arm ARM DDI 0487, B2.3 Dependency-ordered-before; aarch64.cat (herdtools7) dob data")

  func orders(_ pair: Pair) -> Bool {
    pair.second.isStore && pair.depends(on: pair.scene.access(of: pair.second)?.dataDependencies)
  }
}
