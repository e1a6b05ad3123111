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
    for instruction in pair.between {
      switch instruction {
      case .control(let register):
        if pair.depends(on: [register]) { isBehindBranch = true }
      case .barrier(let barrier) where barrier.kind == .isb && isBehindBranch: return true
      default: break
      }
    }
    return isBehindBranch && pair.second.isStore
  }
}

extension Pair {
  /// The first is a load that last filled one of the registers.
  func depends(on registers: [String]?) -> Bool {
    guard let registers, !first.isStore, !isSameInstruction, !first.isSpeculative,
      let register = scene.access(of: first)?.register, registers.contains(register)
    else { return false }
    // Another load of the register in between hides the first.
    return !between.contains { instruction in
      if case .access(let access) = instruction { return access.register == register }
      return false
    }
  }
}
