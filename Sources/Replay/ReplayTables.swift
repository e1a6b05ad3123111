import ArmMemory
import ConfigSpace
import Profiles
import Resets
import TraceCore

/// The dense numbers that the engine uses for vCPUs, regions and functions, and what each region
/// turned out to be mapped as.
struct ReplayTables {
  /// A region of the report, in order of first appearance.
  struct Entry {
    /// The trace's region; nil for config accesses that belong to none.
    var id: RegionID?
    /// The function of a row of config accesses.
    var function: PCIFunction?
    var types: Set<MemoryType> = []
    var stage1: Set<UInt8> = []
    var stage1Source = "-"
    var stage2Name = "-"
    /// Accesses whose stage-1 type nothing tells.
    var untypedAccesses: UInt64 = 0

    func region(_ context: TraceContext, isShared: Bool = false) -> Region {
      if let id { return context.regions[id] }
      let name = isShared ? "other config" : function.map { "\($0) config" } ?? "unmapped"
      return Region(
        name: name, base: 0, size: 0, kind: .config, function: isShared ? nil : function,
        origin: .capture)
    }

    var stage1Name: String {
      guard let byte = stage1.first else { return "-" }
      guard stage1.count == 1 else { return "mixed" }
      return MemoryAttributes(mair: byte)?.memoryType.name ?? "reserved"
    }

    var effectiveName: String {
      guard let type = types.first else { return "-" }
      return types.count == 1 ? type.name : "mixed"
    }
  }

  /// vCPUs told apart at most.
  static let vcpuLimit = 4096

  /// Functions with a row of config accesses each, at most.
  static let configRowLimit = 64
  /// Function numbers from here on stand for a region whose function is not known.
  static let unknownFunction = 0x10000
  /// Functions, and regions without one, beyond those whose accesses are remembered apart.
  var functionsSharing: Int {
    max(0, functionCount - FunctionSlots.most) + max(0, unownedCount - FunctionSlots.most)
  }
  /// Functions that the trace's regions and config accesses belong to.
  var functionCount: Int { functionNames.count }
  /// Regions without a function.
  var unownedCount: Int { unknownNumbers.count }

  /// Whether runs of stores may be handed to the engine as a whole.
  var takesWholeRuns = true
  private(set) var regions: [Entry] = []
  /// Where the config accesses and resets of the last block go.
  private(set) var targets: [ConfigTarget] = []
  private(set) var vcpuNames: [UInt16] = []
  private(set) var assumptions: [String] = []
  private var regionNumbers: [RegionID?: Int] = [:]
  private var configNumbers: [PCIFunction?: Int] = [:]
  private var vcpuNumbers: [UInt16: Int] = [:]
  private var functionNumbers: [PCIFunction: Int] = [:]
  private var functionNames: [PCIFunction] = []
  private var unknownNumbers: [RegionID?: Int] = [:]
  private var overlaps = RegionOverlaps()
  private var describedFunctions = 0
  private var describedVCPUs = 0
  private var describedRegions = 0

  /// Resolves a block's classes under one scenario; ``targets`` then belongs to this block.
  ///
  /// - Throws: ``TraceError`` for a class that no access can have.
  mutating func resolve(
    _ block: Block, _ configuration: ScenarioConfiguration, _ accessors: AccessorAssumption,
    _ context: TraceContext
  ) throws(TraceError) -> [ResolvedClass] {
    targets.removeAll(keepingCapacity: true)
    var resolved: [ResolvedClass] = []
    resolved.reserveCapacity(block.classes.count)
    for entry in block.classes {
      resolved.append(try resolve(entry, configuration, accessors, context))
    }
    return resolved
  }

  /// Counts the accesses of a block whose stage-1 type nothing tells.
  mutating func countUntyped(_ block: Block, _ classes: [ResolvedClass]) {
    guard classes.contains(where: \.isUntyped) else { return }
    var tally = [UInt64](repeating: 0, count: classes.count)
    for (token, count) in zip(block.runTokens, block.runCounts) {
      tally[Int(token)] &+= UInt64(count)
    }
    for (entry, count) in zip(classes, tally) where entry.isUntyped {
      regions[entry.region].untypedAccesses += count
    }
  }

  mutating func resolve(
    _ entry: RecordClass, _ configuration: ScenarioConfiguration,
    _ accessors: AccessorAssumption, _ context: TraceContext
  ) throws(TraceError) -> ResolvedClass {
    var result = ResolvedClass(path: .other)
    result.valueBytes =
      entry.columns.contains(.configValue) ? (entry.size == 0 ? 8 : Int(entry.size)) : 0
    result.size = Int(entry.size)
    result.isStamped = entry.columns.contains(.time)
    let region = entry.region.map { context.regions[$0] }
    switch entry.operation {
    case .store, .load:
      result.vcpu = try vcpuNumber(entry.vcpu)
      result.vcpuName = entry.vcpu
      try resolveAccess(entry, region, configuration, context, &result)
      if takesWholeRuns, mayTakeWholeRuns(result, configuration.settings.cpu, accessors) {
        result.traits.insert(.takesWholeRuns)
      }
    case .barrier:
      result.vcpu = try vcpuNumber(entry.vcpu)
      result.path = .barrier
      result.traits = Self.traits(of: entry.barrier ?? Barrier(.isb))
    case .configRead, .configWrite:
      result.vcpu = try vcpuNumber(entry.vcpu)
      result.vcpuName = entry.vcpu
      result.path = .config
      if entry.operation == .configWrite { result.traits.insert(.isWrite) }
      if let path = configuration.configPath, !path.returnsWhenDone {
        result.traits.insert(.isWindowAccess)
      }
      result.target = targetNumber(
        ConfigTarget(
          function: entry.function,
          path: configuration.configPath(of: entry, region)))
      result.region = configNumber(entry.function)
    case .lost:
      result.path = .lost
    case .reset:
      result.path = .reset
      result.vcpuName = entry.vcpu
      result.target = targetNumber(
        ConfigTarget(
          function: entry.function, name: entry.text.map { context.strings[Int($0)] } ?? "",
          path: configuration.configPath(of: entry, region)))
    case .mark:
      result.path = .other
    }
    return result
  }

  private mutating func resolveAccess(
    _ entry: RecordClass, _ region: Region?, _ configuration: ScenarioConfiguration,
    _ context: TraceContext, _ result: inout ResolvedClass
  ) throws(TraceError) {
    guard entry.size >= 1, entry.size <= 64 else {
      throw TraceError(.badRecord, "an access of \(entry.size) bytes")
    }
    let isSingle = entry.flags.contains(.single64)
    guard !isSingle || entry.size == 64 else {
      throw TraceError(.badRecord, "a single-copy 64-byte access of \(entry.size) bytes")
    }
    result.region = regionNumber(entry.region)
    result.function = functionNumber(region?.function, entry.region)
    result.traits = Self.traits(of: entry)
    if let region, !region.sideEffects.isEmpty { result.traits.insert(.hasSideEffects) }
    let stage1 = stage1Byte(entry, region, configuration)
    let eligible = region.map(KVMPolicy.isEligible) ?? true
    let effective = EffectiveType.resolve(
      stage1Byte: stage1.byte, policy: configuration.policy, vfioEligible: eligible,
      fwb: configuration.fwb)
    result.type = effective.memoryType
    result.faultStage = effective.faultStage ?? 0
    addHazardTraits(entry, region, configuration, context, stage1, &result)
    regions[result.region].stage2Name = stage2Name(configuration, eligible)
    note(result.region, stage1.byte, stage1.source, effective)
    result.isUntyped = stage1.source == "default"
    if region?.kind == .ecam, let region {
      result.path = .ecam
      if !(configuration.configPath?.returnsWhenDone ?? false) {
        result.traits.insert(.isWindowAccess)
      }
      result.target = targetNumber(
        ConfigTarget(
          windowBase: region.base, window: ECAMWindow(region),
          path: configuration.configPath(of: entry, region)))
    } else if result.isWrite {
      result.path = effective.memoryType.gathers ? .gatheringStore : .deviceStore
    } else {
      result.path = .load
    }
  }

  /// What only the rules about faults and mappings ask for.
  private mutating func addHazardTraits(
    _ entry: RecordClass, _ region: Region?, _ configuration: ScenarioConfiguration,
    _ context: TraceContext, _ stage1: (byte: UInt8, source: String),
    _ result: inout ResolvedClass
  ) {
    if result.isDevice || result.single64 || result.release || result.acquire {
      result.traits.insert(.checksAlignment)
    }
    if result.single64, result.type.isCacheable {
      result.traits.insert(.unsupported64)
    }
    // A type that is only assumed shows nothing about what the driver mapped.
    guard stage1.source != "default" else { return }
    if let region, configuration.policy == .kvmNormalNC, !KVMPolicy.isEligible(region),
      MemoryAttributes(mair: stage1.byte)?.isDevice == false
    {
      result.traits.insert(.deniedNormal)
    }
    guard region?.kind != .ecam else { return }
    let isShared = entry.region.map {
      overlaps.contains($0, in: context.regions, lineBytes: configuration.settings.cpu.lineBytes)
    }
    if stage1.source == "access" || isShared ?? false { result.traits.insert(.mayAlias) }
  }

  private static func traits(of barrier: Barrier) -> ResolvedClass.Traits {
    var traits: ResolvedClass.Traits = []
    if barrier.ordersLoads { traits.insert(.ordersLoads) }
    if barrier.ordersStores { traits.insert(.ordersStores) }
    if barrier.ordersStoresBeforeLoads { traits.insert(.ordersStoresBeforeLoads) }
    if barrier.kind == .dgh { traits.insert(.isDGH) }
    if barrier.isDSB { traits.insert(.isDSB) }
    if barrier.releases { traits.insert(.release) }
    if barrier.acquires { traits.insert(.acquire) }
    return traits
  }

  private static func traits(of access: RecordClass) -> ResolvedClass.Traits {
    var traits: ResolvedClass.Traits = []
    if access.operation == .store { traits.insert(.isWrite) }
    if access.operation == .store, access.flags.contains(.release) { traits.insert(.release) }
    if access.operation == .load, access.flags.contains(.acquire) { traits.insert(.acquire) }
    if access.flags.contains(.single64) { traits.insert(.single64) }
    if access.size & (access.size - 1) == 0 { traits.insert(.sizeIsPowerOfTwo) }
    return traits
  }

  /// Whether nothing can come between the aligned stores of a run but what their addresses say.
  private func mayTakeWholeRuns(
    _ store: ResolvedClass, _ cpu: CPUProfile, _ accessors: AccessorAssumption
  ) -> Bool {
    guard !store.single64, cpu.drainAfterNs == nil, store.traits.contains(.sizeIsPowerOfTwo) else {
      return false
    }
    switch store.path {
    case .gatheringStore:
      return !store.release && accessors != .linuxWritel && store.size <= cpu.lineBytes
    case .deviceStore: return store.size <= min(8, cpu.deviceBusBytes)
    default: return false
    }
  }

  /// Stage 1 from the option, the map, the access, or the region's kind, in this order.
  private func stage1Byte(
    _ entry: RecordClass, _ region: Region?, _ configuration: ScenarioConfiguration
  ) -> (byte: UInt8, source: String) {
    if let region, let byte = configuration.stage1ByRegion[region.name] { return (byte, "option") }
    if let byte = configuration.stage1ForAll { return (byte, "option") }
    if let byte = region?.stage1 { return (byte, "map") }
    if let byte = entry.attribute { return (byte, "access") }
    return (Self.untypedStage1(region).attributeByte, "default")
  }

  /// The stage-1 type of accesses to a region where nothing tells it.
  static func untypedStage1(_ region: Region?) -> MemoryType {
    switch region?.kind ?? .bar {
    case .bar: .normalNC
    case .ecam, .config: .deviceNGnRnE
    case .platform: .deviceNGnRE
    }
  }

  private mutating func note(
    _ number: Int, _ stage1: UInt8, _ source: String, _ effective: EffectiveType
  ) {
    regions[number].types.insert(effective.memoryType)
    regions[number].stage1.insert(stage1)
    if regions[number].stage1Source == "-" {
      regions[number].stage1Source = source
    } else if regions[number].stage1Source != source {
      regions[number].stage1Source = "mixed"
    }
    if effective.reservedStage1 {
      assume(
        "some accesses carry a reserved stage-1 attribute byte; they are taken as Device-nGnRnE")
    }
    if effective.memoryType.isCacheable {
      assume(
        "write-through and write-back memory is replayed as Normal-NC: caches are not modelled")
    }
  }

  private mutating func assume(_ text: String) {
    if !assumptions.contains(text) { assumptions.append(text) }
  }

  /// Tells the engine of vCPUs and regions that it does not know yet.
  mutating func describe(to engine: inout Engine, _ context: TraceContext) {
    while describedVCPUs < vcpuNames.count {
      engine.order.setName(describedVCPUs, vcpuNames[describedVCPUs])
      describedVCPUs += 1
    }
    while describedFunctions < functionNames.count {
      engine.hazards.add(function: functionNames[describedFunctions])
      describedFunctions += 1
    }
    while describedRegions < regions.count {
      let entry = regions[describedRegions]
      let region = entry.region(context)
      let number = region.function.flatMap { functionNumbers[$0] } ?? unknownFunction(entry.id)
      engine.hazards.add(
        regionOf: number, sideEffects: Self.sideEffects(of: region),
        mayBeAnyones: region.kind == .bar && region.origin != .inferred)
      describedRegions += 1
    }
    engine.hazards.targets = targets
  }

  /// Addresses of a region's registers with side effects; none lies beyond the address space.
  private static func sideEffects(of region: Region) -> [ClosedRange<UInt64>] {
    region.sideEffects.compactMap { range in
      let (low, lowIsBeyond) = region.base.addingReportingOverflow(range.lowerBound)
      let (high, highIsBeyond) = region.base.addingReportingOverflow(range.upperBound)
      return lowIsBeyond ? nil : low...(highIsBeyond ? .max : high)
    }
  }

  private func stage2Name(_ configuration: ScenarioConfiguration, _ eligible: Bool) -> String {
    let memAttr = configuration.policy.memAttr(vfioEligible: eligible, fwb: configuration.fwb)
    let attribute = memAttr.flatMap { Stage2Attribute(memAttr: $0, fwb: configuration.fwb) }
    guard attribute != nil else { return "none" }
    // Stage 2 alone is what a stage 1 of Normal write-back leaves visible.
    return EffectiveType.resolve(
      stage1Byte: MemoryType.normalWB.attributeByte, policy: configuration.policy,
      vfioEligible: eligible, fwb: configuration.fwb
    ).memoryType.name
  }

  /// The regions' numbers as rows of the report.
  ///
  /// Each has a row of its own, but for a bus scan's: where more than ``configRowLimit`` functions
  /// have a row of config accesses, those that are only read from and have no region share one.
  ///
  /// - Parameter isWritten: Whether a row of config accesses holds a write.
  /// - Returns: Rows of one or more numbers, in order of first appearance.
  func rows(having isWritten: (Int) -> Bool) -> [[Int]] {
    let config = regions.indices.filter { regions[$0].id == nil }
    guard config.count > Self.configRowLimit else { return regions.indices.map { [$0] } }
    let scanned = Set(
      config.filter { index in
        let known = regions[index].function.map { functionNumbers[$0] != nil } ?? false
        return !known && !isWritten(index)
      })
    let own = regions.indices.filter { !scanned.contains($0) }.map { [$0] }
    return scanned.isEmpty ? own : own + [scanned.sorted()]
  }

  // MARK: Dense numbers

  private mutating func targetNumber(_ target: ConfigTarget) -> Int {
    targets.append(target)
    return targets.count - 1
  }

  private mutating func vcpuNumber(_ name: UInt16) throws(TraceError) -> Int {
    if let number = vcpuNumbers[name] { return number }
    guard vcpuNames.count < Self.vcpuLimit else {
      throw TraceError(.range, "more than \(Self.vcpuLimit) vCPUs")
    }
    vcpuNames.append(name)
    vcpuNumbers[name] = vcpuNames.count - 1
    return vcpuNames.count - 1
  }

  private mutating func regionNumber(_ id: RegionID?) -> Int {
    if let number = regionNumbers[id] { return number }
    regions.append(Entry(id: id))
    regionNumbers[id] = regions.count - 1
    return regions.count - 1
  }

  private mutating func configNumber(_ function: PCIFunction?) -> Int {
    if let number = configNumbers[function] { return number }
    regions.append(Entry(id: nil, function: function))
    configNumbers[function] = regions.count - 1
    return regions.count - 1
  }

  /// The number of a region without a function, which is its own.
  private mutating func unknownFunction(_ region: RegionID?) -> Int {
    let number = unknownNumbers[region] ?? unknownNumbers.count
    unknownNumbers[region] = number
    return Self.unknownFunction + number
  }

  /// Regions of one function share a number.
  private mutating func functionNumber(_ function: PCIFunction?, _ region: RegionID?) -> Int {
    guard let function else { return unknownFunction(region) }
    if let number = functionNumbers[function] { return number }
    functionNames.append(function)
    functionNumbers[function] = functionNames.count - 1
    return functionNames.count - 1
  }
}
