import TraceCore

/// A conditional branch on what the first loaded stands before the second.
///
/// It orders stores; loads only where an ISB follows the branch.
struct ControlDependency: DependencyRule {
  let info = RuleInfo(
    "arm.dob.control",
    "A load is ordered before stores behind a branch on it, and before all behind branch and ISB",
    source: "Arm ARM DDI 0487, B2.3 Dependency-ordered-before; aarch64.cat (herdtools7) dob ctrl")

  func orders(_ pair: Pair) -> Bool {
    var isBehindBranch = false
    for place in pair.between.indices {
      switch pair.between[place] {
      case .control(let register):
        if pair.depends(on: [register], usedAt: place) { isBehindBranch = true }
      case .barrier(let barrier) where barrier.kind == .isb && isBehindBranch: return true
      default: break
      }
    }
    return isBehindBranch && pair.second.isStore
  }
}
