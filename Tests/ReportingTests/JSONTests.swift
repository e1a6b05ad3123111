import Foundation
import Reporting
import Results
import Testing
import TraceCore

/// The JSON contract, written down once more: decoding fails where a key is missing.
// swift-format-ignore: AlwaysUseLowerCamelCase
private struct Document: Decodable {
  struct Trace: Decodable {
    struct Counter: Decodable, Equatable {
      var name: String
      var severity: String
      var meaning: String
      var count: UInt64
    }
    var name: String
    var sha256: String
    var records: UInt64
    var format: String
    var lost: UInt64
    var assumptions: [String]
    var counters: [Counter]
  }
  struct Latency: Decodable, Equatable {
    var samples: UInt64
    var p50: UInt64
    var p90: UInt64
    var p99: UInt64
    var p999: UInt64
    var max: UInt64
  }
  struct Clock: Decodable {
    var time_ps: UInt64
    var goodput_bytes_per_s: UInt64?
    var store_latency_ps: Latency?
    var load_latency_ps: Latency?
    var time_parts_ps: [String: UInt64]
  }
  struct Use: Decodable, Equatable {
    var bin_ps: UInt64
    var down_busy_ps: [UInt64]
    var up_busy_ps: [UInt64]
  }
  struct Uses: Decodable {
    var saturated: Use?
    var paced: Use?
  }
  struct Metrics: Decodable {
    var stores: UInt64
    var loads: UInt64
    var store_bytes: UInt64
    var load_bytes: UInt64
    var faults_alignment: UInt64
    var faults_stage1: UInt64
    var faults_stage2: UInt64
    var bus_writes: UInt64
    var mwr: UInt64
    var mrd: UInt64
    var cfg_reads: UInt64
    var cfg_writes: UInt64
    var payload_bytes: UInt64
    var padded_bytes: UInt64
    var wire_down_bytes: UInt64
    var wire_up_bytes: UInt64
    var collapsed_bytes: UInt64
    var mwr_payload_histogram: [String: UInt64]
    var flush_causes: [String: UInt64]
    var flush_bytes: [String: UInt64]
    var saturated: Clock?
    var paced: Clock?
  }
  struct Region: Decodable {
    var name: String
    var base: UInt64
    var size: UInt64
    var bdf: String?
    var bar: Int?
    var stage1: String
    var stage1_source: String
    var stage2: String
    var effective: String
    var kind: String
    var prefetchable: Bool?
    var metrics: Metrics
  }
  struct Source: Decodable {
    var unit: String
    var source: String
    var status: String
  }
  struct Scenario: Decodable {
    var name: String
    var policy: String
    var fwb: Bool
    var accessors: String
    var cpu: String
    var rc: String
    var link: String
    var clock: String
    var link_use: Uses
    var setting_sources: [String: Source]
    var totals: Metrics
    var regions: [Region]
  }
  struct Finding: Decodable {
    var code: String
    var severity: String
    var scenario: String
    var count: UInt64
    var first_record: UInt64
    var first_line: UInt64?
    var region: String?
    var vcpu: UInt16?
    var message: String
    var rule: String
    var advice: String
  }
  var schema_version: Int
  var trace: Trace
  var scenarios: [Scenario]
  var findings: [Finding]
}

@Suite struct JSONTests {
  private func decode(_ run: RunResult) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(runJSON(run).utf8))
  }

  @Test func `the trace comes back`() throws {
    let document = try decode(SampleRun.compare)
    let trace = SampleRun.trace
    #expect(document.schema_version == 1)
    #expect(document.trace.name == trace.name)
    #expect(document.trace.sha256 == trace.sha256)
    #expect(document.trace.records == trace.records)
    #expect(document.trace.format == trace.format)
    #expect(document.trace.lost == trace.lost)
    #expect(document.trace.assumptions == trace.assumptions)
    let counters = document.trace.counters
    #expect(counters.map(\.name) == ["clock_backwards", "lines_cut"])
    #expect(counters.map(\.severity) == ["info", "data-loss"])
    #expect(counters.map(\.count) == [2, 1])
    #expect(counters[1].meaning == "lines cut in the middle")
  }

  @Test func `scenarios and regions come back`() throws {
    let document = try decode(SampleRun.compare)
    for (found, wanted) in zip(document.scenarios, SampleRun.compare.scenarios) {
      #expect(found.name == wanted.name && found.policy == wanted.policy)
      #expect(found.fwb == wanted.fwb && found.accessors == wanted.accessors)
      #expect(found.cpu == wanted.cpu && found.rc == wanted.rootComplex)
      #expect(found.link == wanted.link && found.clock == wanted.clocks)
      expectSame(found.totals, wanted.totals)
      #expect(found.regions.count == wanted.regions.count)
      for (region, result) in zip(found.regions, wanted.regions) { expectSame(region, result) }
    }
    #expect(document.scenarios.count == 2)
  }

  private func expectSame(_ found: Document.Region, _ wanted: RegionResult) {
    #expect(found.name == wanted.region.name)
    #expect(found.base == wanted.region.base && found.size == wanted.region.size)
    #expect(found.bdf == wanted.region.function?.description)
    #expect(found.bar == wanted.region.bar && found.kind == wanted.region.kind.rawValue)
    #expect(found.prefetchable == wanted.region.prefetchable)
    #expect(found.stage1 == wanted.stage1 && found.stage1_source == wanted.stage1Source)
    #expect(found.stage2 == wanted.stage2 && found.effective == wanted.effective)
    expectSame(found.metrics, wanted.metrics)
  }

  private func expectSame(_ found: Document.Metrics, _ wanted: Metrics) {
    #expect(found.stores == wanted.stores && found.loads == wanted.loads)
    #expect(found.store_bytes == wanted.storeBytes && found.load_bytes == wanted.loadBytes)
    #expect(found.faults_alignment == wanted.faultsStage1 + wanted.faultsStage2)
    #expect(found.faults_stage1 == wanted.faultsStage1)
    #expect(found.faults_stage2 == wanted.faultsStage2)
    #expect(found.bus_writes == wanted.busWrites)
    #expect(found.mwr == wanted.mwr && found.mrd == wanted.mrd)
    #expect(found.cfg_reads == wanted.cfgReads && found.cfg_writes == wanted.cfgWrites)
    #expect(found.payload_bytes == wanted.payloadBytes)
    #expect(found.padded_bytes == wanted.paddedBytes)
    #expect(found.wire_down_bytes == wanted.wireDownBytes)
    #expect(found.wire_up_bytes == wanted.wireUpBytes)
    #expect(found.collapsed_bytes == wanted.collapsedBytes)
    #expect(found.mwr_payload_histogram.count == wanted.mwrPayloadHistogram.count)
    for row in wanted.mwrPayloadHistogram {
      #expect(found.mwr_payload_histogram["\(row.payloadBytes)"] == row.tlps)
    }
    #expect(found.flush_causes.count == wanted.flushCauses.count)
    for row in wanted.flushCauses {
      #expect(found.flush_causes[row.cause.name] == row.flushes)
      #expect(found.flush_bytes[row.cause.name] == row.bytes)
    }
    expectSame(found.saturated, wanted.saturated)
    expectSame(found.paced, wanted.paced)
  }

  private func expectSame(_ found: Document.Clock?, _ wanted: ClockMetrics) {
    #expect(found?.time_ps == wanted.timePs)
    #expect(found?.goodput_bytes_per_s == wanted.goodputBytesPerSecond)
    #expect(found?.time_parts_ps.count == wanted.timeParts.count)
    for part in wanted.timeParts {
      #expect(found?.time_parts_ps[part.share.name] == part.timePs)
    }
    #expect(found?.store_latency_ps?.samples ?? 0 == wanted.storeLatency.samples)
    #expect(found?.load_latency_ps?.samples ?? 0 == wanted.loadLatency.samples)
  }

  @Test func `latencies come back`() throws {
    let regions = try decode(SampleRun.compare).scenarios[0].regions
    // The percentiles that `SampleTimes` was made for; see `TimingOutputTests`.
    #expect(
      regions[1].metrics.saturated?.store_latency_ps
        == Document.Latency(
          samples: 800, p50: 503_807, p90: 1_007_615, p99: 1_007_615, p999: 2_500_000,
          max: 2_500_000))
    #expect(
      regions[0].metrics.paced?.load_latency_ps
        == Document.Latency(
          samples: 5, p50: 300_000, p90: 300_000, p99: 300_000, p999: 300_000, max: 300_000))
    #expect(regions[1].metrics.saturated?.load_latency_ps == nil)
  }

  @Test func `link use comes back, null for a clock that was not run`() throws {
    var run = SampleRun.compare
    run.scenarios[1].clocks = "saturated"
    let scenarios = try decode(run).scenarios
    for (found, wanted) in [
      (scenarios[0].link_use.saturated, SampleTimes.useBefore),
      (scenarios[0].link_use.paced, SampleTimes.usePaced),
      (scenarios[1].link_use.saturated, SampleTimes.useAfter),
    ] {
      #expect(
        found
          == Document.Use(
            bin_ps: wanted.binPs, down_busy_ps: wanted.downPs, up_busy_ps: wanted.upPs))
    }
    #expect(scenarios[1].link_use.paced == nil)
    #expect(runJSON(run).contains("\"load_latency_ps\" : null"))
  }

  @Test func `findings come back`() throws {
    let document = try decode(SampleRun.compare)
    #expect(document.findings.count == SampleRun.findings.count)
    for (found, wanted) in zip(document.findings, SampleRun.findings) {
      #expect(found.code == wanted.code && found.severity == wanted.severity.rawValue)
      #expect(found.scenario == wanted.scenario && found.count == wanted.count)
      #expect(found.first_record == wanted.firstRecord)
      #expect(found.first_line == wanted.firstLine)
      #expect(found.region == wanted.region && found.vcpu == wanted.vcpu)
      #expect(found.message == wanted.message)
      #expect(found.rule == wanted.rule && found.advice == wanted.advice)
    }
  }

  @Test func `settings keep their types, and each has its source`() throws {
    let text = runJSON(SampleRun.compare)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let scenarios = try #require(object?["scenarios"] as? [[String: Any]])
    let settings = try #require(scenarios[0]["settings"] as? [String: Any])
    #expect(settings["cpu.buffers"] as? Int == 8)
    #expect(settings["cpu.drain_after_ns"] as? String == "never")
    #expect(settings["cpu.load_breaks_gather"] as? Bool == false)
    #expect(settings["link.gt_per_s"] as? Double == 16.5)
    let sources = try decode(SampleRun.compare).scenarios[0].setting_sources
    #expect(Set(sources.keys) == Set(settings.keys))
    #expect(sources["cpu.buffers"]?.status == "assumed")
    #expect(sources["link.gt_per_s"]?.unit == "GT/s")
  }

  @Test func `an unknown value is a key with null`() throws {
    var run = SampleRun.compare
    run.scenarios[0].clocks = "saturated"
    let text = runJSON(run)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let scenarios = try #require(object?["scenarios"] as? [[String: Any]])
    let totals = try #require(scenarios[0]["totals"] as? [String: Any])
    #expect(totals["paced"] is NSNull)
    #expect(totals["saturated"] is [String: Any])
    let regions = try #require(scenarios[0]["regions"] as? [[String: Any]])
    #expect(regions[2]["bdf"] is NSNull)
    #expect(regions[2]["bar"] is NSNull)
    #expect(regions[2]["prefetchable"] is NSNull)
    let findings = try #require(object?["findings"] as? [[String: Any]])
    #expect(findings[3]["region"] is NSNull)
    #expect(findings[3]["vcpu"] is NSNull)
    #expect(findings[2]["first_line"] is NSNull)
  }

  @Test func `addresses above 2^63 are exact integers`() {
    // 0xfffffffffffff000 = 2^64 - 4096.
    #expect(runJSON(SampleRun.compare).contains("\"base\" : 18446744073709547520"))
  }

  @Test func `a number that JSON cannot hold becomes a word`() throws {
    var run = SampleRun.compare
    run.scenarios[0].settings[0].value = .number(.nan)
    let object = try JSONSerialization.jsonObject(with: Data(runJSON(run).utf8))
    #expect(object is [String: Any])
  }

  @Test func `hostile texts come back`() throws {
    var generated = GeneratedRun(seed: 5)
    let run = generated.run(regions: 2, findings: 20, words: 12)
    let document = try decode(run)
    #expect(document.findings.map(\.message) == run.findings.map(\.message))
    #expect(document.trace.name == run.trace.name)
  }
}
