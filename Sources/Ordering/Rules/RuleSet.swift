/// The rules in force: all of them, less those that were taken away.
///
/// A new rule is a file in its folder and a line here.
public struct RuleSet: Sendable {
  static let barrierRules: [any BarrierRule] = [
    DMBFull(), DMBLoad(), DMBStore(), DSBOrder(), AcquireOrder(), ReleaseOrder(),
    ReleaseThenAcquire(),
  ]
  static let dependencyRules: [any DependencyRule] = [
    AddressDependency(), DataDependency(), ControlDependency(), AddressThenStore(),
    AddressThenISB(), DependencyThenLocalRead(),
  ]
  static let orderRules: [any OrderRule] = [
    ArrivalA(), ArrivalB(), ArrivalC(), Coherence(), Observation(), DependencyPractice(),
    DSBCompletion(), DeviceProgramOrder(),
  ]
  static let gatherRules: [any GatherRule] = [
    GatherTypes(), GatherDirection(), GatherSingle64(), GatherLine(),
  ]
  static let splitRules: [any SplitRule] = [SplitElements(), SplitUnaligned(), SplitDeviceBus()]
  static let faultRules: [any FaultRule] = [
    Single64Alignment(), Single64Type(), AtomicAlignment(), DeviceZeroBlock(), DeviceAlignment(),
  ]
  /// Rules that the machine itself consults by name.
  static let machineRules: [any Rule] = [
    EndpointAcknowledgement(), UnmapCompletion(), TrapReturns(), ZapDrains(), Gathering(),
    Speculation(), Forwarding(), AliasReordering(), XSClasses(), InstructionWhole(),
    ScalableAsGRE(), MemoryCopyGathers(), GatheringHint(), EarlyAcknowledgement(),
  ]

  /// Every rule of Arm's side, of practice and of Linux; PCIe's entries are in ``catalogue`` too.
  private static let rules: [any Rule] =
    barrierRules + dependencyRules + orderRules + gatherRules + splitRules + faultRules
    + machineRules

  /// What every rule says, in the order of the files.
  public static let catalogue: [RuleInfo] = rules.map(\.info) + PCIeRules.catalogue

  /// All rules.
  public static let all = RuleSet(removed: [])

  /// Identifiers of the rules that are not in force.
  public private(set) var removed: Set<String>

  private init(removed: Set<String>) { self.removed = removed }

  /// The set without one more rule.
  ///
  /// - Parameter id: Identifier from ``catalogue``.
  /// - Returns: The smaller set; the same where there is no such rule.
  public func without(_ id: String) -> RuleSet { RuleSet(removed: removed.union([id])) }

  /// The rule is in force.
  public func has(_ id: String) -> Bool { !removed.contains(id) }

  var barriers: [any BarrierRule] { Self.barrierRules.filter { has($0.info.id) } }
  var dependencies: [any DependencyRule] { Self.dependencyRules.filter { has($0.info.id) } }
  var orders: [any OrderRule] { Self.orderRules.filter { has($0.info.id) } }
  var gathering: [any GatherRule] { Self.gatherRules.filter { has($0.info.id) } }
  var splits: [any SplitRule] { Self.splitRules.filter { has($0.info.id) } }
  var faults: [any FaultRule] { Self.faultRules.filter { has($0.info.id) } }
}
