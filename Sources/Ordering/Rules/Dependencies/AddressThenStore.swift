/// A store is not begun before the addresses of the accesses in front of it are known.
struct AddressThenStore: DependencyRule {
  let info = RuleInfo(
    "arm.dob.address-store",
    "A load is ordered before stores behind an access whose address depends on it",
    source: "Arm ARM DDI 0487, B2.3 Dependency-ordered-before; aarch64.cat (herdtools7) dob "
      + "addr;po;[W]")

  func orders(_ pair: Pair) -> Bool { pair.second.isStore && pair.dependentAddress != nil }
}
