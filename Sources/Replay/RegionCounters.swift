import PCIeModel
import Results
import TraceCore

/// The counts of every region of one scenario, in flat arrays.
struct RegionCounters: ~Copyable {
  /// What is counted of one region besides TLPs and flushes.
  struct Row: BitwiseCopyable {
    var stores: UInt64 = 0
    var loads: UInt64 = 0
    /// Stores of a type that gathers, those of 64 bytes as one among them.
    var gatheringStores: UInt64 = 0
    var storeBytes: UInt64 = 0
    var loadBytes: UInt64 = 0
    var faultsStage1: UInt64 = 0
    var faultsStage2: UInt64 = 0
    /// Those of stage 1 that LD64B and ST64B take on cacheable memory.
    var faultsUnsupported64: UInt64 = 0
    /// Bus writes that are no flushed line.
    var directWrites: UInt64 = 0
    var memoryReads: UInt64 = 0
    var configReads: UInt64 = 0
    var configWrites: UInt64 = 0
    var paddedBytes: UInt64 = 0
    var memoryWriteWireBytes: UInt64 = 0
    /// Wire bytes of all that is no memory write.
    var requestWireBytes: UInt64 = 0
    var completionWireBytes: UInt64 = 0
    var collapsedBytes: UInt64 = 0

    @inline(__always)
    mutating func addStores(_ count: UInt64, bytes: UInt64, gather: Bool) {
      stores &+= count
      if gather { gatheringStores &+= count }
      storeBytes &+= bytes
    }

    @inline(__always)
    mutating func addLoad(bytes: UInt64) {
      loads &+= 1
      loadBytes &+= bytes
    }

    @inline(__always)
    fileprivate mutating func addWrites(padded: UInt64, wire: UInt64) {
      paddedBytes &+= padded
      memoryWriteWireBytes &+= wire
    }

    @inline(__always)
    mutating func addRead(_ cost: NonPostedCost) {
      memoryReads &+= cost.requests
      requestWireBytes &+= cost.downBytes
      completionWireBytes &+= cost.upBytes
    }
  }

  /// Lines that left for one cause.
  struct Flushes: BitwiseCopyable {
    var lines: UInt64 = 0
    var bytes: UInt64 = 0

    @inline(__always)
    fileprivate mutating func add(_ times: UInt64, bytes amount: UInt64) {
      lines &+= times
      bytes &+= amount
    }
  }

  /// Largest payload of one memory write: a line or a 64-byte piece.
  static let largestPayload = 128
  private static let sizes = largestPayload + 1
  private static let causes = FlushCause.allCases.count

  private(set) var regions = 0
  private var rows: FixedBuffer<Row>
  /// Memory writes by payload.
  private var histogram: FixedBuffer<UInt64>
  private var flushes: FixedBuffer<Flushes>

  init(regions: Int) {
    self.regions = regions
    rows = FixedBuffer(repeating: Row(), count: regions)
    histogram = FixedBuffer(repeating: 0, count: regions * Self.sizes)
    flushes = FixedBuffer(repeating: Flushes(), count: regions * Self.causes)
  }

  mutating func grow(regions newCount: Int) {
    rows.grow(to: newCount, repeating: Row())
    histogram.grow(to: newCount * Self.sizes, repeating: 0)
    flushes.grow(to: newCount * Self.causes, repeating: Flushes())
    regions = max(regions, newCount)
  }

  /// Takes the counts of others.
  mutating func take(_ other: borrowing RegionCounters) {
    rows.assign(other.rows)
    histogram.assign(other.histogram)
    flushes.assign(other.flushes)
    regions = other.regions
  }

  subscript(region: Int) -> Row {
    @inline(__always) get { rows[region] }
    @inline(__always) _modify { yield &rows[region] }
  }

  /// Adds `times` equal memory writes; their bytes are far from 2^64 in any block.
  @inline(__always)
  mutating func addWrite(payload: Int, dwords: Int, wire: UInt64, times: UInt64, region: Int) {
    histogram[region &* Self.sizes &+ payload] &+= times
    rows[region].addWrites(
      padded: UInt64(truncatingIfNeeded: dwords &* 4) &* times, wire: wire &* times)
  }

  /// Adds `times` lines that left with as many bytes each.
  @inline(__always)
  mutating func addFlush(_ cause: FlushCause, bytes: Int, times: UInt64 = 1, region: Int) {
    let index = region &* Self.causes &+ Int(cause.rawValue)
    flushes[index].add(times, bytes: UInt64(truncatingIfNeeded: bytes) &* times)
  }

  /// The counts of one region as metrics, without the clocks.
  func metrics(region: Int) -> Metrics {
    var metrics = Metrics()
    let row = rows[region]
    metrics.stores = row.stores
    metrics.gatheringStores = row.gatheringStores
    metrics.loads = row.loads
    metrics.storeBytes = row.storeBytes
    metrics.loadBytes = row.loadBytes
    metrics.faultsStage1 = row.faultsStage1
    metrics.faultsStage2 = row.faultsStage2
    metrics.faultsUnsupported64 = row.faultsUnsupported64
    metrics.mrd = row.memoryReads
    metrics.cfgReads = row.configReads
    metrics.cfgWrites = row.configWrites
    metrics.paddedBytes = row.paddedBytes
    metrics.wireDownBytes = row.memoryWriteWireBytes + row.requestWireBytes
    metrics.wireUpBytes = row.completionWireBytes
    metrics.mwrWireBytes = row.memoryWriteWireBytes
    metrics.collapsedBytes = row.collapsedBytes
    addWrites(of: region, to: &metrics)
    metrics.busWrites = row.directWrites
    for cause in FlushCause.allCases {
      let flushes = flushes[region * Self.causes + Int(cause.rawValue)]
      guard flushes.lines > 0 else { continue }
      metrics.busWrites += flushes.lines
      metrics.flushCauses.append(
        CauseCount(cause: cause, flushes: flushes.lines, bytes: flushes.bytes))
    }
    return metrics
  }

  private func addWrites(of region: Int, to metrics: inout Metrics) {
    for payload in 0..<Self.sizes {
      let tlps = histogram[region * Self.sizes + payload]
      guard tlps > 0 else { continue }
      metrics.mwr += tlps
      metrics.payloadBytes += UInt64(payload) * tlps
      metrics.mwrPayloadHistogram.append(SizeCount(payloadBytes: payload, tlps: tlps))
    }
  }
}

extension Metrics {
  /// Adds another region's counts; the clocks are left alone, times do not add up.
  mutating func addCounts(of other: Metrics) {
    for metric in ScalarMetric.all {
      if let sum = metric.sum { self[keyPath: sum] += other[keyPath: sum] }
    }
    mwrPayloadHistogram = Self.merged(
      mwrPayloadHistogram + other.mwrPayloadHistogram, key: \.payloadBytes
    ) { SizeCount(payloadBytes: $0.payloadBytes, tlps: $0.tlps + $1.tlps) }
    flushCauses = Self.merged(
      flushCauses + other.flushCauses, key: \.cause.rawValue
    ) { CauseCount(cause: $0.cause, flushes: $0.flushes + $1.flushes, bytes: $0.bytes + $1.bytes) }
  }

  /// Rows in the order of their keys, those of equal key combined.
  private static func merged<Row, Key: Comparable & Hashable>(
    _ rows: [Row], key: (Row) -> Key, combine: (Row, Row) -> Row
  ) -> [Row] {
    var byKey: [Key: Row] = [:]
    for row in rows { byKey[key(row)] = byKey[key(row)].map { combine($0, row) } ?? row }
    return byKey.sorted { $0.key < $1.key }.map(\.value)
  }
}
