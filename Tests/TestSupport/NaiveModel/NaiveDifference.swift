public import Results
import TraceCore

/// Compares the engine's result with the naive model's, region by region.
///
/// Every integer metric, the histogram, the flush causes and the order of their rows; no times.
///
/// - Parameters:
///   - naive: What the naive model counted.
///   - scenario: What the engine counted.
/// - Returns: One line a difference; nil where there is none.
public func difference(_ naive: NaiveResult, _ scenario: ScenarioResult) -> String? {
  var found: [String] = []
  for name in naive.regions.keys.sorted()
  where !scenario.regions.contains(where: { $0.region.name == name }) {
    found.append("\(name): missing in the engine's result")
  }
  var seen: Set<String> = []
  for row in scenario.regions {
    let name = row.region.name
    if !seen.insert(name).inserted { found.append("\(name): twice in the engine's result") }
    if naive.regions[name] == nil { found.append("\(name): only in the engine's result") }
    found += differences(name, naive[name], row.metrics)
  }
  found += differences("totals", naive.total, scenario.totals)
  return found.isEmpty ? nil : found.joined(separator: "\n")
}

private func differences(_ name: String, _ naive: NaiveCounts, _ metrics: Metrics) -> [String] {
  let engine = NaiveCounts(metrics)
  var found: [String] = []
  for (left, right) in zip(naive.scalars, engine.scalars) where left.value != right.value {
    found.append("\(name) \(left.name): naive \(left.value), engine \(right.value)")
  }
  found += differences("\(name) histogram", naive.histogram, engine.histogram)
  found += differences("\(name) flushes", naive.flushes, engine.flushes)
  found += differences("\(name) flush bytes", naive.flushBytes, engine.flushBytes)
  if !isInOrder(metrics) { found.append("\(name): rows out of order, repeated or zero") }
  return found
}

private func differences<Key: Hashable & Comparable>(
  _ name: String, _ naive: [Key: Int], _ engine: [Key: Int]
) -> [String] {
  let keys = Set(naive.keys).union(engine.keys).sorted()
  return keys.filter { naive[$0] != engine[$0] }.map {
    "\(name) \($0): naive \(naive[$0] ?? 0), engine \(engine[$0] ?? 0)"
  }
}

/// Rows ascend strictly and none is zero.
private func isInOrder(_ metrics: Metrics) -> Bool {
  let sizes = metrics.mwrPayloadHistogram.map(\.payloadBytes)
  let causes = metrics.flushCauses.map { Int($0.cause.rawValue) }
  return zip(sizes, sizes.dropFirst()).allSatisfy { $0 < $1 }
    && zip(causes, causes.dropFirst()).allSatisfy { $0 < $1 }
    && metrics.mwrPayloadHistogram.allSatisfy { $0.tlps > 0 }
    && metrics.flushCauses.allSatisfy { $0.flushes > 0 }
}

extension NaiveCounts {
  /// The engine's counts in the naive model's form.
  public init(_ metrics: Metrics) {
    self.init()
    stores = Int(clamping: metrics.stores)
    loads = Int(clamping: metrics.loads)
    storeBytes = Int(clamping: metrics.storeBytes)
    loadBytes = Int(clamping: metrics.loadBytes)
    faultsStage1 = Int(clamping: metrics.faultsStage1)
    faultsStage2 = Int(clamping: metrics.faultsStage2)
    busWrites = Int(clamping: metrics.busWrites)
    mwr = Int(clamping: metrics.mwr)
    mrd = Int(clamping: metrics.mrd)
    cfgReads = Int(clamping: metrics.cfgReads)
    cfgWrites = Int(clamping: metrics.cfgWrites)
    payloadBytes = Int(clamping: metrics.payloadBytes)
    paddedBytes = Int(clamping: metrics.paddedBytes)
    wireDownBytes = Int(clamping: metrics.wireDownBytes)
    wireUpBytes = Int(clamping: metrics.wireUpBytes)
    mwrWireBytes = Int(clamping: metrics.mwrWireBytes)
    collapsedBytes = Int(clamping: metrics.collapsedBytes)
    for row in metrics.mwrPayloadHistogram {
      histogram[row.payloadBytes, default: 0] += Int(clamping: row.tlps)
    }
    for row in metrics.flushCauses {
      flushes[row.cause.name, default: 0] += Int(clamping: row.flushes)
      flushBytes[row.cause.name, default: 0] += Int(clamping: row.bytes)
    }
  }
}
