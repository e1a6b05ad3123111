import Results
import TraceCore

/// The counts of every region of one scenario, in flat arrays.
struct RegionCounters: ~Copyable {
  /// One 64-bit count a region.
  enum Count: Int, CaseIterable {
    case stores, loads, storeBytes, loadBytes, faultsStage1, faultsStage2, busWrites, mwr, mrd
    case cfgReads, cfgWrites, payloadBytes, paddedBytes, wireDownBytes, wireUpBytes
    case mwrWireBytes, collapsedBytes
  }

  /// Largest payload of one memory write: a line or a 64-byte piece.
  static let largestPayload = 128
  private static let counts = Count.allCases.count
  private static let sizes = largestPayload + 1
  private static let causes = FlushCause.allCases.count

  private(set) var regions = 0
  private var values: FixedBuffer<UInt64>
  private var histogram: FixedBuffer<UInt64>
  private var flushes: FixedBuffer<UInt64>
  private var flushedBytes: FixedBuffer<UInt64>

  init(regions: Int) {
    self.regions = regions
    values = FixedBuffer(repeating: 0, count: regions * Self.counts)
    histogram = FixedBuffer(repeating: 0, count: regions * Self.sizes)
    flushes = FixedBuffer(repeating: 0, count: regions * Self.causes)
    flushedBytes = FixedBuffer(repeating: 0, count: regions * Self.causes)
  }

  mutating func grow(regions newCount: Int) {
    values.grow(to: newCount * Self.counts, repeating: 0)
    histogram.grow(to: newCount * Self.sizes, repeating: 0)
    flushes.grow(to: newCount * Self.causes, repeating: 0)
    flushedBytes.grow(to: newCount * Self.causes, repeating: 0)
    regions = max(regions, newCount)
  }

  @inline(__always)
  mutating func add(_ count: Count, _ amount: UInt64, region: Int) {
    values[region * Self.counts + count.rawValue] += amount
  }

  /// Adds `times` equal memory writes.
  @inline(__always)
  mutating func addWrite(payload: Int, dwords: Int, wire: UInt64, times: UInt64, region: Int) {
    let base = region * Self.counts
    values[base + Count.mwr.rawValue] += times
    values[base + Count.payloadBytes.rawValue] += UInt64(payload) * times
    values[base + Count.paddedBytes.rawValue] += UInt64(dwords * 4) * times
    values[base + Count.mwrWireBytes.rawValue] += wire * times
    values[base + Count.wireDownBytes.rawValue] += wire * times
    histogram[region * Self.sizes + payload] += times
  }

  @inline(__always)
  mutating func addFlush(_ cause: FlushCause, bytes: Int, region: Int) {
    let index = region * Self.causes + Int(cause.rawValue)
    flushes[index] += 1
    flushedBytes[index] += UInt64(bytes)
    values[region * Self.counts + Count.busWrites.rawValue] += 1
  }

  /// The counts of one region as metrics, without the clocks.
  func metrics(region: Int) -> Metrics {
    var metrics = Metrics()
    metrics.stores = value(.stores, region)
    metrics.loads = value(.loads, region)
    metrics.storeBytes = value(.storeBytes, region)
    metrics.loadBytes = value(.loadBytes, region)
    metrics.faultsStage1 = value(.faultsStage1, region)
    metrics.faultsStage2 = value(.faultsStage2, region)
    metrics.busWrites = value(.busWrites, region)
    metrics.mwr = value(.mwr, region)
    metrics.mrd = value(.mrd, region)
    metrics.cfgReads = value(.cfgReads, region)
    metrics.cfgWrites = value(.cfgWrites, region)
    metrics.payloadBytes = value(.payloadBytes, region)
    metrics.paddedBytes = value(.paddedBytes, region)
    metrics.wireDownBytes = value(.wireDownBytes, region)
    metrics.wireUpBytes = value(.wireUpBytes, region)
    metrics.mwrWireBytes = value(.mwrWireBytes, region)
    metrics.collapsedBytes = value(.collapsedBytes, region)
    for payload in 0..<Self.sizes {
      let tlps = histogram[region * Self.sizes + payload]
      if tlps > 0 {
        metrics.mwrPayloadHistogram.append(SizeCount(payloadBytes: payload, tlps: tlps))
      }
    }
    for cause in FlushCause.allCases {
      let index = region * Self.causes + Int(cause.rawValue)
      if flushes[index] > 0 {
        metrics.flushCauses.append(
          CauseCount(cause: cause, flushes: flushes[index], bytes: flushedBytes[index]))
      }
    }
    return metrics
  }

  private func value(_ count: Count, _ region: Int) -> UInt64 {
    values[region * Self.counts + count.rawValue]
  }
}

extension Metrics {
  /// Adds another region's counts; the clocks are left alone, times do not add up.
  mutating func addCounts(of other: Metrics) {
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
