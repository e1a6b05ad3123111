public import TraceCore

/// Adds up a trace's totals from its blocks.
public struct TotalsCounter {
  public private(set) var totals = TraceTotals()
  private var vcpus: Set<UInt16> = []

  public init() {}

  /// Adds a block.
  public mutating func add(_ block: Block) {
    var records = [Int](repeating: 0, count: block.classes.count)
    for (token, count) in zip(block.runTokens, block.runCounts) {
      records[Int(token)] += Int(count)
    }
    add(block) { records[$0] }
  }

  /// Adds a block.
  ///
  /// - Parameters:
  ///   - block: Runs and times; its values too where a class of lost records has some.
  ///   - recordsOfClass: Records of each class.
  mutating func add(_ block: Block, recordsOfClass: (Int) -> Int) {
    var isTimed = false
    for (token, entry) in block.classes.enumerated() {
      let records = UInt64(recordsOfClass(token))
      guard records > 0 else { continue }
      add(entry, records)
      vcpus.insert(entry.vcpu)
      if entry.columns.contains(.time) { isTimed = true }
    }
    totals.records += UInt64(block.count)
    totals.vcpus = vcpus.sorted()
    totals.lostEvents.addSaturating(block.lostEvents)
    if isTimed { addTimes(block) }
  }

  private mutating func add(_ entry: RecordClass, _ records: UInt64) {
    switch entry.operation {
    case .store:
      totals.stores += records
      totals.storeBytes += records * UInt64(entry.size)
    case .load:
      totals.loads += records
      totals.loadBytes += records * UInt64(entry.size)
    case .barrier: totals.barriers += records
    case .configRead: totals.configReads += records
    case .configWrite: totals.configWrites += records
    case .reset: totals.resets += records
    case .lost: totals.lostRecords += records
    case .mark: totals.marks += records
    }
    if entry.columns.contains(.time) { totals.timed += records }
    if entry.columns.contains(.value) || entry.columns.contains(.configValue) {
      totals.withValue += records
    }
    if entry.attribute != nil { totals.withAttribute += records }
    if entry.columns.contains(.codeAddress) { totals.withCodeAddress += records }
  }

  private mutating func addTimes(_ block: Block) {
    // Records without a stamp repeat the one before, so the last time is always a stamp's.
    totals.lastTime = block.times.last
    guard totals.firstTime == nil else { return }
    var record = 0
    for (token, count) in zip(block.runTokens, block.runCounts) {
      if block.classes[Int(token)].columns.contains(.time) {
        totals.firstTime = block.times[record]
        return
      }
      record += Int(count)
    }
  }
}

/// How many entries a block's columns must have.
struct ColumnDemands: Equatable {
  var valueBytes = 0
  var configBytes = 0
  var codeAddresses = 0
  var lines = 0

  init(_ classes: [RecordClass], recordsOfClass: (Int) -> Int) {
    for (token, entry) in classes.enumerated() {
      let records = recordsOfClass(token)
      if entry.columns.contains(.configValue) {
        configBytes += records * entry.valueBytes
      } else {
        valueBytes += records * entry.valueBytes
      }
      if entry.columns.contains(.codeAddress) { codeAddresses += records }
      if entry.columns.contains(.line) { lines += records }
    }
  }
}
