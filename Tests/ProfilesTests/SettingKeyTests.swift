import ArmMemory
import Results
import Testing
import TraceCore

@testable import Profiles

/// Each key's range: both edges and both neighbours, through `--set`.
@Suite struct SettingKeyTests {
  struct Edges: CustomTestStringConvertible {
    var key: String
    var accepted: [String]
    var rejected: [String]
    var testDescription: String { key }
  }

  // Whoever looks one of the two up learns of the other.
  @Test func `loads in flight of one type point to those of the other`() {
    let keys = ["loads_in_flight", "normal_loads_in_flight"]
    for (key, other) in [(keys[0], keys[1]), (keys[1], keys[0])] {
      #expect(SettingKey.named("cpu." + key)?.meaning.contains(": " + other + ".") == true)
    }
  }

  static let flag = (accepted: ["true", "false"], rejected: ["yes", "1", "", "True"])
  static let time = (
    accepted: ["0", "0.001", "0.5", "12.25", "1000000", "999999.999"],
    rejected: ["1000000.001", "1000001", "-1", "0.0001", "1.", ".5", "1e3", "", "never", "1,5"]
  )
  static let count = (accepted: ["1", "1024", "0x10"], rejected: ["0", "1025", "-1", "1.5", ""])

  static let table: [Edges] =
    [
      Edges(key: "cpu.buffers", accepted: ["1", "64"], rejected: ["0", "65", "four", "", "4.0"]),
      Edges(key: "cpu.evict", accepted: ["lru", "fifo"], rejected: ["LRU", "random", ""]),
      Edges(
        key: "cpu.line_bytes", accepted: ["16", "32", "64", "128"],
        rejected: ["8", "15", "48", "256", "64 "]),
      Edges(key: "cpu.single_stream", accepted: flag.accepted, rejected: flag.rejected),
      Edges(key: "cpu.load_breaks_gather", accepted: flag.accepted, rejected: flag.rejected),
      Edges(key: "cpu.device_drains_nc", accepted: flag.accepted, rejected: flag.rejected),
      Edges(key: "cpu.trap_drains", accepted: flag.accepted, rejected: flag.rejected),
      Edges(key: "cpu.lse2", accepted: flag.accepted, rejected: flag.rejected),
      Edges(
        key: "cpu.drain_after_ns", accepted: ["never", "1", "1000000000000"],
        rejected: ["0", "1000000000001", "0.5", "Never", "18446744073709551615"]),
      Edges(
        key: "cpu.device_bus_bytes", accepted: ["1", "8", "64"], rejected: ["0", "3", "128"]),
      Edges(
        key: "cpu.store_issue_ns", accepted: ["0.001", "0.33", "1000000"],
        rejected: ["0", "0.000", "1000000.001", "0.0005"]),
      Edges(key: "cpu.device_writes_in_flight", accepted: count.accepted, rejected: count.rejected),
      Edges(key: "cpu.device_ack_ns", accepted: time.accepted, rejected: time.rejected),
      Edges(key: "cpu.loads_in_flight", accepted: count.accepted, rejected: count.rejected),
      Edges(key: "cpu.normal_loads_in_flight", accepted: count.accepted, rejected: count.rejected),
      Edges(key: "cpu.nc_load", accepted: ["access", "line"], rejected: ["word"]),
      Edges(
        key: "rc.split", accepted: ["runs", "minimal", "aligned", "qword"], rejected: ["run", ""]),
      Edges(key: "cpu.zap_drains", accepted: flag.accepted, rejected: flag.rejected),
      Edges(
        key: "rc.serialisation_point", accepted: ["interconnect", "root-complex"],
        rejected: ["rootComplex", ""]),
      Edges(key: "rc.ecam_shares_region", accepted: flag.accepted, rejected: flag.rejected),
      Edges(key: "rc.config_writes_posted", accepted: flag.accepted, rejected: flag.rejected),
      // 50 us to 64 s: the ranges of Device Control 2 (PCIe Base 5.0, 7.5.3.16).
      Edges(
        key: "rc.completion_timeout_ns", accepted: ["never", "50000", "64000000000"],
        rejected: ["0", "49999", "64000000001", "0.5"]),
      Edges(key: "rc.ecrc", accepted: flag.accepted, rejected: flag.rejected),
      Edges(key: "link.gen", accepted: ["1", "7"], rejected: ["0", "8"]),
      Edges(
        key: "link.lanes", accepted: ["1", "2", "4", "8", "12", "16", "32"],
        rejected: ["0", "3", "24", "64"]),
      Edges(
        key: "link.mps", accepted: ["128", "256", "512", "1024", "2048", "4096"],
        rejected: ["64", "127", "384", "8192"]),
      Edges(
        key: "link.mrrs", accepted: ["128", "256", "512", "1024", "2048", "4096"],
        rejected: ["64", "4095", "8192"]),
      Edges(key: "link.rcb", accepted: ["64", "128"], rejected: ["32", "96", "256"]),
      Edges(key: "link.ph", accepted: ["0", "1", "2032"], rejected: ["-1", "2033"]),
      // 16 is the least for the default 256-byte payload; see the test of both together.
      Edges(key: "link.pd", accepted: ["0", "16", "32752"], rejected: ["-1", "32753"]),
      Edges(key: "link.nph", accepted: ["0", "1", "2032"], rejected: ["-1", "2033"]),
      Edges(key: "link.npd", accepted: ["0", "1", "32752"], rejected: ["-1", "32753"]),
      Edges(key: "link.cplh", accepted: ["0", "1", "2032"], rejected: ["-1", "2033"]),
      Edges(key: "link.cpld", accepted: ["0", "16", "32752"], rejected: ["-1", "32753"]),
      Edges(
        key: "link.header_scale", accepted: ["1", "4", "16"], rejected: ["0", "2", "8", "64"]),
      Edges(key: "link.data_scale", accepted: ["1", "4", "16"], rejected: ["0", "2", "8", "64"]),
      Edges(key: "link.memory_vc", accepted: ["0", "1"], rejected: ["2", "-1", ""]),
      Edges(key: "link.ack_latency_ns", accepted: time.accepted, rejected: time.rejected),
      Edges(key: "link.replay_ns", accepted: time.accepted, rejected: time.rejected),
      Edges(
        key: "link.replay_buffer_bytes", accepted: ["0", "288", "1048576"],
        rejected: ["-1", "1048577"]),
      Edges(
        key: "link.replay_every", accepted: ["0", "1", "1000000000"],
        rejected: ["-1", "1000000001"]),
      Edges(key: "link.flit", accepted: flag.accepted, rejected: flag.rejected),
      Edges(key: "link.credit_loop_ns", accepted: time.accepted, rejected: time.rejected),
      Edges(key: "device.read_latency_ns", accepted: time.accepted, rejected: time.rejected),
      Edges(key: "device.config_latency_ns", accepted: time.accepted, rejected: time.rejected),
      Edges(
        key: "device.flr_posted", accepted: ["accepted", "discarded", "unsupported"],
        rejected: ["timeout", ""]),
      Edges(
        key: "device.flr_nonposted",
        accepted: ["accepted", "unsupported", "timeout"],
        rejected: ["discarded", ""]),
      Edges(
        key: "device.flr_completion",
        accepted: ["accepted", "discarded", "unexpected", "none"],
        rejected: ["unsupported", ""]),
    ] + waits

  /// Recovery times: whole ns up to 1000 s, no range.
  private static let waits = [
    "flr_wait_ns", "af_flr_wait_ns", "pm_wait_ns", "conventional_reset_wait_ns",
    "conventional_pci_wait_ns", "vf_enable_wait_ns", "sbr_hold_ns", "link_training_start_ns",
    "ready_limit_ns",
  ].map {
    Edges(
      key: "device." + $0, accepted: ["0", "1", "1000000000000"],
      rejected: ["-1", "0.5", "1000000000001", "never", ""])
  }

  @Test func `the table below has a row for every key`() {
    let keys = SettingKey.all.filter { $0.kind != .platform }
    #expect(Self.table.map(\.key).sorted() == keys.map(\.name).sorted())
  }

  @Test(arguments: table)
  func `a key takes its range and no more`(_ row: Edges) throws {
    let library = ProfileLibrary()
    for text in row.accepted {
      let settings = try library.resolve(overrides: ["\(row.key)=\(text)"])
      let value = try #require(settings.values.first { $0.key == row.key })
      #expect(value.status == .user && value.source == "--set")
    }
    for text in row.rejected {
      let error = failure { () throws(TraceError) in
        try library.resolve(overrides: ["\(row.key)=\(text)"])
      }
      #expect(
        error.hasPrefix("configuration: --set \(row.key)=\(text): '\(text)' is not allowed: "),
        "\(error)")
    }
  }

  @Test(arguments: table)
  func `every accepted value reaches the models`(_ row: Edges) throws {
    // Two different values of one key must give two different configurations.
    let library = ProfileLibrary()
    let distinct = row.accepted.filter { !["0x10"].contains($0) }
    let models = try distinct.map { text in
      let settings = try library.resolve(overrides: ["\(row.key)=\(text)"])
      return "\(settings.cpu)\(settings.rootComplex)\(settings.link)\(settings.device)"
        + "\(settings.recovery)\(settings.traffic)"
    }
    // Generation 7 also implies flit mode, which is no other key's business.
    #expect(Set(models).count == distinct.count)
  }

  /// Decimal ns by hand: three digits behind the point are ps.
  @Test(arguments: [
    ("0.33", 330), ("0.5", 500), ("1", 1000), ("1.001", 1001), ("300", 300_000), ("0.3", 300),
  ])
  func `nanoseconds become exact picoseconds`(text: String, ps: UInt64) throws {
    let settings = try ProfileLibrary().resolve(overrides: ["cpu.store_issue_ns=\(text)"])
    #expect(settings.cpu.storeIssuePs == ps)
    #expect(settings.values.first { $0.key == "cpu.store_issue_ns" }?.value.text == text)
  }

  @Test func `the drain timer is kept in ns, and never is nil`() throws {
    let library = ProfileLibrary()
    #expect(try library.resolve(overrides: ["cpu.drain_after_ns=40"]).cpu.drainAfterNs == 40)
    #expect(try library.resolve(overrides: ["cpu.drain_after_ns=never"]).cpu.drainAfterNs == nil)
  }
}
