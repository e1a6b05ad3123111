import Results

/// Times of the sample regions, built by hand: one vCPU, whose parts add up to its time.
///
/// Bins are those of `Latency`: from 64 ps on 1/64 of an octave wide.
enum SampleTimes {
  static func clock(
    _ timePs: UInt64, _ goodput: UInt64?, store: Latency = Latency(), load: Latency = Latency(),
    parts: [(TimeShare, UInt64)] = []
  ) -> ClockMetrics {
    var clock = ClockMetrics(timePs: timePs, goodputBytesPerSecond: goodput)
    clock.storeLatency = store
    clock.loadLatency = load
    clock.timeParts = parts.map { TimePart(share: $0.0, timePs: $0.1) }
    return clock
  }

  /// 50,000 ps: 2^15 + 33 x 512 is 49,664.
  private static func short(_ samples: UInt64) -> Latency {
    Latency(bins: [.init(lowPs: 49_664, highPs: 50_175, samples: samples)], maxPs: 50_000)
  }

  /// 5 loads of 300,000 ps: 2^18 + 9 x 4096 is 299,008.
  private static let loads = Latency(
    bins: [.init(lowPs: 299_008, highPs: 303_103, samples: 5)], maxPs: 300_000)

  /// 500,000 ps: 2^18 + 58 x 4096; 1,000,000 ps: 2^19 + 58 x 8192;
  /// 2,500,000 ps: 2^21 + 12 x 32,768.
  static let ringBefore = clock(
    8_000_000, 800_000_000,
    store: Latency(
      bins: [
        .init(lowPs: 499_712, highPs: 503_807, samples: 700),
        .init(lowPs: 999_424, highPs: 1_007_615, samples: 92),
        .init(lowPs: 2_490_368, highPs: 2_523_135, samples: 8),
      ], maxPs: 2_500_000),
    parts: [(.issue, 800_000), (.link, 200_000), (.acknowledgement, 7_000_000)])
  static let ringBeforePaced = clock(
    9_000_000, 711_111_111, store: short(800),
    parts: [
      (.issue, 800_000), (.link, 200_000), (.acknowledgement, 7_000_000), (.idle, 4_000_000),
    ])

  /// 200,000 ps: 2^17 + 33 x 2048 is 198,656.
  static let ringAfter = clock(
    3_200_000, 2_000_000_000,
    store: Latency(
      bins: [
        .init(lowPs: 198_656, highPs: 200_703, samples: 95),
        .init(lowPs: 999_424, highPs: 1_007_615, samples: 10),
      ], maxPs: 1_000_000),
    parts: [(.issue, 800_000), (.link, 400_000), (.credit, 1_950_000), (.buffer, 50_000)])
  static let ringAfterPaced = clock(
    8_500_000, 752_941_176, store: short(105),
    parts: [(.issue, 800_000), (.credit, 50_000), (.idle, 11_150_000)])

  static let doorbellBefore = clock(
    1_000_000, 160_000_000, store: short(40), load: loads,
    parts: [(.issue, 45_000), (.acknowledgement, 455_000), (.read, 1_500_000)])
  static let doorbellBeforePaced = clock(
    9_000_000, 17_777_777, store: short(40), load: loads,
    parts: [
      (.issue, 45_000), (.acknowledgement, 455_000), (.read, 1_500_000), (.idle, 6_000_000),
    ])

  static let doorbellAfter = clock(
    1_000_000, 160_000_000, store: short(40), load: loads,
    parts: [(.issue, 45_000), (.read, 1_500_000), (.barrier, 255_000)])
  static let doorbellAfterPaced = clock(
    9_000_000, 17_777_777, store: short(40), load: loads,
    parts: [(.issue, 45_000), (.read, 1_500_000), (.barrier, 255_000), (.idle, 6_200_000)])

  /// A clock of the whole trace with the latencies and parts of its regions.
  static func sum(_ regions: [ClockMetrics], as clock: ClockMetrics) -> ClockMetrics {
    var clock = clock
    clock.storeLatency = sum(regions.map(\.storeLatency))
    clock.loadLatency = sum(regions.map(\.loadLatency))
    clock.timeParts = TimeShare.allCases.compactMap { share in
      let times = regions.flatMap(\.timeParts).filter { $0.share == share }.map(\.timePs)
      return times.isEmpty ? nil : TimePart(share: share, timePs: clampedSum(times))
    }
    return clock
  }

  private static func sum(_ parts: [Latency]) -> Latency {
    var bins: [UInt64: Latency.Bin] = [:]
    for bin in parts.flatMap(\.bins) {
      bins[bin.lowPs, default: .init(lowPs: bin.lowPs, highPs: bin.highPs, samples: 0)]
        .samples += bin.samples
    }
    return Latency(
      bins: bins.values.sorted { $0.lowPs < $1.lowPs }, maxPs: parts.map(\.maxPs).max() ?? 0)
  }

  private static func clampedSum(_ values: [UInt64]) -> UInt64 {
    values.reduce(0) {
      let (sum, overflow) = $0.addingReportingOverflow($1)
      return overflow ? .max : sum
    }
  }

  // 20 bins each; the device answers at the end only, so that its direction is the shorter one.
  static let useBefore = LinkUse(
    binPs: 512_000, downPs: Array(repeating: 43_000, count: 16) + [10_000, 10_000, 10_000, 8_000],
    upPs: Array(repeating: 0, count: 16) + [1_000, 1_500, 1_000])
  static let useAfter = LinkUse(
    binPs: 256_000,
    downPs: [64_000, 128_000, 192_000, 256_000] + Array(repeating: 256_000, count: 8)
      + Array(repeating: 5_000, count: 8),
    upPs: Array(repeating: 0, count: 12) + [1_000, 1_000, 1_500])
  static let usePaced = LinkUse(
    binPs: 1_024_000, downPs: (0..<20).map { $0 % 3 == 0 ? 90_000 : 0 },
    upPs: [0, 0, 0, 3_500])
}
