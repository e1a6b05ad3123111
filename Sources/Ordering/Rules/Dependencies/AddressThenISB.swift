import TraceCore

/// An ISB waits until the addresses of the accesses in front of it are known.
struct AddressThenISB: DependencyRule {
  let info = RuleInfo(
    "arm.dob.address-isb",
    "A load is ordered before all behind an ISB that follows an access whose address depends on it",
    source: "Arm ARM DDI 0487, B2.3 Dependency-ordered-before; aarch64.cat (herdtools7) dob "
      + "addr;po;[ISB];po;[R]")

  func orders(_ pair: Pair) -> Bool {
    guard let place = pair.dependentAddress else { return false }
    return pair.between[place...].contains { instruction in
      if case .barrier(let barrier) = instruction { return barrier.kind == .isb }
      return false
    }
  }
}
