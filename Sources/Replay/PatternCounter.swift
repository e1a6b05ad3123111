public import ArmMemory
public import TraceCore

/// A sequence of accesses of one vCPU to look for in a trace.
public struct AccessPattern: Sendable {
  /// One access.
  public struct Step: Sendable {
    public var isStore: Bool
    public var memoryType: MemoryType
    /// ST64B or LD64B.
    public var isSingle64: Bool
    /// The address is no multiple of the size.
    public var isMisaligned: Bool
    /// A barrier, an acquire before or a release here orders it behind the step before.
    public var isOrdered: Bool
    /// Number of its peripheral; equal numbers are one function.
    public var peripheral: Int
    /// Bytes in that peripheral, to tell same bytes from others.
    public var bytes: Range<UInt64>

    /// - Parameters:
    ///   - isStore: Store or load.
    ///   - memoryType: Effective type.
    ///   - isSingle64: ST64B or LD64B.
    ///   - isMisaligned: The address is no multiple of the size.
    ///   - isOrdered: Ordered behind the step before.
    ///   - peripheral: Number of its peripheral.
    ///   - bytes: Bytes in it.
    public init(
      isStore: Bool, memoryType: MemoryType, isSingle64: Bool = false, isMisaligned: Bool = false,
      isOrdered: Bool = false, peripheral: Int, bytes: Range<UInt64>
    ) {
      self.isStore = isStore
      self.memoryType = memoryType
      self.isSingle64 = isSingle64
      self.isMisaligned = isMisaligned
      self.isOrdered = isOrdered
      self.peripheral = peripheral
      self.bytes = bytes
    }
  }

  public let steps: [Step]

  /// - Parameter steps: At least one, in program order.
  /// - Precondition: there is a step.
  public init(_ steps: [Step]) {
    precondition(!steps.isEmpty, "an empty pattern is everywhere")
    self.steps = steps
  }
}

/// Where a pattern was found: one row a region.
public struct PatternTally: Sendable, Equatable {
  /// Region of the last access.
  public var region: String
  public var count: UInt64
  /// Record of the last access of the first occurrence.
  public var firstRecord: UInt64
  /// Its line in the source, where the capture has one.
  public var firstLine: UInt64?
}

/// Counts a pattern in a trace.
///
/// An occurrence is a sequence of consecutive loads and stores of one vCPU, each with the direction,
/// the effective memory type and the alignment of its step; ordered behind the one before exactly
/// where the step is; to one function exactly where the steps share a peripheral; with bytes in
/// common exactly where the steps have. Occurrences do not overlap. Config accesses, marks and hints
/// in between do not matter; lost events end a sequence. Only recorded barriers count.
public final class PatternCounter {
  private struct Seen {
    var isStore: Bool
    var type: MemoryType
    var isSingle64: Bool
    var isMisaligned: Bool
    var isOrdered: Bool
    var function: Int
    var bytes: Range<UInt64>
  }

  private struct VCPU {
    var seen: [Seen] = []
    var stores = false
    var loads = false
    var storesBeforeLoads = false
    var lastIsStore = false
    var lastIsAcquire = false
  }

  private let pattern: AccessPattern
  private let configuration: ScenarioConfiguration
  private var tables = ReplayTables()
  private var vcpus: [Int: VCPU] = [:]
  private var rows: [Int: PatternTally] = [:]

  /// - Parameters:
  ///   - pattern: What to look for.
  ///   - configuration: The scenario that gives memory types.
  public init(_ pattern: AccessPattern, _ configuration: ScenarioConfiguration) {
    self.pattern = pattern
    self.configuration = configuration
  }

  /// Occurrences by region, in the order in which regions appear.
  public var tallies: [PatternTally] { rows.sorted { $0.key < $1.key }.map(\.value) }

  /// Reads a trace to its end.
  ///
  /// - Parameter source: The trace.
  /// - Throws: ``TraceError`` from the source.
  public func run(_ source: any BlockSource) throws(TraceError) {
    let block = Block()
    while try source.next(into: block) { try consume(block, source.context) }
  }

  private func consume(_ block: Block, _ context: TraceContext) throws(TraceError) {
    let classes = try tables.resolve(block, configuration, .recorded, context)
    var record = block.firstRecord
    for run in block.runTokens.indices {
      let entry = classes[Int(block.runTokens[run])]
      let count = UInt64(block.runCounts[run])
      switch entry.path {
      case .gatheringStore, .deviceStore, .load:
        for offset in 0..<count {
          let address = block.runAddresses[run] + offset * UInt64(entry.size)
          try access(entry, address, record + offset, block, context)
        }
      case .barrier: barrier(entry)
      case .lost: vcpus = [:]
      case .ecam, .config, .reset, .other: break
      }
      record += count
    }
  }

  private func barrier(_ entry: ResolvedClass) {
    let traits = entry.traits
    if traits.contains(.ordersStores) { vcpus[entry.vcpu, default: VCPU()].stores = true }
    if traits.contains(.ordersLoads) { vcpus[entry.vcpu, default: VCPU()].loads = true }
    if traits.contains(.ordersStoresBeforeLoads) {
      vcpus[entry.vcpu, default: VCPU()].storesBeforeLoads = true
    }
  }

  private func access(
    _ entry: ResolvedClass, _ address: UInt64, _ record: UInt64, _ block: Block,
    _ context: TraceContext
  ) throws(TraceError) {
    var vcpu = vcpus[entry.vcpu] ?? VCPU()
    defer { vcpus[entry.vcpu] = vcpu }
    vcpu.seen.append(
      Seen(
        isStore: entry.isWrite, type: entry.type, isSingle64: entry.single64,
        isMisaligned: entry.isMisaligned(address), isOrdered: Self.isOrdered(entry, vcpu),
        function: entry.function, bytes: address..<address + UInt64(entry.size)))
    vcpu.stores = false
    vcpu.loads = false
    vcpu.storesBeforeLoads = false
    vcpu.lastIsStore = entry.isWrite
    vcpu.lastIsAcquire = entry.acquire
    if vcpu.seen.count > pattern.steps.count { vcpu.seen.removeFirst() }
    guard vcpu.seen.count == pattern.steps.count, matches(vcpu.seen) else { return }
    vcpu.seen.removeAll(keepingCapacity: true)
    if rows[entry.region] == nil {
      let scene = try BlockScene(block, needsCode: false, origins: [:])
      rows[entry.region] = PatternTally(
        region: tables.regions[entry.region].region(context).name, count: 0, firstRecord: record,
        firstLine: try scene.line(ofRecord: record))
    }
    rows[entry.region]?.count += 1
  }

  /// Ordered behind the vCPU's access before.
  private static func isOrdered(_ entry: ResolvedClass, _ vcpu: VCPU) -> Bool {
    if vcpu.lastIsAcquire || entry.isWrite && entry.release { return true }
    guard vcpu.lastIsStore else { return vcpu.loads }
    return entry.isWrite ? vcpu.stores : vcpu.storesBeforeLoads
  }

  private func matches(_ seen: [Seen]) -> Bool {
    for (index, step) in pattern.steps.enumerated() {
      let access = seen[index]
      guard access.isStore == step.isStore, access.type == step.memoryType,
        access.isSingle64 == step.isSingle64, access.isMisaligned == step.isMisaligned,
        index == 0 || access.isOrdered == step.isOrdered
      else { return false }
    }
    for first in seen.indices {
      for second in seen.indices where second > first {
        let (one, two) = (pattern.steps[first], pattern.steps[second])
        let shares = one.peripheral == two.peripheral
        guard shares == (seen[first].function == seen[second].function) else { return false }
        let overlap = shares && one.bytes.overlaps(two.bytes)
        guard overlap == seen[first].bytes.overlaps(seen[second].bytes) else { return false }
      }
    }
    return true
  }
}
