import Results
import TestSupport
import Testing
import TraceCore

@Suite struct `Naive model: differences` {
  private let program = NaiveProgram(
    regions: [NaiveRegion("bar0", base: 0x1000, size: 0x100)], settings: NaiveSettings(),
    events: [.store(0x1000, 8), .store(0x1040, 8)])

  /// What the engine would say of ``program``: two lines of 8 bytes, each 8 + 12 + 8 on the wire.
  private var metrics: Metrics {
    var metrics = Metrics()
    metrics.stores = 2
    metrics.storeBytes = 16
    metrics.busWrites = 2
    metrics.mwr = 2
    metrics.payloadBytes = 16
    metrics.paddedBytes = 16
    metrics.wireDownBytes = 56
    metrics.mwrWireBytes = 56
    metrics.mwrPayloadHistogram = [SizeCount(payloadBytes: 8, tlps: 2)]
    metrics.flushCauses = [CauseCount(cause: .end, flushes: 2, bytes: 16)]
    return metrics
  }

  private func scenario(_ metrics: Metrics, named name: String = "bar0") -> ScenarioResult {
    let region = Region(name: name, base: 0x1000, size: 0x100, origin: .map)
    let row = RegionResult(
      region: region, stage1: "normal-nc", stage1Source: "default", stage2: "none",
      effective: "normal-nc", metrics: metrics)
    return ScenarioResult(
      name: "none", policy: "none", fwb: false, accessors: "recorded", cpu: "", rootComplex: "",
      link: "", clocks: "both", settings: [], totals: metrics, regions: [row])
  }

  private func difference(_ change: (inout Metrics) -> Void) -> String? {
    var changed = metrics
    change(&changed)
    return TestSupport.difference(program.naiveResult(), scenario(changed))
  }

  @Test func `equal results have none`() {
    #expect(difference { _ in } == nil)
    // Times are not compared.
    #expect(difference { $0.saturated.timePs = 5 } == nil)
  }

  @Test func `every metric is compared`() {
    let changes: [(inout Metrics) -> Void] = [
      { $0.stores += 1 }, { $0.loads += 1 }, { $0.storeBytes += 1 }, { $0.loadBytes += 1 },
      { $0.faultsStage1 += 1 }, { $0.faultsStage2 += 1 }, { $0.busWrites += 1 }, { $0.mwr += 1 },
      { $0.mrd += 1 }, { $0.cfgReads += 1 }, { $0.cfgWrites += 1 }, { $0.payloadBytes += 1 },
      { $0.paddedBytes += 1 }, { $0.wireDownBytes += 1 }, { $0.wireUpBytes += 1 },
      { $0.mwrWireBytes += 1 }, { $0.collapsedBytes += 1 },
      { $0.mwrPayloadHistogram[0].payloadBytes = 9 }, { $0.mwrPayloadHistogram[0].tlps = 1 },
      { $0.mwrPayloadHistogram.append(SizeCount(payloadBytes: 9, tlps: 0)) },
      { $0.flushCauses[0].flushes = 1 }, { $0.flushCauses[0].bytes = 1 },
      { $0.flushCauses[0].cause = .lost },
    ]
    for (index, change) in changes.enumerated() {
      #expect(difference(change) != nil, "change \(index)")
    }
    let both = "bar0 mwr: naive 2, engine 3\ntotals mwr: naive 2, engine 3"
    #expect(difference { $0.mwr += 1 } == both)
  }

  @Test func `regions are compared by name`() {
    let found = TestSupport.difference(
      program.naiveResult(), scenario(metrics, named: "bar1"))
    #expect(found?.contains("bar0: missing in the engine's result") == true)
    #expect(found?.contains("bar1: only in the engine's result") == true)
  }
}
