import ArmMemory
import TraceCore

/// A block's record class as a pattern sees it.
struct PatternClass {
  enum Path { case mmio, ecam, config, barrier, hole, other }

  var path = Path.other
  var isStore = false
  var flags: AccessFlags = []
  var type = MemoryType.deviceNGnRnE
  var size = 0
  /// What the pattern's "function" is compared by; see ``functionKey(_:_:)``.
  var function: UInt64 = 0
  /// Number of the region in the tables.
  var region = 0
  /// Number of the vCPU in the tables.
  var vcpu = 0
  var barriers: BarrierSet = []

  /// A function's number, or where it is not known one that only the region has.
  static func functionKey(_ function: PCIFunction?, _ region: RegionID?) -> UInt64 {
    if let function { return UInt64(function.rawValue) }
    return 1 << 32 | UInt64(region?.rawValue ?? 0xffff)
  }

  /// Stores of this class that continue each other are one access.
  var makesRuns: Bool { path == .mmio && isStore && flags.isEmpty }

  /// Its stores may continue those of another block's class.
  func continues(_ other: PatternClass) -> Bool {
    makesRuns && other.makesRuns && type == other.type && size == other.size
      && function == other.function && region == other.region
  }
}

extension ReplayTables {
  /// A block's classes under one scenario.
  ///
  /// - Throws: ``TraceError`` for a class that no access can have.
  mutating func patternClasses(
    of block: Block, _ configuration: ScenarioConfiguration, _ context: TraceContext
  ) throws(TraceError) -> [PatternClass] {
    // The accessor assumption changes no type.
    let resolved = try resolve(block, configuration, .recorded, context)
    var classes: [PatternClass] = []
    classes.reserveCapacity(resolved.count)
    for (entry, result) in zip(block.classes, resolved) {
      classes.append(Self.patternClass(entry, result, context))
    }
    return classes
  }

  private static func patternClass(
    _ entry: RecordClass, _ resolved: ResolvedClass, _ context: TraceContext
  ) -> PatternClass {
    var result = PatternClass()
    result.vcpu = resolved.vcpu
    result.region = resolved.region
    result.size = resolved.size
    result.type = resolved.type
    result.isStore = resolved.isWrite
    result.flags = entry.flags
    let function = entry.region.flatMap { context.regions[$0].function }
    result.function = PatternClass.functionKey(entry.function ?? function, entry.region)
    switch resolved.path {
    case .gatheringStore, .deviceStore, .load: result.path = .mmio
    case .ecam: result.path = .ecam
    case .config: result.path = .config
    case .lost: result.path = .hole
    case .reset, .other: result.path = .other
    case .barrier:
      result.barriers = entry.barrier.map { BarrierSet($0) } ?? []
      result.path = result.barriers.isEmpty ? .other : .barrier
    }
    return result
  }
}
