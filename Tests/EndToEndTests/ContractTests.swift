import Foundation
import Testing

/// Names that scripts rely on, typed by hand: a change here breaks them.
struct ContractTests {
  static let metrics = [
    "stores", "loads", "store_bytes", "load_bytes", "faults_alignment", "bus_writes", "mwr", "mrd",
    "cfg_reads", "cfg_writes", "payload_bytes", "padded_bytes", "wire_down_bytes", "wire_up_bytes",
    "collapsed_bytes",
  ]
  static let finding = [
    "code", "severity", "scenario", "count", "first_record", "first_line", "region", "vcpu",
    "message",
  ]
  static let settings = [
    "cpu.buffers", "cpu.evict", "cpu.line_bytes", "cpu.single_stream", "cpu.load_breaks_gather",
    "cpu.device_drains_nc", "cpu.device_bus_bytes", "cpu.drain_after_ns", "cpu.store_issue_ns",
    "cpu.device_writes_in_flight", "cpu.device_ack_ns", "cpu.loads_in_flight", "cpu.nc_load",
    "cpu.trap_drains", "cpu.lse2", "rc.split", "rc.ecrc", "link.credit_loop_ns",
    "device.read_latency_ns",
  ]
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func lacks(
    _ json: JSON, _ keys: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let missing = Set(keys).subtracting(json.keys)
    #expect(missing == [], sourceLocation: sourceLocation)
  }

  private func check(metrics json: JSON) {
    lacks(
      json, Self.metrics + ["mwr_payload_histogram", "flush_causes", "saturated", "paced"])
    for key in Self.metrics { #expect(json[key].integer != nil, "\(key)") }
    for clock in ["saturated", "paced"] {
      lacks(json[clock], ["time_ps", "goodput_bytes_per_s"])
      #expect(json[clock]["time_ps"].integer != nil)
    }
    for key in json["mwr_payload_histogram"].keys { #expect(Int(key) != nil, "\(key)") }
  }

  @Test(arguments: Repository.traces) func `run.json has every key of the contract`(
    name: String
  ) throws {
    let text = try scratch.quietly(["compare", Repository.trace(name), "--json", "-"]).output
    let run = try JSON(text)
    lacks(run, ["schema_version", "trace", "scenarios", "findings"])
    #expect(run["schema_version"].integer == 1)
    lacks(run["trace"], ["name", "sha256", "records", "format", "lost", "assumptions"])
    #expect(run["trace"]["name"].text == name + ".mmt")
    #expect(run["scenarios"].list.map { $0["policy"].text } == ["kvm-device", "kvm-normal-nc"])
    for scenario in run["scenarios"].list {
      lacks(
        scenario,
        [
          "name", "policy", "fwb", "accessors", "cpu", "rc", "link", "settings", "totals",
          "regions",
        ])
      lacks(scenario["settings"], Self.settings)
      check(metrics: scenario["totals"])
      #expect(!scenario["regions"].list.isEmpty)
      for region in scenario["regions"].list {
        lacks(
          region,
          ["name", "base", "size", "bdf", "bar", "stage1", "stage2", "effective", "metrics"])
        check(metrics: region["metrics"])
      }
    }
    #expect(!run["findings"].list.isEmpty)
    for finding in run["findings"].list { lacks(finding, Self.finding) }
  }

  @Test(arguments: Repository.traces)
  func `regions add up to the totals, and the bytes balance`(name: String) throws {
    let run = try JSON(
      scratch.quietly(["compare", Repository.trace(name), "--json", "-"]).output)
    for scenario in run["scenarios"].list {
      for key in Self.metrics {
        let parts = scenario["regions"].list.compactMap { $0["metrics"][key].integer }
        #expect(parts.reduce(0, +) == scenario["totals"][key].integer, "\(key)")
      }
      for json in scenario["regions"].list.map({ $0["metrics"] }) + [scenario["totals"]] {
        let count = { (key: String) in json[key].integer ?? .max }
        // Section 10 of the model.
        #expect(count("store_bytes") == count("payload_bytes") + count("collapsed_bytes"))
        let sizes = json["mwr_payload_histogram"]
        let tlps = sizes.keys.map { (UInt64($0) ?? 0, sizes[$0].integer ?? 0) }
        #expect(tlps.reduce(0) { $0 + $1.1 } == count("mwr"))
        #expect(tlps.reduce(0) { $0 + $1.0 * $1.1 } == count("payload_bytes"))
      }
    }
  }

  @Test func `the tables have the contract's columns`() throws {
    try scratch.reporting(["compare", Repository.trace("nvme-flr")], to: "out")
    func header(_ name: String) throws -> [String] { rows(try scratch.text("out/" + name))[0] }
    let summary = try header("summary.csv")
    #expect(Array(summary.prefix(2)) == ["scenario", "region"])
    #expect(Set(Self.metrics).subtracting(summary) == [])
    #expect(Set(summary).count == summary.count)
    #expect(try header("tlp_sizes.csv") == ["scenario", "region", "payload_bytes", "tlps"])
    #expect(try header("flush_causes.csv") == ["scenario", "region", "cause", "flushes", "bytes"])
    let findings = try header("findings.csv")
    #expect(Array(findings.prefix(Self.finding.count)) == Self.finding)
    // findings.csv has the findings' keys, all of them.
    let run = try JSON(scratch.text("out/run.json"))
    #expect(Set(findings) == run["findings"][0].keys)
  }

  @Test func `the summary's numbers are those of run.json`() throws {
    try scratch.reporting(["compare", Repository.trace("vfio-reclaim")], to: "out")
    let run = try JSON(scratch.text("out/run.json"))
    let table = rows(try scratch.text("out/summary.csv"))
    for scenario in run["scenarios"].list {
      let named = scenario["regions"].list.map { ($0["name"].text, $0["metrics"]) }
      // One row per scenario and region, and no other.
      #expect(table.count { $0[0] == scenario["name"].text } == named.count)
      for (name, metrics) in named {
        let row = try #require(
          table.first { $0[0] == scenario["name"].text && $0[1] == name })
        for (column, key) in table[0].enumerated() where Self.metrics.contains(key) {
          #expect(row[column] == metrics[key].integer.map(String.init), "\(name ?? "") \(key)")
        }
      }
    }
  }

  @Test func `canonical CSV has the contract's columns`() throws {
    try scratch.write("a.csv", Inputs.csv)
    let header = try scratch.quietly(["dump", "a.csv"]).lines[0]
    #expect(
      header == "record,t_ns,vcpu,op,addr,size,value,flags,kind,attr,pc,bdf,region,source_line")
  }

  @Test(arguments: Repository.traces) func `info tells what a trace holds`(name: String) throws {
    let info = try JSON(scratch.quietly(["info", Repository.trace(name), "--json", "-"]).output)
    lacks(
      info,
      [
        "schema_version", "name", "format", "records", "stores", "loads", "barriers",
        "config_reads", "config_writes", "resets", "marks", "lost_records", "lost_events",
        "store_bytes", "load_bytes", "vcpus", "first_time_ns", "last_time_ns", "missing",
        "regions", "counters",
      ])
    // Against the dump of the same trace, counted here.
    var counts: [String: UInt64] = [:]
    var bytes: [String: UInt64] = [:]
    for row in rows(try scratch.quietly(["dump", Repository.trace(name)]).output).dropFirst() {
      counts[row[3], default: 0] += 1
      bytes[row[3], default: 0] += UInt64(row[5]) ?? 0
    }
    let pairs = [
      ("stores", "store"), ("loads", "load"), ("barriers", "barrier"), ("marks", "mark"),
      ("config_reads", "config_read"), ("config_writes", "config_write"), ("resets", "reset"),
    ]
    for (key, operation) in pairs {
      #expect(info[key].integer == counts[operation, default: 0], "\(key)")
    }
    #expect(info["records"].integer == counts.values.reduce(0, +))
    #expect(info["store_bytes"].integer == bytes["store"])
    #expect(info["load_bytes"].integer == bytes["load"])
  }

  @Test func `settings given are settings used`() throws {
    try scratch.write("a.csv", Inputs.csv)
    let run = try JSON(
      scratch.quietly([
        "compare", "a.csv", "--json", "-", "--set", "cpu.buffers=2", "--set", "rc.split=minimal",
        "--link", "gen6x8,mps=512", "--cpu", "neoverse-v2", "--fwb", "on", "--accessors",
        "linux-writel", "--before", "none", "--stage1", "all=device-gre",
      ]).output)
    for scenario in run["scenarios"].list {
      #expect(scenario["settings"]["cpu.buffers"].integer == 2)
      #expect(scenario["settings"]["rc.split"].text == "minimal")
      #expect(scenario["settings"]["link.mps"].integer == 512)
      #expect(scenario["cpu"].text == "neoverse-v2")
      #expect(scenario["accessors"].text == "linux-writel")
      #expect(scenario["fwb"].integer == 1)
      #expect(scenario["regions"][0]["stage1"].text == "device-gre")
    }
    #expect(run["scenarios"].list.map { $0["policy"].text } == ["none", "kvm-normal-nc"])
  }

  @Test func `a clock that was not run is null`() throws {
    try scratch.write("a.csv", Inputs.csv)
    for (clock, other) in [("saturated", "paced"), ("paced", "saturated")] {
      let run = try JSON(
        scratch.quietly(["analyze", "a.csv", "--clock", clock, "--json", "-"]).output)
      let totals = run["scenarios"][0]["totals"]
      #expect(totals[other].isNull && !totals[clock].isNull)
    }
  }
}
