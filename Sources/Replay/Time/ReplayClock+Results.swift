import Results

extension ReplayClock {
  /// Time and goodput of some regions together, and what was measured of them.
  ///
  /// - Parameters:
  ///   - regions: Their numbers in the engine's tables.
  ///   - bytes: Bytes that their stores wrote.
  /// - Returns: Empty where nothing was issued.
  func metrics(_ regions: [Int], _ bytes: UInt64) -> ClockMetrics {
    var span = Interval()
    for region in regions { span.formUnion(self.span(region: region)) }
    var metrics = ClockMetrics()
    if span.duration > 0 {
      // bytes per second = bytes * 10^12 / ps, in 128 bits.
      let rate = UInt128(bytes) * 1_000_000_000_000 / UInt128(span.duration)
      metrics.timePs = span.duration
      metrics.goodputBytesPerSecond = UInt64(clamping: rate)
    }
    guard measures else { return metrics }
    var (stores, loads) = (LatencySum(), LatencySum())
    for region in regions {
      probe.stores.add(region: region, to: &stores)
      probe.loads.add(region: region, to: &loads)
    }
    metrics.storeLatency = stores.latency
    metrics.loadLatency = loads.latency
    for share in TimeShare.allCases {
      let time = regions.reduce(UInt128(0)) { $0 + probe.time(share, region: $1) }
      if time > 0 {
        metrics.timeParts.append(TimePart(share: share, timePs: UInt64(clamping: time)))
      }
    }
    return metrics
  }

  /// How busy both directions of the link were.
  mutating func linkUse() -> LinkUse { probe.linkUse() }
}
