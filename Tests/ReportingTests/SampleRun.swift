import Results
import TraceCore

/// Small runs, built by hand.
///
/// The bytes balance: store bytes = payload bytes + collapsed bytes.
enum SampleRun {
  /// A name with everything that a format might trip over.
  static let awkward = "bar0, \"door|bell\" <`x`>"

  static let ring = Region(
    name: "bar2", base: 0x10_0000_0000, size: 0x200_0000,
    function: PCIFunction(bus: 1, device: 0, function: 0), bar: 2, prefetchable: true,
    origin: .capture)
  /// Ends at the top of the address space, above 2^63.
  static let doorbell = Region(
    name: awkward, base: 0xffff_ffff_ffff_f000, size: 0x1000,
    function: PCIFunction(bus: 1, device: 0, function: 0), bar: 0, prefetchable: false,
    origin: .map)
  static let interrupts = Region(
    name: "gic", base: 0x800_0000, size: 0x1_0000, kind: .platform, origin: .inferred)

  /// 800 stores of 8 bytes: 800 writes of 8 + 24 = 32 bytes on the wire.
  static var ringBefore: Metrics {
    var metrics = Metrics()
    metrics.stores = 800
    metrics.storeBytes = 6400
    metrics.busWrites = 800
    metrics.mwr = 800
    metrics.payloadBytes = 6400
    metrics.paddedBytes = 6400
    metrics.wireDownBytes = 25_600
    metrics.mwrWireBytes = 25_600
    metrics.mwrPayloadHistogram = [SizeCount(payloadBytes: 8, tlps: 800)]
    metrics.saturated = SampleTimes.ringBefore
    metrics.paced = SampleTimes.ringBeforePaced
    return metrics
  }

  /// The same stores as 95 full lines and 10 halves: 95 x 64 + 10 x 32 = 6400 bytes;
  /// on the wire 95 x 88 + 10 x 56 = 8920.
  static var ringAfter: Metrics {
    var metrics = ringBefore
    metrics.busWrites = 105
    metrics.mwr = 105
    metrics.wireDownBytes = 8920
    metrics.mwrWireBytes = 8920
    metrics.mwrPayloadHistogram = [
      SizeCount(payloadBytes: 32, tlps: 10), SizeCount(payloadBytes: 64, tlps: 95),
    ]
    metrics.flushCauses = [
      CauseCount(cause: .full, flushes: 95, bytes: 6080),
      CauseCount(cause: .barrier, flushes: 8, bytes: 256),
      CauseCount(cause: .end, flushes: 2, bytes: 64),
    ]
    metrics.saturated = SampleTimes.ringAfter
    metrics.paced = SampleTimes.ringAfterPaced
    return metrics
  }

  /// 40 stores and 5 loads of 4 bytes, each its own TLP: writes of 24 + 4, reads of 24 down.
  static var doorbellBefore: Metrics {
    var metrics = Metrics()
    metrics.stores = 40
    metrics.loads = 5
    metrics.storeBytes = 160
    metrics.loadBytes = 20
    metrics.busWrites = 40
    metrics.mwr = 40
    metrics.mrd = 5
    metrics.payloadBytes = 160
    metrics.paddedBytes = 160
    metrics.wireDownBytes = 40 * 28 + 5 * 24
    metrics.wireUpBytes = 5 * 24
    metrics.mwrWireBytes = 40 * 28
    metrics.mwrPayloadHistogram = [SizeCount(payloadBytes: 4, tlps: 40)]
    metrics.saturated = SampleTimes.doorbellBefore
    metrics.paced = SampleTimes.doorbellBeforePaced
    return metrics
  }

  /// The same: a barrier after each store.
  static var doorbellAfter: Metrics {
    var metrics = doorbellBefore
    metrics.flushCauses = [CauseCount(cause: .barrier, flushes: 40, bytes: 160)]
    metrics.saturated = SampleTimes.doorbellAfter
    metrics.paced = SampleTimes.doorbellAfterPaced
    return metrics
  }

  /// 10 stores of 4 bytes, below 4 GiB: writes of 20 + 4; no clock saw them.
  static var interruptsBoth: Metrics {
    var metrics = Metrics()
    metrics.stores = 10
    metrics.storeBytes = 40
    metrics.busWrites = 10
    metrics.mwr = 10
    metrics.payloadBytes = 40
    metrics.paddedBytes = 40
    metrics.wireDownBytes = 240
    metrics.mwrWireBytes = 240
    metrics.mwrPayloadHistogram = [SizeCount(payloadBytes: 4, tlps: 10)]
    return metrics
  }

  /// Sums, with the clocks of the whole trace given.
  static func sum(_ parts: [Metrics], saturated: ClockMetrics, paced: ClockMetrics) -> Metrics {
    var total = Metrics()
    var sizes: [Int: UInt64] = [:]
    var causes: [FlushCause: CauseCount] = [:]
    for part in parts {
      total.stores += part.stores
      total.loads += part.loads
      total.storeBytes += part.storeBytes
      total.loadBytes += part.loadBytes
      total.faultsStage1 += part.faultsStage1
      total.faultsStage2 += part.faultsStage2
      total.busWrites += part.busWrites
      total.mwr += part.mwr
      total.mrd += part.mrd
      total.cfgReads += part.cfgReads
      total.cfgWrites += part.cfgWrites
      total.payloadBytes += part.payloadBytes
      total.paddedBytes += part.paddedBytes
      total.wireDownBytes += part.wireDownBytes
      total.wireUpBytes += part.wireUpBytes
      total.mwrWireBytes += part.mwrWireBytes
      total.collapsedBytes += part.collapsedBytes
      for row in part.mwrPayloadHistogram { sizes[row.payloadBytes, default: 0] += row.tlps }
      for row in part.flushCauses {
        causes[row.cause, default: CauseCount(cause: row.cause, flushes: 0, bytes: 0)].flushes +=
          row.flushes
        causes[row.cause]?.bytes += row.bytes
      }
    }
    total.mwrPayloadHistogram = sizes.sorted { $0.key < $1.key }
      .map { SizeCount(payloadBytes: $0.key, tlps: $0.value) }
    total.flushCauses = FlushCause.allCases.compactMap { causes[$0] }
    total.saturated = SampleTimes.sum(parts.map(\.saturated), as: saturated)
    total.paced = SampleTimes.sum(parts.map(\.paced), as: paced)
    return total
  }

  static let settings = [
    Setting(
      key: "cpu.buffers", value: .integer(8), unit: "", source: "no document",
      status: .assumed),
    Setting(
      key: "cpu.drain_after_ns", value: .text("never"), unit: "ns", source: "", status: .assumed),
    Setting(
      key: "cpu.load_breaks_gather", value: .flag(false), unit: "", source: "--set",
      status: .user),
    Setting(
      key: "link.gt_per_s", value: .number(16.5), unit: "GT/s",
      source: "PCIe 5.0, table 8-1 | rates", status: .specified),
    Setting(
      key: "link.ph", value: .integer(64), unit: "credits", source: "lspci", status: .measured),
    Setting(
      key: "link.replay_buffer_bytes", value: .integer(0), unit: "bytes", source: "none",
      status: .specified),
  ]

  static let before = using(
    SampleTimes.useBefore,
    ScenarioResult(
      name: "kvm-device", policy: "kvm-device", fwb: true, accessors: "recorded",
      cpu: "neoverse-v2", rootComplex: "generic", link: "gen4x16", clocks: "both",
      settings: settings,
      totals: sum(
        [ringBefore, doorbellBefore, interruptsBoth],
        saturated: ClockMetrics(timePs: 10_000_000, goodputBytesPerSecond: 660_000_000),
        paced: ClockMetrics(timePs: 20_000_000, goodputBytesPerSecond: 330_000_000)),
      regions: [
        result(doorbell, "device-ngnre", "device-ngnre", doorbellBefore),
        result(ring, "device-ngnre", "device-ngnre", ringBefore),
        result(interrupts, "device-ngnre", "device-ngnre", interruptsBoth),
      ]))

  static let after = using(
    SampleTimes.useAfter,
    ScenarioResult(
      name: "kvm-normal-nc", policy: "kvm-normal-nc", fwb: true, accessors: "recorded",
      cpu: "neoverse-v2", rootComplex: "generic", link: "gen4x16", clocks: "both",
      settings: settings,
      totals: sum(
        [ringAfter, doorbellAfter, interruptsBoth],
        saturated: ClockMetrics(timePs: 5_000_000, goodputBytesPerSecond: 1_320_000_000),
        paced: ClockMetrics(timePs: 20_000_000, goodputBytesPerSecond: 330_000_000)),
      regions: [
        result(doorbell, "normal-nc", "normal-nc", doorbellAfter),
        result(ring, "normal-nc", "normal-nc", ringAfter),
        result(interrupts, "device-ngnre", "device-ngnre", interruptsBoth),
      ]))

  private static func using(_ use: LinkUse, _ scenario: ScenarioResult) -> ScenarioResult {
    var scenario = scenario
    scenario.saturatedUse = use
    scenario.pacedUse = SampleTimes.usePaced
    scenario.totals.paced.recordedPs = 16_000_000
    return scenario
  }

  static func result(
    _ region: Region, _ stage2: String, _ effective: String, _ metrics: Metrics
  ) -> RegionResult {
    RegionResult(
      region: region, stage1: "normal-nc", stage1Source: "default", stage2: stage2,
      effective: effective, metrics: metrics)
  }

  static let findings: [Finding] = {
    var findings = plainFindings
    findings[0].caller = "nvme_irq+0x24/0x90 -> nvme_poll_cq+0x434/0x4d8"
    findings[0].register = "DB[3]"
    findings[0].section = "reset | phase"
    return findings
  }()

  private static let plainFindings = [
    Finding(
      code: "PRF001", severity: .note, scenario: "kvm-normal-nc", count: 10, firstRecord: 64,
      firstLine: 65, region: "bar2", vcpu: 0, message: "lines left half filled", rule: "",
      advice: "fill 64 bytes before the barrier"),
    Finding(
      code: "RST001", severity: .error, scenario: "kvm-normal-nc", count: 3, firstRecord: 811_202,
      firstLine: 811_260, region: "bar2", vcpu: 3,
      message: "32 bytes were still gathered when the \"function-level reset\" was issued",
      rule: "Arm ARM DDI 0487, B2.3", advice: "read back, or DSB, before the reset"),
    Finding(
      code: "ORD001", severity: .warning, scenario: "kvm-normal-nc", count: 12, firstRecord: 70,
      firstLine: nil, region: awkward, vcpu: nil, message: "doorbell | may arrive first",
      rule: "Arm ARM DDI 0487 B2.4.1", advice: "DMB ST, then the doorbell"),
    Finding(
      code: "RST003", severity: .warning, scenario: "kvm-device", count: 2, firstRecord: 5,
      firstLine: nil, region: nil, vcpu: nil, message: "MMIO between a config write and its end",
      rule: "PCIe Base 5.0 section 2.4.1", advice: "wait"),
    Finding(
      code: "RST003", severity: .warning, scenario: "kvm-normal-nc", count: 4, firstRecord: 5,
      firstLine: nil, region: nil, vcpu: nil, message: "MMIO between a config write and its end",
      rule: "PCIe Base 5.0 section 2.4.1", advice: "wait"),
  ]

  static var counters: TraceCounters {
    var counters = TraceCounters()
    counters.add("clock_backwards", 2, meaning: "time stamps clamped")
    counters.add("lines_cut", severity: .dataLoss, meaning: "lines cut in the middle")
    return counters
  }

  static let trace: TraceResult = {
    var trace = plainTrace
    trace.sections = [
      TraceSection(mark: nil, firstRecord: 0), TraceSection(mark: "reset | phase", firstRecord: 64),
    ]
    trace.sections[1].records = 8_123_392
    trace.sections[1].stores = 1_000_000
    trace.sections[1].times = 1_000_000...3_500_400
    return trace
  }()

  private static let plainTrace = TraceResult(
    name: "ring, demo.mmt", sha256: String(repeating: "0123456789abcdef", count: 4),
    records: 8_123_456, format: "qemu-log", lost: 7,
    assumptions: ["The capture holds no barriers | none were added.", "No values."],
    counters: counters.rows)

  static let compare = RunResult(trace: trace, scenarios: [before, after], findings: findings)

  static let analyze = RunResult(
    trace: trace, scenarios: [after],
    findings: findings.filter { $0.scenario == "kvm-normal-nc" })

  /// A trace without a single access, one clock only.
  static let empty: RunResult = {
    let trace = TraceResult(
      name: "empty.mmt", sha256: "", records: 0, format: "native", lost: 0, assumptions: [],
      counters: [])
    var first = before
    var second = after
    first.clocks = "saturated"
    second.clocks = "saturated"
    first.settings = []
    second.settings = []
    (first.totals, second.totals) = (Metrics(), Metrics())
    (first.regions, second.regions) = ([], [])
    (first.saturatedUse, second.saturatedUse) = (LinkUse(), LinkUse())
    (first.pacedUse, second.pacedUse) = (LinkUse(), LinkUse())
    return RunResult(trace: trace, scenarios: [first, second], findings: [])
  }()
}
