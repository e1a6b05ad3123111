import Results
import TestSupport
import TraceCore

/// Large runs with hostile texts, for the bounds of the writers.
struct GeneratedRun {
  var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  private static let hostile = [
    "bar", "|", "`", "<script>", "&amp;", "\"", ",", "\n", "\u{1b}[31m", "\u{202e}", "[x](y)",
    "**", "é", "\u{301}\u{301}\u{301}", "漢字", "👩‍👩‍👧", "\r", "\u{0}", "~~", "$", "]]>", "--",
  ]

  mutating func text(words: Int) -> String {
    (0..<words).map { _ in Self.hostile.randomElement(using: &generator) ?? "" }
      .joined(separator: " ")
  }

  private mutating func metrics(sizes: Int) -> Metrics {
    var metrics = Metrics()
    for size in 1...sizes {
      let tlps = UInt64.random(in: 0...100_000_000, using: &generator)
      guard tlps > 0 else { continue }
      metrics.mwrPayloadHistogram.append(SizeCount(payloadBytes: size, tlps: tlps))
      metrics.mwr += tlps
      metrics.payloadBytes += tlps * UInt64(size)
    }
    for cause in FlushCause.allCases {
      let flushes = UInt64.random(in: 1...1_000_000, using: &generator)
      metrics.flushCauses.append(CauseCount(cause: cause, flushes: flushes, bytes: flushes * 8))
    }
    metrics.stores = metrics.mwr * 2
    metrics.storeBytes = metrics.payloadBytes
    metrics.mwrWireBytes = metrics.payloadBytes + metrics.mwr * 24
    metrics.saturated = clock(timePs: .max)
    metrics.paced = clock(timePs: .max)
    return metrics
  }

  private mutating func scenario(_ name: String, regions: Int, words: Int) -> ScenarioResult {
    let results = (0..<regions).map { index in
      let region = Region(
        name: "r\(index) " + text(words: words), base: UInt64(index) << 32, size: .max, bar: 2,
        origin: .capture)
      return RegionResult(
        region: region, stage1: "normal-nc", stage1Source: "option", stage2: "normal-nc",
        effective: name == "before" ? "device-ngnre" : "normal-nc", metrics: metrics(sizes: 300))
    }
    let settings = (0..<200).map { index in
      Setting(
        key: "cpu.key\(index) " + text(words: words), value: .text(text(words: words)),
        unit: text(words: words), source: text(words: words),
        status: index % 2 == 0 ? .assumed : .measured)
    }
    var scenario = ScenarioResult(
      name: name, policy: "kvm-normal-nc", fwb: false, accessors: "bursts",
      cpu: text(words: words), rootComplex: "generic", link: "gen6x16", clocks: "both",
      settings: settings,
      totals: SampleRun.sum(
        results.map(\.metrics), saturated: ClockMetrics(), paced: ClockMetrics()),
      regions: results)
    scenario.saturatedUse = use()
    scenario.pacedUse = use()
    return scenario
  }

  /// A comparison of two scenarios whose texts have `words` hostile words each.
  mutating func run(regions: Int, findings: Int, words: Int) -> RunResult {
    var first = scenario("before", regions: regions, words: words)
    let second = scenario("after", regions: regions, words: words)
    for index in first.regions.indices {
      first.regions[index].region = second.regions[index].region
    }
    let rows = (0..<findings).map { index in
      Finding(
        code: "ORD\(100 + index % 60)",
        severity: Finding.Severity.allCases.randomElement(using: &generator) ?? .note,
        scenario: index % 3 == 0 ? "before" : "after", count: UInt64(index) + 1,
        firstRecord: .random(in: 0...UInt64.max, using: &generator), firstLine: .max,
        region: second.regions.randomElement(using: &generator)?.region.name, vcpu: .max,
        message: text(words: words), rule: text(words: words), advice: text(words: words))
    }
    let trace = TraceResult(
      name: text(words: words), sha256: String(repeating: "f", count: 64), records: .max,
      format: text(words: words), lost: .max,
      assumptions: (0..<50).map { _ in text(words: words) }, counters: SampleRun.counters.rows)
    return RunResult(trace: trace, scenarios: [first, second], findings: rows)
  }
}
