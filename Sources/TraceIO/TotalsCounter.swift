public import TraceCore

/// Adds up a trace's totals from its blocks.
public struct TotalsCounter {
  private var counts = TraceTotals()
  /// A bit for each vCPU number: blocks of many vCPUs are short, so that a block must cost no more
  /// than its own.
  private var vcpus = [UInt64](repeating: 0, count: 1024)

  public init() { counts.lostWithValue = 0 }

  /// Records so far.
  public var records: UInt64 { counts.records }

  /// What was counted so far.
  ///
  /// - Complexity: O(65,536), for the vCPUs.
  public var totals: TraceTotals {
    var totals = counts
    for (index, word) in vcpus.enumerated() {
      var rest = word
      while rest != 0 {
        totals.vcpus.append(UInt16(64 * index + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    return totals
  }

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
    for (token, entry) in block.classes.enumerated() {
      let records = UInt64(recordsOfClass(token))
      guard records > 0 else { continue }
      add(entry, records)
      vcpus[Int(entry.vcpu / 64)] |= 1 << UInt64(entry.vcpu % 64)
    }
    counts.records += UInt64(block.count)
    counts.lostEvents.addSaturating(block.lostEvents)
    if let span = block.stampedSpan { addTimes(block, span) }
  }

  private mutating func add(_ entry: RecordClass, _ records: UInt64) {
    switch entry.operation {
    case .store:
      counts.stores += records
      counts.storeBytes += records * UInt64(entry.size)
    case .load:
      counts.loads += records
      counts.loadBytes += records * UInt64(entry.size)
    case .barrier: counts.barriers += records
    case .configRead: counts.configReads += records
    case .configWrite: counts.configWrites += records
    case .reset: counts.resets += records
    case .lost: counts.lostRecords += records
    case .mark: counts.marks += records
    }
    if entry.columns.contains(.time) { counts.timed += records }
    if entry.columns.contains(.value) || entry.columns.contains(.configValue) {
      counts.withValue += records
      if entry.operation == .lost { counts.lostWithValue = (counts.lostWithValue ?? 0) + records }
    }
    if entry.attribute != nil { counts.withAttribute += records }
    if entry.columns.contains(.codeAddress) { counts.withCodeAddress += records }
  }

  private mutating func addTimes(_ block: Block, _ span: ClosedRange<UInt64>) {
    counts.earliestTime = min(counts.earliestTime ?? span.lowerBound, span.lowerBound)
    counts.latestTime = max(counts.latestTime ?? span.upperBound, span.upperBound)
    // Records without a stamp repeat the one before, so the last time is always a stamp's.
    counts.lastTime = block.times.last
    guard counts.firstTime == nil else { return }
    var record = 0
    for (token, count) in zip(block.runTokens, block.runCounts) {
      if block.classes[Int(token)].columns.contains(.time) {
        counts.firstTime = block.times[record]
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
