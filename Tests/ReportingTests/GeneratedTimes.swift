import Results

extension GeneratedRun {
  /// A clock with latencies, and with parts that may be larger than any real ones.
  mutating func clock(timePs: UInt64) -> ClockMetrics {
    var clock = ClockMetrics(
      timePs: timePs, goodputBytesPerSecond: .random(in: 1...100_000_000_000, using: &generator))
    clock.storeLatency = latency()
    clock.loadLatency = latency()
    clock.timeParts = TimeShare.allCases.map {
      TimePart(share: $0, timePs: .random(in: 1...UInt64.max, using: &generator))
    }
    return clock
  }

  private mutating func latency() -> Latency {
    var bins: [Latency.Bin] = []
    var low: UInt64 = 0
    for _ in 0..<40 {
      low += .random(in: 1...(low + 1000), using: &generator)
      let high = low + .random(in: 0...(low / 64), using: &generator)
      bins.append(
        .init(
          lowPs: low, highPs: high, samples: .random(in: 1...1_000_000, using: &generator)))
      low = high + 1
    }
    return Latency(bins: bins, maxPs: low - 1)
  }

  /// 256 bins of a random width.
  mutating func use() -> LinkUse {
    let binPs: UInt64 = 1000 << UInt64.random(in: 0...50, using: &generator)
    var busy = binPs / 2
    var bins: [[UInt64]] = [[], []]
    for direction in 0..<2 {
      for _ in 0..<256 {
        let step = binPs / 10 + 1
        busy = min(binPs, busy + .random(in: 0...step, using: &generator))
        busy -= min(busy, .random(in: 0...step, using: &generator))
        bins[direction].append(busy)
      }
    }
    return LinkUse(binPs: binPs, downPs: bins[0], upPs: bins[1])
  }
}
