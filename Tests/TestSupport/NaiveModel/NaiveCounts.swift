/// The integer metrics of one region or of a whole run (the keys of `metrics` in `run.json`).
public struct NaiveCounts: Equatable, Sendable {
  public var stores = 0
  public var loads = 0
  public var storeBytes = 0
  public var loadBytes = 0
  public var faultsStage1 = 0
  public var faultsStage2 = 0
  public var busWrites = 0
  public var mwr = 0
  public var mrd = 0
  public var cfgReads = 0
  public var cfgWrites = 0
  public var payloadBytes = 0
  public var paddedBytes = 0
  public var wireDownBytes = 0
  public var wireUpBytes = 0
  /// Wire bytes of the memory writes alone.
  public var mwrWireBytes = 0
  public var collapsedBytes = 0
  /// Memory writes by payload bytes.
  public var histogram: [Int: Int] = [:]
  /// Flushed lines, and their bytes, by cause.
  public var flushes: [String: Int] = [:]
  public var flushBytes: [String: Int] = [:]

  public init() {}

  public var faultsAlignment: Int { faultsStage1 + faultsStage2 }

  /// Every scalar with its name in the report.
  public var scalars: [(name: String, value: Int)] {
    [
      ("stores", stores), ("loads", loads), ("store_bytes", storeBytes),
      ("load_bytes", loadBytes), ("faults_alignment", faultsAlignment),
      ("faults of stage 1", faultsStage1), ("faults of stage 2", faultsStage2),
      ("bus_writes", busWrites), ("mwr", mwr), ("mrd", mrd), ("cfg_reads", cfgReads),
      ("cfg_writes", cfgWrites), ("payload_bytes", payloadBytes),
      ("padded_bytes", paddedBytes), ("wire_down_bytes", wireDownBytes),
      ("wire_up_bytes", wireUpBytes), ("wire bytes of writes", mwrWireBytes),
      ("collapsed_bytes", collapsedBytes),
    ]
  }

  public mutating func add(_ other: NaiveCounts) {
    stores += other.stores
    loads += other.loads
    storeBytes += other.storeBytes
    loadBytes += other.loadBytes
    faultsStage1 += other.faultsStage1
    faultsStage2 += other.faultsStage2
    busWrites += other.busWrites
    mwr += other.mwr
    mrd += other.mrd
    cfgReads += other.cfgReads
    cfgWrites += other.cfgWrites
    payloadBytes += other.payloadBytes
    paddedBytes += other.paddedBytes
    wireDownBytes += other.wireDownBytes
    wireUpBytes += other.wireUpBytes
    mwrWireBytes += other.mwrWireBytes
    collapsedBytes += other.collapsedBytes
    histogram.merge(other.histogram, uniquingKeysWith: +)
    flushes.merge(other.flushes, uniquingKeysWith: +)
    flushBytes.merge(other.flushBytes, uniquingKeysWith: +)
  }
}

/// What one run of the naive model counted.
public struct NaiveResult: Equatable, Sendable {
  /// By region name; regions without any access are left out.
  public var regions: [String: NaiveCounts] = [:]

  public init() {}

  public subscript(name: String) -> NaiveCounts { regions[name] ?? NaiveCounts() }

  public var total: NaiveCounts {
    var sum = NaiveCounts()
    for counts in regions.values { sum.add(counts) }
    return sum
  }
}
