public import ArmMemory
public import TraceCore

/// A load or store of a trace, with its type under a scenario.
public struct ResolvedRecord: Sendable, Equatable {
  /// Index in the trace.
  public var record: UInt64
  public var isStore: Bool
  public var vcpu: UInt16
  /// First byte.
  public var address: UInt64
  /// Bytes.
  public var size: Int
  public var isRelease: Bool
  public var isAcquire: Bool
  /// ST64B or LD64B.
  public var isSingle64: Bool
  public var memoryType: MemoryType
  /// The first stage that made the location Device; nil on Normal.
  public var faultStage: Int?
}

/// Finds single records of a trace again, in a second pass.
public struct RecordLookup {
  /// Runs of stores remembered for each vCPU, to find what a store overwrites.
  private static let memory = 1024

  private struct Run {
    var first: ResolvedRecord
    var count: Int
  }

  private let wanted: Set<UInt64>
  private let overwriting: Set<UInt64>
  private let configuration: ScenarioConfiguration
  private var tables = ReplayTables()
  private var stores: [UInt16: [Run]] = [:]
  /// Records found, by index.
  public private(set) var found: [UInt64: ResolvedRecord] = [:]
  /// For an overwriting record, the latest of the vCPU's last gathering stores with one of its
  /// bytes.
  public private(set) var overwritten: [UInt64: ResolvedRecord] = [:]

  /// - Parameters:
  ///   - wanted: Records to find.
  ///   - overwriting: Those of them for which the store that they overwrite is sought.
  ///   - configuration: The scenario that gives types.
  public init(
    _ wanted: Set<UInt64>, overwriting: Set<UInt64>, _ configuration: ScenarioConfiguration
  ) {
    self.wanted = wanted
    self.overwriting = overwriting
    self.configuration = configuration
  }

  /// Reads the trace as far as needed.
  ///
  /// - Parameter source: The trace, from its beginning.
  /// - Throws: ``TraceError`` from the source.
  public mutating func run(_ source: any BlockSource) throws(TraceError) {
    guard let last = wanted.max() else { return }
    let block = Block()
    while try source.next(into: block) {
      try take(block, source.context)
      if block.firstRecord + UInt64(block.count) > last { return }
    }
  }

  private mutating func take(_ block: Block, _ context: TraceContext) throws(TraceError) {
    let classes = try tables.resolve(block, configuration, .recorded, context)
    var record = block.firstRecord
    for run in block.runTokens.indices {
      let count = Int(block.runCounts[run])
      let token = Int(block.runTokens[run])
      if block.classes[token].operation.isAccess {
        take(
          Run(
            first: Self.resolved(
              classes[token], record: record, block.runAddresses[run]), count: count))
      }
      record += UInt64(count)
    }
  }

  private static func resolved(
    _ entry: ResolvedClass, record: UInt64, _ address: UInt64
  ) -> ResolvedRecord {
    ResolvedRecord(
      record: record, isStore: entry.isWrite, vcpu: entry.vcpuName, address: address,
      size: entry.size, isRelease: entry.release, isAcquire: entry.acquire,
      isSingle64: entry.single64, memoryType: entry.type,
      faultStage: entry.faultStage == 0 ? nil : entry.faultStage)
  }

  private mutating func take(_ run: Run) {
    let records = run.first.record..<run.first.record + UInt64(run.count)
    for record in wanted where records.contains(record) {
      let access = Self.access(run, record - run.first.record)
      found[record] = access
      if overwriting.contains(record) { overwritten[record] = overlapped(by: access) }
    }
    // Only stores that gather can be overwritten before they leave.
    guard run.first.isStore, run.first.memoryType.gathers, !run.first.isSingle64,
      !overwriting.isEmpty
    else { return }
    stores[run.first.vcpu, default: []].append(run)
    if let count = stores[run.first.vcpu]?.count, count > 2 * Self.memory {
      stores[run.first.vcpu]?.removeFirst(count - Self.memory)
    }
  }

  private static func access(_ run: Run, _ offset: UInt64) -> ResolvedRecord {
    var access = run.first
    access.record += offset
    access.address += offset * UInt64(access.size)
    return access
  }

  /// The latest store of the vCPU, before this one, with one of its bytes.
  private func overlapped(by access: ResolvedRecord) -> ResolvedRecord? {
    let end = access.address + UInt64(access.size)
    for run in (stores[access.vcpu] ?? []).reversed() {
      let size = UInt64(run.first.size)
      guard run.first.address < end, run.first.address + size * UInt64(run.count) > access.address
      else { continue }
      let last = min(UInt64(run.count) - 1, (end - 1 - run.first.address) / size)
      return Self.access(run, last)
    }
    return nil
  }
}
