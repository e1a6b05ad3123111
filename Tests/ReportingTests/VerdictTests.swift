import Results
import Testing
import TraceCore

@testable import Reporting

/// One row per rule and per side of a threshold; the reasons are in the rows.
struct VerdictCase: CustomTestStringConvertible, Sendable {
  var reason: String
  var before: RegionResult
  var after: RegionResult
  var kind: Verdict.Kind
  var text: String
  var testDescription: String { reason }

  init(
    _ reason: String, _ before: (type: String, metrics: Metrics),
    _ after: (type: String, metrics: Metrics), _ kind: Verdict.Kind, _ text: String,
    stage1: String = "normal-nc", region: Region = SampleRun.ring
  ) {
    self.reason = reason
    self.before = Self.result(region, stage1, before.type, before.metrics)
    self.after = Self.result(region, stage1, after.type, after.metrics)
    self.kind = kind
    self.text = text
  }

  /// `nc` stands for Normal-NC at stage 2 and stage 1 as given, `device` for Device at stage 2.
  private static func result(
    _ region: Region, _ stage1: String, _ type: String, _ metrics: Metrics
  ) -> RegionResult {
    let stage2 = type == "nc" ? "normal-nc" : type == "gre" ? "none" : "device-ngnre"
    let effective =
      type == "gre" ? "device-gre" : stage1.hasPrefix("device") ? stage1 : stage2
    return RegionResult(
      region: region, stage1: stage1, stage1Source: "option", stage2: stage2,
      effective: effective, metrics: metrics)
  }
}

/// Store bytes of the whole trace that every case belongs to.
private let allBytes: UInt64 = 1_000_000

private func metrics(
  stores: UInt64 = 1000, loads: UInt64 = 0, mwr: UInt64 = 0, mrd: UInt64 = 0,
  goodput: UInt64? = nil,
  faults: (UInt64, UInt64) = (0, 0), config: UInt64 = 0, bytes: UInt64 = allBytes,
  collapsed: UInt64 = 0,
  causes: [(FlushCause, UInt64)] = []
) -> Metrics {
  var metrics = Metrics()
  metrics.stores = stores
  metrics.storeBytes = bytes
  metrics.loads = loads
  metrics.collapsedBytes = collapsed
  metrics.mwr = mwr
  metrics.mrd = mrd
  metrics.saturated = ClockMetrics(timePs: 1, goodputBytesPerSecond: goodput)
  metrics.faultsStage1 = faults.0
  metrics.faultsStage2 = faults.1
  metrics.cfgReads = config
  metrics.flushCauses = causes.map { CauseCount(cause: $0.0, flushes: $0.1, bytes: $0.1) }
  return metrics
}

private let fullLines: [(FlushCause, UInt64)] = [(.full, 90), (.barrier, 10)]

private let notPrefetchable = Region(
  name: "registers", base: 0x1000, size: 0x1000, prefetchable: false, origin: .map)

private let verdictCases = [
  VerdictCase(
    "8 stores a line: 1000 / 126 = 7.94, 26 / 10 = 2.6",
    ("device", metrics(mwr: 1000, goodput: 10)),
    ("nc", metrics(mwr: 126, goodput: 26, causes: fullLines)),
    .mapWriteCombining, "map WC: 7.9x fewer TLPs, 2.6x faster"),
  VerdictCase(
    "1100 / 1000 is just a change", ("device", metrics(mwr: 1100)),
    ("nc", metrics(mwr: 1000, causes: fullLines)), .mapWriteCombining, "map WC: 1.1x fewer TLPs"),
  VerdictCase(
    "1099 / 1000 is none", ("device", metrics(mwr: 1099)),
    ("nc", metrics(mwr: 1000, causes: fullLines)), .noGain, "no gain; keep Device"),
  VerdictCase(
    "the same TLPs, twice as fast", ("device", metrics(mwr: 1000, goodput: 10)),
    ("nc", metrics(mwr: 1000, goodput: 20, causes: fullLines)), .ungathered,
    "no TLP saved: 2.0x faster only by giving up order"),
  VerdictCase(
    "half the TLPs, half as fast", ("device", metrics(mwr: 1000, goodput: 20)),
    ("nc", metrics(mwr: 500, goodput: 10, causes: fullLines)), .mixed,
    "trade-off: 2.0x fewer TLPs, 2.0x slower"),
  VerdictCase(
    "slower and nothing else", ("device", metrics(mwr: 1000, goodput: 30)),
    ("nc", metrics(mwr: 1000, goodput: 20, causes: fullLines)), .worse,
    "1.5x slower; keep Device"),
  VerdictCase(
    "lines with holes make more TLPs", ("device", metrics(mwr: 1000, goodput: 10)),
    ("nc", metrics(mwr: 3000, goodput: 10, causes: fullLines)), .worse,
    "3.0x more TLPs; keep Device"),
  VerdictCase(
    "half of all flushes at barriers", ("device", metrics(mwr: 1000)),
    ("nc", metrics(mwr: 1000, causes: [(.full, 250), (.timer, 250), (.barrier, 500)])), .blocked,
    "gathering blocked by barriers"),
  VerdictCase(
    "one less than half", ("device", metrics(mwr: 1000)),
    ("nc", metrics(mwr: 1000, causes: [(.full, 250), (.timer, 251), (.barrier, 499)])), .noGain,
    "no gain; keep Device"),
  VerdictCase(
    "reads of the line are an obstacle too", ("device", metrics(mwr: 1000)),
    ("nc", metrics(mwr: 1000, causes: [(.read, 1000)])), .blocked,
    "gathering blocked by same-line reads"),
  VerdictCase(
    "scattered stores are nobody's fault", ("device", metrics(mwr: 1000)),
    ("nc", metrics(mwr: 1000, causes: [(.capacity, 1000)])), .noGain, "no gain; keep Device"),
  VerdictCase(
    "config accesses only", ("device", metrics(stores: 0, config: 3)),
    ("nc", metrics(stores: 0, config: 3)), .configOnly, "config only"),
  VerdictCase(
    "loads only, before any question of types", ("device", metrics(stores: 0, loads: 5)),
    ("device", metrics(stores: 0, loads: 5)), .readsOnly, "reads only"),
  VerdictCase(
    "faults at stage 2 that Normal-NC does away with",
    ("device", metrics(mwr: 990, faults: (0, 10))),
    ("nc", metrics(mwr: 100, causes: fullLines)), .needsNormalNC,
    "map WC: 10 accesses fault on Device, 9.9x fewer TLPs"),
  VerdictCase(
    "every store faulted", ("device", metrics(stores: 0, faults: (0, 1))),
    ("nc", metrics(mwr: 1, causes: fullLines)), .needsNormalNC,
    "map WC: 1 access faults on Device"),
  VerdictCase(
    "faults that stay", ("device", metrics(mwr: 990, faults: (10, 0))),
    ("nc", metrics(mwr: 990, faults: (10, 0))), .faults, "10 accesses fault",
    stage1: "device-ngnre"),
  VerdictCase(
    "no VM_ALLOW_ANY_UNCACHED", ("device", metrics(mwr: 1000)), ("device", metrics(mwr: 1000)),
    .cannot, "cannot: not VFIO-eligible",
    region: Region(name: "bar", base: 0, size: 1, vfioEligible: false, origin: .map)),
  VerdictCase(
    "not a BAR at all", ("device", metrics(mwr: 10)), ("device", metrics(mwr: 10)),
    .cannot, "cannot: platform region", region: SampleRun.interrupts),
  VerdictCase(
    "eligible, but the guest's own mapping is Device", ("device", metrics(mwr: 10)),
    ("nc", metrics(mwr: 10)), .driverMapsDevice, "no change: the driver maps it Device",
    stage1: "device-ngnre"),
  VerdictCase(
    "eligible, Device under both policies", ("device", metrics(mwr: 10)),
    ("device", metrics(mwr: 10)), .staysDevice, "stays Device under kvm-normal-nc"),
  VerdictCase(
    "the other way round", ("nc", metrics(mwr: 100, goodput: 20, causes: fullLines)),
    ("device", metrics(mwr: 1000, goodput: 10)), .losesGathering,
    "loses gathering: 10.0x more TLPs, 2.0x slower"),
  VerdictCase(
    "the other way round, of a BAR that may not bear merged writes",
    ("nc", metrics(mwr: 126, goodput: 26, causes: fullLines)),
    ("device", metrics(mwr: 1000, goodput: 10)), .notPrefetchable,
    "map Device: not prefetchable (7.9x more TLPs, 2.6x slower)", region: notPrefetchable),
  VerdictCase(
    "the other way round, of stores that never arrived",
    ("nc", metrics(mwr: 500, goodput: 20, collapsed: allBytes / 2, causes: fullLines)),
    ("device", metrics(mwr: 1000, goodput: 10)), .overwrites,
    "map Device: 50 % of stored bytes never arrive (2.0x more TLPs, 2.0x slower)"),
  VerdictCase(
    "the other way round, 63 stores",
    ("nc", metrics(stores: 63, mwr: 8, causes: fullLines)),
    ("device", metrics(stores: 63, mwr: 63)),
    .negligible, "too few stores to tell (7.9x more TLPs)"),
  VerdictCase(
    "the other way round, fewer TLPs for less goodput",
    ("nc", metrics(mwr: 500, goodput: 10, causes: fullLines)),
    ("device", metrics(mwr: 1000, goodput: 20)), .mixed,
    "trade-off: 2.0x more TLPs, 2.0x faster"),
  VerdictCase(
    "the other way round, faster by order alone",
    ("nc", metrics(mwr: 1000, goodput: 20, causes: [(.barrier, 1000)])),
    ("device", metrics(mwr: 1000, goodput: 10)), .ungathered,
    "no TLP lost: 2.0x slower only by keeping order"),
  VerdictCase(
    "the other way round, 9 TLPs of 1,000 in all",
    ("nc", metrics(mwr: 9, mrd: 982, causes: fullLines)),
    ("device", metrics(mwr: 18, mrd: 982)), .noGain, "no loss: little was gathered"),
  VerdictCase(
    "the other way round, nothing gathered",
    ("nc", metrics(mwr: 1000, causes: [(.barrier, 1000)])), ("device", metrics(mwr: 1000)),
    .noGain, "no loss: nothing was gathered"),
  VerdictCase(
    "Normal-NC under both", ("nc", metrics(mwr: 100, causes: fullLines)),
    ("nc", metrics(mwr: 100, causes: fullLines)), .unchanged,
    "no change: normal-nc under both"),
  VerdictCase(
    "Device-GRE gathers as Normal-NC does", ("gre", metrics(mwr: 100, causes: fullLines)),
    ("nc", metrics(mwr: 100, causes: [(.timer, 100)])), .noGain, "no gain; keep Device"),
  VerdictCase(
    "the same gain on a BAR that is not prefetchable", ("device", metrics(mwr: 1000, goodput: 10)),
    ("nc", metrics(mwr: 126, goodput: 26, causes: fullLines)),
    .notPrefetchable, "keep Device: not prefetchable (7.9x fewer TLPs, 2.6x faster)",
    region: notPrefetchable),
  VerdictCase(
    "a thousandth of the trace's bytes is enough",
    ("device", metrics(mwr: 1000, goodput: 10, bytes: 1000)),
    ("nc", metrics(mwr: 126, goodput: 26, bytes: 1000, causes: fullLines)),
    .mapWriteCombining, "map WC: 7.9x fewer TLPs, 2.6x faster"),
  VerdictCase(
    "less than a thousandth is not",
    ("device", metrics(mwr: 1000, goodput: 10, bytes: 999)),
    ("nc", metrics(mwr: 126, goodput: 26, bytes: 999, causes: fullLines)),
    .negligible, "too few stores to tell (7.9x fewer TLPs, 2.6x faster)"),
  VerdictCase(
    "999 of 1000 stores to one register are overwritten",
    ("device", metrics(mwr: 1000, goodput: 10)),
    ("nc", metrics(mwr: 1, goodput: 250, collapsed: allBytes - 1000, causes: fullLines)),
    .overwrites,
    "keep Device: >99 % of stored bytes never arrive (1,000x fewer TLPs, 25.0x faster)"),
  VerdictCase(
    "half of the bytes overwritten is most of the gain",
    ("device", metrics(mwr: 1000, goodput: 10)),
    ("nc", metrics(mwr: 500, goodput: 20, collapsed: allBytes / 2, causes: fullLines)),
    .overwrites, "keep Device: 50 % of stored bytes never arrive (2.0x fewer TLPs, 2.0x faster)"),
  VerdictCase(
    "one byte less is not",
    ("device", metrics(mwr: 1000, goodput: 10)),
    ("nc", metrics(mwr: 500, goodput: 20, collapsed: allBytes / 2 - 1, causes: fullLines)),
    .mapWriteCombining, "map WC: 2.0x fewer TLPs, 2.0x faster"),
  VerdictCase(
    "64 stores fill eight lines", ("device", metrics(stores: 64, mwr: 64)),
    ("nc", metrics(stores: 64, mwr: 8, causes: fullLines)), .mapWriteCombining,
    "map WC: 8.0x fewer TLPs"),
  VerdictCase(
    "63 are too few to say yes", ("device", metrics(stores: 63, mwr: 63)),
    ("nc", metrics(stores: 63, mwr: 8, causes: fullLines)), .negligible,
    "too few stores to tell (7.9x fewer TLPs)"),
  VerdictCase(
    "18 that become 9, whatever their share", ("device", metrics(stores: 18, mwr: 18)),
    ("nc", metrics(stores: 18, mwr: 9, causes: fullLines)), .negligible,
    "too few stores to tell (2.0x fewer TLPs)"),
  VerdictCase(
    // 41 of 82 + 18,155 are 0.2 %.
    "82 stores beside 18,155 loads that take all the time",
    ("device", metrics(stores: 82, loads: 18_155, mwr: 82, mrd: 18_155, goodput: 10)),
    ("nc", metrics(stores: 82, loads: 18_155, mwr: 41, mrd: 18_155, goodput: 10)), .noGain,
    "nothing to gain: saves less than 1 % of its TLPs"),
  VerdictCase(
    "a hundredth of all TLPs counts: 10 of 100 + 900",
    ("device", metrics(stores: 100, loads: 900, mwr: 100, mrd: 900)),
    ("nc", metrics(stores: 100, loads: 900, mwr: 90, mrd: 900)), .mapWriteCombining,
    "map WC: 1.1x fewer TLPs"),
  VerdictCase(
    "less does not: 10 of 100 + 901",
    ("device", metrics(stores: 100, loads: 901, mwr: 100, mrd: 901)),
    ("nc", metrics(stores: 100, loads: 901, mwr: 90, mrd: 901)), .noGain,
    "nothing to gain: saves less than 1 % of its TLPs"),
  VerdictCase(
    "but for the speed", ("device", metrics(loads: 901, mwr: 100, mrd: 901, goodput: 10)),
    ("nc", metrics(loads: 901, mwr: 90, mrd: 901, goodput: 20)), .mapWriteCombining,
    "map WC: 1.1x fewer TLPs, 2.0x faster"),
  VerdictCase(
    "and no trade-off, where the price is in speed",
    ("device", metrics(loads: 901, mwr: 100, mrd: 901, goodput: 20)),
    ("nc", metrics(loads: 901, mwr: 90, mrd: 901, goodput: 10)), .worse,
    "1.1x fewer TLPs, 2.0x slower; keep Device"),
  VerdictCase(
    "and to say no", ("device", metrics(stores: 1, mwr: 1, goodput: 861)),
    ("nc", metrics(stores: 1, mwr: 1, goodput: 1, causes: fullLines)), .negligible,
    "too few stores to tell (861x slower)"),
  VerdictCase(
    "nothing was gathered that could be lost", ("nc", metrics(mwr: 500, causes: fullLines)),
    ("device", metrics(mwr: 500)), .noGain, "no loss: nothing was gathered"),
]

@Suite struct VerdictTests {
  private func verdict(_ row: VerdictCase, findings: [Finding] = []) -> Verdict {
    var scenario = SampleRun.after
    scenario.totals.storeBytes = allBytes
    return Verdict(before: row.before, after: row.after, scenario: scenario, findings: findings)
  }

  @Test(arguments: verdictCases)
  func `the first rule that applies decides`(row: VerdictCase) {
    let verdict = verdict(row)
    #expect(verdict.kind == row.kind)
    #expect(verdict.text == row.text)
    #expect(verdict.word.split(separator: " ").count <= 4)
    #expect(!verdict.action.isEmpty && !verdict.why.isEmpty)
  }

  @Test func `every kind has a case`() {
    #expect(Set(verdictCases.map(\.kind)) == Set(Verdict.Kind.allCases))
  }

  @Test func `the reason is the largest flush cause with its share`() {
    // 90 of 100 lines; 500 of 1000 lines at barriers, 250 complete.
    #expect(verdict(verdictCases[0]).why == "90 % of lines left complete")
    #expect(verdict(verdictCases[7]).why == "50 % of lines left at: barrier; 25 % left complete")
  }

  @Test func `a barrier of the accessor assumption is called so`() {
    var scenario = SampleRun.after
    scenario.accessors = "bursts"
    let row = verdictCases[7]
    let verdict = Verdict(before: row.before, after: row.after, scenario: scenario)
    #expect(verdict.why.hasPrefix("50 % of lines left at: barrier (assumed by bursts)"))
  }

  @Test func `errors come before mapping`() {
    let verdict = verdict(verdictCases[0], findings: SampleRun.findings)
    #expect(verdict.call == .ioremapWC)
    // One error among the findings; warnings and notes do not hold up.
    #expect(verdict.action == "map it with ioremap_wc(), after fixing RST001")
  }

  @Test func `a register with side effects keeps its region Device`() {
    var lost = SampleRun.findings[0]
    (lost.code, lost.severity) = ("ORD004", .error)
    #expect(verdict(verdictCases[0], findings: [lost]).kind == .overwrites)
    lost.severity = .warning
    #expect(verdict(verdictCases[0], findings: [lost]).kind == .mapWriteCombining)
  }

  /// The first case with the times given: 26 / 10 = 2.6 times faster.
  private func timed(
    _ own: (UInt64, UInt64), of all: UInt64 = 100, stores: UInt64 = 1000,
    goodput: (UInt64, UInt64) = (10, 26)
  ) -> Comparison {
    var run = SampleRun.compare
    let rows = [verdictCases[0].before, verdictCases[0].after]
    for (scenario, part) in zip(0..<2, rows) {
      var region = part
      region.metrics.stores = stores
      region.metrics.saturated.timePs = all
      region.metrics.saturated.goodputBytesPerSecond = scenario == 0 ? goodput.0 : goodput.1
      region.metrics.saturated.timeParts = [
        TimePart(share: .link, timePs: scenario == 0 ? own.0 : own.1)
      ]
      run.scenarios[scenario].regions = [region]
      run.scenarios[scenario].totals = region.metrics
    }
    run.findings = []
    return Comparison(run)
  }

  @Test func `a region without a time of its own is judged by its TLPs alone`() {
    func verdict(_ before: UInt64, _ after: UInt64) -> String {
      timed((before, after)).rows[0].verdict?.text ?? ""
    }
    #expect(verdict(130, 50) == "map WC: 7.9x fewer TLPs, 2.6x faster")
    #expect(verdict(130, 49) == "map WC: 7.9x fewer TLPs")
    // Two vCPUs.
    #expect(verdict(300, 150) == "map WC: 7.9x fewer TLPs, 2.6x faster")
  }

  /// What its accesses took must have become less as well, by the 1.1 times that count.
  @Test func `a change that others make is not the region's`() {
    #expect(timed((110, 100)).rows[0].speedup == "2.6x")
    #expect(timed((109, 100)).rows[0].speedup == nil)
    // The last line waited for another region's barrier: 14 / 10 = 1.4 times slower.
    #expect(timed((100, 70), goodput: (14, 10)).rows[0].speedup == nil)
    #expect(timed((100, 110), goodput: (14, 10)).rows[0].speedup == "0.7x")
    // No change is claimed.
    #expect(timed((100, 70), goodput: (10, 10)).rows[0].speedup == "1.0x")
  }

  @Test func `a few stores have no speed, which the screen says once`() {
    let few = timed((130, 50), stores: 63)
    #expect(few.rows[0].speedup == nil)
    #expect(few.rows[0].verdict?.text == "too few stores to tell (7.9x fewer TLPs)")
    #expect(timed((130, 50), stores: 64).rows[0].speedup == "2.6x")
    for width in [60, 80, 120] {
      let text = terminalSummary(few.run, width: width, color: false)
      #expect(text.split(separator: "\n").count { $0.hasPrefix("speed -: ") } == 1)
      let many = terminalSummary(timed((130, 50)).run, width: width, color: false)
      #expect(!many.contains("speed -"))
    }
    #expect(markdownReport(few.run).contains("of fewer than 64 stores, or where"))
  }

  /// Names and how a POSIX shell takes them for one word.
  @Test(arguments: [
    ("bar2", "bar2=normal-nc"), ("0000:01:00.0_bar-2", "0000:01:00.0_bar-2=normal-nc"),
    ("display bar 2", "'display bar 2=normal-nc'"), ("a$b", "'a$b=normal-nc'"),
    ("it's", "'it'\\''s=normal-nc'"), ("a=b", "'a=b=normal-nc'"), ("é", "'é=normal-nc'"),
    ("", "'=normal-nc'"),
  ])
  func `the advice can be pasted into a shell`(name: String, word: String) throws {
    var row = try #require(verdictCases.first { $0.kind == .driverMapsDevice })
    row.after.region.name = name
    #expect(verdict(row).action.hasSuffix(" add --stage1 " + word))
  }

  /// The sample with its gaining region of another type: what to map it is that type.
  @Test func `the answer names Device-GRE where that is what was tried`() {
    var run = SampleRun.compare
    for index in run.scenarios[1].regions.indices
    where run.scenarios[1].regions[index].region.name == "bar2" {
      run.scenarios[1].regions[index].effective = "device-gre"
    }
    let answer = Headline(comparison: Comparison(run)).sentences[0]
    #expect(answer.hasPrefix("Map bar2 device-gre"))
    #expect(!answer.contains("write-combining"))
  }

  /// The sample's `bar2` gains (7.6 times fewer writes), its doorbell is blocked by barriers.
  @Test func `what would gain but is not prefetchable is named first`() {
    var run = SampleRun.compare
    func set(_ name: String, _ change: (inout RegionResult) -> Void) {
      for scenario in 0..<2 {
        for index in run.scenarios[scenario].regions.indices
        where run.scenarios[scenario].regions[index].region.name == name {
          change(&run.scenarios[scenario].regions[index])
        }
      }
    }
    set("bar2") { $0.region.prefetchable = false }
    #expect(
      Headline(comparison: Comparison(run)).sentences[0]
        == "Only bar2 would gain from write-combining, but its BAR is not prefetchable.")
    // With barriers between the stores nothing is saved: 800 writes of 800 stores.
    let writel = RangedRun.setting(Setting.accessorsKey, .text("linux-writel"))
    var barred = RangedRun.variation([writel], RangedRun.Change(after: 0.8, writes: 800))
    for scenario in barred.scenarios.indices {
      for index in barred.scenarios[scenario].regions.indices
      where barred.scenarios[scenario].regions[index].region.name == "bar2" {
        barred.scenarios[scenario].regions[index].region.prefetchable = false
      }
    }
    run.variations = [barred]
    #expect(
      Headline(comparison: Comparison(run)).sentences[0]
        == "Only bar2 would gain from write-combining, unless barriers stand between its stores,"
        + " but its BAR is not prefetchable.")
    run.variations = []
    // Half of the doorbell's writes gone as well, had it stores enough.
    set(SampleRun.awkward) { $0.metrics.stores = 64 }
    run.scenarios[1].regions[0].metrics.mwr = 20
    #expect(
      Headline(comparison: Comparison(run), name: { String($0.prefix(4)) }).sentences[0]
        == "Only bar2 and bar0 would gain from write-combining, but their BARs are not"
        + " prefetchable.")
    set("bar2") { $0.region.prefetchable = true }
    #expect(Headline(comparison: Comparison(run)).sentences[0].hasPrefix("Map bar2 "))
  }

  @Test func `a driver that asked for WC already needs stage 2 only`() {
    var row = verdictCases[0]
    row.after.stage1Source = "access"
    #expect(
      verdict(row).action == "the driver maps it WC already: let stage 2 allow Normal-NC")
  }

  @Test func `without a hypervisor a user mapping is meant`() {
    var scenario = SampleRun.after
    scenario.policy = "none"
    let row = verdictCases[0]
    let verdict = Verdict(before: row.before, after: row.after, scenario: scenario)
    #expect(verdict.call == .pgprotWriteCombine)
  }

  @Test func `a share of faults at stage 2 stops the guest`() {
    let row = verdictCases[13]
    #expect(row.reason.hasPrefix("faults at stage 2"))
    #expect(verdict(row).why.hasPrefix("unaligned on device-ngnre from stage 2"))
  }

  @Test func `large counts do not overflow the thresholds`() {
    let huge = Gain(before: metrics(mwr: .max), after: metrics(mwr: .max - 1))
    #expect(huge.tlps == .same)
    #expect(Gain(before: metrics(mwr: .max), after: metrics(mwr: 0)).tlps == .better)
    #expect(Gain(before: metrics(mwr: 0), after: metrics(mwr: 0)).tlps == .same)
  }

  @Test(arguments: [(900, true), (899, false)] as [(UInt64, Bool)])
  func `a region whose stores are nearly all Device is not judged by the rest`(
    direct: UInt64, isDevice: Bool
  ) {
    // 1000 stores; those that are not Device fill one line.
    var counts = metrics(mwr: direct + 1, causes: [(.full, 1)])
    counts.gatheringStores = 1000 - direct
    // A store may be several bus writes: pieces are not counted.
    counts.busWrites = 8 * direct + 1
    func result(_ type: String, _ metrics: Metrics) -> RegionResult {
      RegionResult(
        region: SampleRun.ring, stage1: "mixed", stage1Source: "access", stage2: "normal-nc",
        effective: type, metrics: metrics)
    }
    let verdict = Verdict(
      before: result("device-ngnre", metrics(mwr: 1000)), after: result("mixed", counts),
      scenario: SampleRun.after)
    #expect((verdict.kind == .driverMapsDevice) == isDevice)
    #expect((verdict.why == "900 of 1,000 stores go to Device memory") == isDevice)
  }

  private func result(
    _ type: String, _ metrics: Metrics, stage1: String = "mixed"
  ) -> RegionResult {
    RegionResult(
      region: SampleRun.ring, stage1: stage1, stage1Source: "option", stage2: "none",
      effective: type, metrics: metrics)
  }

  /// ST64B to Normal-NC leaves alone, so that no line is flushed.
  @Test func `a region whose only gathering stores are ST64B does not stay Device`() {
    var counts = metrics(stores: 1000, loads: 5, mwr: 1000)
    counts.gatheringStores = 1000
    let verdict = Verdict(
      before: result("device-ngnre", metrics(mwr: 8000)), after: result("mixed", counts),
      scenario: SampleRun.after)
    #expect(verdict.kind == .mapWriteCombining)
    counts.gatheringStores = 0
    let device = Verdict(
      before: result("device-ngnre", metrics(mwr: 8000)), after: result("mixed", counts),
      scenario: SampleRun.after)
    #expect(device.kind == .staysDevice)
  }

  /// ST64B to cacheable memory faults whatever its alignment (FEAT_LS64, DFSC 0x35).
  @Test func `64-byte accesses to cacheable memory are not told to align`() {
    var cached = metrics(stores: 0, faults: (1, 0))
    cached.faultsUnsupported64 = 1
    let device = metrics(stores: 1, mwr: 1)
    let mended = Verdict(
      before: result("normal-wb", cached, stage1: "normal-wb"),
      after: result("device-ngnre", device, stage1: "normal-wb"), scenario: SampleRun.after)
    #expect(mended.kind == .faults)
    #expect(mended.text == "1 access faults on normal-wb")
    #expect(mended.action == "keep device-ngnre")
    let made = Verdict(
      before: result("device-ngnre", device, stage1: "normal-wt"),
      after: result("normal-wt", cached, stage1: "normal-wt"), scenario: SampleRun.after)
    #expect(made.text == "1 access faults on normal-wt")
    #expect(made.action == "map it Normal-NC or Device, not normal-wt")
    #expect(made.why == "64-byte single-copy accesses to cacheable memory")
    // Others fault, too: a store-release, or what the second mapping makes Device.
    cached.faultsStage1 = 2
    let several = Verdict(
      before: result("device-ngnre", device, stage1: "normal-wb"),
      after: result("normal-wb", cached, stage1: "normal-wb"), scenario: SampleRun.after)
    #expect(several.text == "2 accesses fault")
    cached.faultsStage1 = 1
    let next = Verdict(
      before: result("normal-wb", cached, stage1: "normal-wb"),
      after: result("device-ngnre", metrics(faults: (0, 2)), stage1: "normal-wb"),
      scenario: SampleRun.after)
    #expect(next.text == "2 accesses fault")
  }

  @Test func `little that was gathered is not called nothing`() {
    func verdict(_ after: UInt64) -> String {
      Verdict(
        before: result("normal-nc", metrics(mwr: 21), stage1: "normal-nc"),
        after: result("device-ngnre", metrics(mwr: after), stage1: "normal-nc"),
        scenario: SampleRun.after
      ).text
    }
    #expect(verdict(21) == "no loss: nothing was gathered")
    #expect(verdict(22) == "no loss: little was gathered")
  }

  @Test func `no Linux call maps Device-GRE`() {
    let verdict = Verdict(
      before: result("device-ngnre", metrics(mwr: 1000), stage1: "device-gre"),
      after: result("device-gre", metrics(mwr: 100, causes: fullLines), stage1: "device-gre"),
      scenario: SampleRun.after)
    #expect(verdict.kind == .mapWriteCombining)
    #expect(verdict.call == .none)
    #expect(verdict.action.hasPrefix("map it device-gre, which no Linux call asks for"))
    #expect(verdict.word == "map device-gre")
    #expect(verdict.text.hasPrefix("map device-gre: "))
  }
}
