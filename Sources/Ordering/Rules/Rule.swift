/// A rule of the architecture, or a permission; one file each, registered in ``RuleSet``.
protocol Rule: Sendable {
  var info: RuleInfo { get }
}

/// Says which effects are Barrier-ordered-before which (Arm ARM DDI 0487, B2.3).
protocol BarrierRule: Rule {
  func orders(_ pair: Pair) -> Bool
}

/// Says which effects are Locally-ordered-before which, besides barriers: dependencies.
protocol DependencyRule: Rule {
  func orders(_ pair: Pair) -> Bool
}

/// Turns relations into an order of milestones.
protocol OrderRule: Rule {
  func constraints(_ pair: Pair) -> [Constraint]
}

/// Forbids two effects to be gathered into one transaction.
protocol GatherRule: Rule {
  func forbids(_ pair: Pair) -> Bool
}

/// Cuts an access into effects.
protocol SplitRule: Rule {
  /// Sizes in bytes, low address first; nil where the rule does not speak about the access.
  func pieces(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> [Int]?
}

/// Makes an access fault.
protocol FaultRule: Rule {
  /// The stage that faults, 1 or 2; nil where the access does not.
  func stage(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> Int?
}

/// What splitting and faults may depend on besides the access.
struct SplitScene {
  /// First byte.
  let address: UInt64
  let options: ExplorerOptions
  let isMemory: Bool

  func isAligned(to bytes: Int) -> Bool { address % UInt64(bytes) == 0 }
  func crosses(_ bytes: Int, size: Int) -> Bool {
    address / UInt64(bytes) != (address + UInt64(size - 1)) / UInt64(bytes)
  }
}

/// A permission that the explorer itself consults by name.
protocol Permission: Rule {}
