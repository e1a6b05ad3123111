import Foundation
import PCIeModel
import Results
import Testing
import TraceCore
import YAMLInput

@testable import Profiles

@Suite struct BuiltInProfileTests {
  @Test func `every built-in profile decodes and holds every key of its kind`() throws {
    let library = ProfileLibrary()
    #expect(try library.profiles().count == BuiltInProfiles.files.count)
    for profile in try library.profiles() {
      let keys = SettingKey.keys(of: profile.kind).map(\.name).sorted()
      #expect(profile.settings.map(\.key) == keys, "\(profile.name)")
      #expect(
        library.yaml(profile.kind, named: profile.name) != nil,
        "the file of \(profile.name) is not named after it")
    }
  }

  /// A file that the package does not name is not embedded, and what is not embedded does not build;
  /// so a file alone could go unnoticed.
  @Test func `every file of the folder is built in`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let files = try FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: "Sources/Profiles/Data").path)
    let profiles = files.filter { $0.hasSuffix(".yaml") && $0 != "traffic.yaml" }
    #expect(BuiltInProfiles.files.map(\.name).sorted() == profiles.sorted())
  }

  /// One that extends another asks for it, whether or not that was decoded before.
  @Test func `a built-in profile is the same, whichever was asked for before`() throws {
    let all = try ProfileLibrary().profiles()
    for profile in all.reversed() {
      let alone = try #require(
        try ProfileLibrary().builtIn(profile.kind, named: profile.name), "\(profile.name)")
      #expect(alone.extends == profile.extends && alone.settings == profile.settings)
    }
    #expect(all.contains { $0.extends != nil })
    #expect(try ProfileLibrary().builtIn(.cpu, named: "minimal") == nil)
  }

  /// The names that the command's contract gives.
  @Test func `the names are those of the contract`() throws {
    let library = ProfileLibrary()
    #expect(
      library.names(of: .cpu) == ["generic-arm64", "neoverse-n1", "neoverse-v2", "x86-wc"])
    #expect(library.names(of: .rc) == ["generic", "minimal", "aligned", "qword"])
    #expect(library.names(of: .device) == ["generic", "intel-pf-tile", "intel-gts"])
    #expect(
      library.names(of: .platform) == [
        "pcie-server", "pcie-server-dpc", "firmware-first", "rpi-cm4", "cadence-pcie", "soc-device",
      ])
    #expect(library.names(of: .link).count == 49)
    for name in library.names(of: .link) { _ = try library.resolve(link: name) }
  }

  @Test func `the keys are those of the contract`() {
    let expected = [
      "cpu.buffers", "cpu.device_ack_ns", "cpu.device_bus_bytes", "cpu.device_drains_nc",
      "cpu.device_writes_in_flight", "cpu.drain_after_ns", "cpu.evict", "cpu.line_bytes",
      "cpu.load_breaks_gather", "cpu.loads_in_flight", "cpu.lse2", "cpu.nc_load",
      "cpu.normal_loads_in_flight",
      "cpu.single_stream", "cpu.store_issue_ns", "cpu.trap_drains", "cpu.zap_drains",
      "device.af_flr_wait_ns",
      "device.config_latency_ns", "device.conventional_pci_wait_ns",
      "device.conventional_reset_wait_ns", "device.flr_completion", "device.flr_nonposted",
      "device.flr_posted", "device.flr_wait_ns", "device.link_training_start_ns",
      "device.pm_wait_ns", "device.read_latency_ns", "device.ready_limit_ns", "device.sbr_hold_ns",
      "device.vf_enable_wait_ns", "link.ack_latency_ns", "link.cpld", "link.cplh",
      "link.credit_loop_ns", "link.data_scale", "link.flit", "link.gen", "link.header_scale",
      "link.lanes", "link.memory_vc", "link.mps", "link.mrrs", "link.npd", "link.nph", "link.pd",
      "link.ph", "link.rcb", "link.replay_buffer_bytes", "link.replay_every", "link.replay_ns",
      "platform.aer", "platform.attachment", "platform.completion_timeout_us",
      "platform.device_load_abort", "platform.dpc", "platform.error_class",
      "platform.external_aborts", "platform.failed_read", "platform.failed_write",
      "platform.firmware_panics", "platform.normal_load_abort", "platform.poisoned_read",
      "platform.ras", "platform.serror_taken", "platform.speculative_abort",
      "platform.store_abort", "platform.strict_store_abort", "platform.timed_out_read",
      "rc.completion_timeout_ns", "rc.config_writes_posted", "rc.ecam_shares_region", "rc.ecrc",
      "rc.serialisation_point", "rc.split",
    ]
    #expect(SettingKey.all.map(\.name).sorted() == expected)
  }

  @Test func `every value says where it comes from, and our own pages are no source`() throws {
    for setting in try ProfileLibrary().profiles().flatMap(\.settings) {
      #expect(setting.source.count > 20, "\(setting.key): \(setting.source)")
      #expect(!setting.source.contains(".md") && !setting.source.contains("reference/"))
      #expect(setting.status != .user)
      #expect(setting.unit == SettingKey.named(setting.key)?.unit)
    }
  }

  /// A number that is called specified or measured must name its document.
  @Test func `what is not assumed names a document`() throws {
    let documents = [
      "raspberry-pi-pcie-devices issue",
      "Arm ARM DDI 0487", "PCI Express Base Specification", "Intel SDM", "Linux", "linux-rdma",
      "tenstorrent/tt-umd", "Intel community", "SIGCOMM 2018", "MindShare",
      "Intel P-Tile and F-Tile", "Intel GTS",
    ]
    for setting in try ProfileLibrary().profiles().flatMap(\.settings)
    where setting.status != .assumed {
      #expect(
        documents.contains { setting.source.contains($0) }, "\(setting.key): \(setting.source)")
    }
  }

  struct Fact: CustomTestStringConvertible {
    var cpu: String
    var key: String
    var value: String
    var testDescription: String { "\(cpu) \(key) = \(value)" }
  }

  /// What the model's text demands of the defaults.
  @Test(arguments: [
    Fact(cpu: "generic-arm64", key: "cpu.device_bus_bytes", value: "8"),
    Fact(cpu: "generic-arm64", key: "cpu.nc_load", value: "access"),
    Fact(cpu: "generic-arm64", key: "cpu.device_drains_nc", value: "false"),
    Fact(cpu: "generic-arm64", key: "cpu.trap_drains", value: "false"),
    Fact(cpu: "generic-arm64", key: "cpu.drain_after_ns", value: "never"),
    Fact(cpu: "generic-arm64", key: "cpu.load_breaks_gather", value: "false"),
    Fact(cpu: "neoverse-n1", key: "cpu.device_drains_nc", value: "false"),
    Fact(cpu: "neoverse-v2", key: "cpu.load_breaks_gather", value: "true"),
    Fact(cpu: "neoverse-v2", key: "cpu.device_drains_nc", value: "false"),
    Fact(cpu: "neoverse-v2", key: "cpu.line_bytes", value: "64"),
    // FEAT_LSE2 is mandatory from Armv8.4; N1 is Armv8.2 and its Linux does not report uscat.
    Fact(cpu: "neoverse-v2", key: "cpu.lse2", value: "true"),
    Fact(cpu: "neoverse-n1", key: "cpu.lse2", value: "false"),
    Fact(cpu: "x86-wc", key: "cpu.device_drains_nc", value: "true"),
    Fact(cpu: "x86-wc", key: "cpu.device_writes_in_flight", value: "1"),
  ])
  func `the profiles keep the model's defaults`(_ fact: Fact) throws {
    let values = try ProfileLibrary().resolve(cpu: fact.cpu).values
    #expect(values.first { $0.key == fact.key }?.value.text == fact.value)
  }

  @Test func `root complex profiles are named after their split`() throws {
    let library = ProfileLibrary()
    let splits = try library.names(of: .rc).map { try library.resolve(rc: $0).rootComplex.split }
    #expect(splits == [.runs, .minimal, .aligned, .qword])
  }
}
