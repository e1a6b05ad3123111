import ArmMemory
import PCIeModel
import Results
import Testing
import TraceCore
import YAMLInput

@testable import Profiles

@Suite struct ResolveTests {
  @Test func `the default scenario`() throws {
    let settings = try ProfileLibrary().resolve()
    #expect(settings.cpuName == "generic-arm64")
    #expect(settings.rootComplexName == "generic")
    #expect(settings.linkName == "gen4x16")
    #expect(settings.cpu.lineBytes == 64 && settings.cpu.buffers == 4)
    #expect(settings.cpu.storeIssuePs == 500 && settings.cpu.drainAfterNs == nil)
    #expect(settings.rootComplex == RootComplexProfile(split: .runs, ecrc: false))
    #expect(
      settings.link
        == LinkConfiguration(
          generation: 4, lanes: 16, maxPayload: 256, maxReadRequest: 512,
          readCompletionBoundary: 64, flit: false,
          flowControl: FlowControl(
            posted: .init(headers: 127, data: 444), nonPosted: .init(headers: 127, data: 112),
            loopPs: 300_000),
          dataLink: DataLink(ackLatencyPs: 300_000, replayPs: 612_000)))
    #expect(settings.device.readLatencyPs == 1_000_000)
    let keys = SettingKey.all.filter { $0.kind != .platform }
    #expect(settings.values.map(\.key) == keys.map(\.name).sorted())
  }

  @Test func `only a link that the user named counts as the user's choice`() throws {
    let library = ProfileLibrary()
    let silent = try library.resolve()
    let named = try library.resolve(link: ProfileLibrary.defaultLink)
    #expect(silent.link == named.link && silent.linkName == named.linkName)
    #expect(silent.values.allSatisfy { $0.status != .user })
    #expect(named.values.filter { $0.status == .user }.map(\.key) == ["link.gen", "link.lanes"])
  }

  struct Link: CustomTestStringConvertible {
    var text: String
    var generation = 0
    var lanes = 0
    var flit = false
    var error = ""
    var testDescription: String { text }
  }

  @Test(arguments: [
    Link(text: "gen1x1", generation: 1, lanes: 1), Link(text: "gen3x8", generation: 3, lanes: 8),
    Link(text: "gen5x32", generation: 5, lanes: 32),
    Link(text: "gen6x16", generation: 6, lanes: 16, flit: true),
    Link(text: "gen7x12", generation: 7, lanes: 12, flit: true),
    Link(text: "gen4x16,mps=512,mrrs=4096,rcb=128,ph=0,pd=0", generation: 4, lanes: 16),
    Link(text: "", error: "expected genGxL"), Link(text: "x16", error: "expected genGxL"),
    Link(text: "gen4", error: "expected genGxL"), Link(text: "gen4x4x4", error: "expected genGxL"),
    Link(text: "Gen4x16", error: "expected genGxL"),
    Link(text: "genx16", error: "gen '' is not allowed: 1 to 7"),
    Link(text: "gen0x16", error: "gen '0' is not allowed: 1 to 7"),
    Link(text: "gen8x16", error: "gen '8' is not allowed: 1 to 7"),
    Link(text: "gen4x3", error: "lanes '3' is not allowed: 1, 2, 4, 8, 12, 16, 32"),
    Link(text: "gen4x0x10", error: "expected genGxL"),
    Link(text: "gen4x16,", error: "'' is no KEY=VALUE"),
    Link(text: "gen4x16,mps", error: "'mps' is no KEY=VALUE"),
    Link(text: "gen4x16,mps=300", error: "mps '300' is not allowed: 128, 256, 512"),
    Link(text: "gen4x16,mps=0x100", error: "mps '0x100' is not allowed"),
    Link(text: "gen4x16,mps=256,mps=256", error: "'mps' is given twice"),
    Link(text: "gen4x16,msp=256", error: "unknown option 'msp'; known are mps, mrrs"),
    Link(text: "gen4x16,flit=true", error: "unknown option 'flit'"),
    Link(text: "gen4x16,rcb=32", error: "rcb '32' is not allowed: 64, 128"),
    Link(text: "gen4x16,ph=99999999999999999999", error: "is not allowed: 0 to 2032"),
    Link(text: "gen4x16 ", error: "lanes '16 ' is not allowed"),
  ])
  func `the link's grammar`(_ row: Link) throws {
    let library = ProfileLibrary()
    if row.error.isEmpty {
      let settings = try library.resolve(link: row.text)
      #expect(settings.link.generation == row.generation)
      #expect(settings.link.lanes == row.lanes)
      #expect(settings.link.flit == row.flit)
      #expect(settings.linkName == row.text)
    } else {
      let error = failure { () throws(TraceError) in try library.resolve(link: row.text) }
      #expect(error.hasPrefix("configuration: link '\(row.text)': "), "\(error)")
      #expect(error.contains(row.error), "\(error)")
    }
  }

  @Test func `options of the link reach the configuration with their source`() throws {
    let text = "gen5x8,mps=512,mrrs=1024,rcb=128,ph=32,pd=64"
    let settings = try ProfileLibrary().resolve(link: text)
    let link = settings.link
    #expect(link.maxPayload == 512 && link.maxReadRequest == 1024)
    #expect(link.readCompletionBoundary == 128)
    #expect(link.flowControl.posted == .init(headers: 32, data: 64))
    let mps = try #require(settings.values.first { $0.key == "link.mps" })
    #expect(
      mps
        == Setting(
          key: "link.mps", value: .integer(512), unit: "bytes", source: "--link \(text)",
          status: .user))
  }

  @Test func `a set wins over the link, and the link's name says so`() throws {
    let settings = try ProfileLibrary().resolve(
      link: "gen4x16,mps=256", overrides: ["link.mps=512", "link.gen=6", "link.rcb=128"])
    #expect(settings.linkName == "gen6x16,mps=512")
    #expect(settings.link.flit, "generation 6 has flit mode, however it was chosen")
  }

  @Test(arguments: [
    ("cpu.bufers=4", "unknown key 'cpu.bufers'; did you mean 'cpu.buffers'?"),
    ("buffers=4", "unknown key 'buffers'; did you mean 'cpu.buffers'?"),
    ("mps=256", "unknown key 'mps'; did you mean 'link.mps'?"),
    ("nonsense=4", "unknown key 'nonsense'"), ("cpu.buffers", "expected KEY=VALUE"),
    ("", "expected KEY=VALUE"), ("=", "unknown key ''"),
    ("cpu.buffers=4=4", "'4=4' is not allowed: 1 to 64"),
  ])
  func `a wrong override names the key`(text: String, message: String) throws {
    let library = ProfileLibrary()
    let error = failure { () throws(TraceError) in try library.resolve(overrides: [text]) }
    #expect(error.hasPrefix("configuration: --set \(text): \(message)"), "\(error)")
  }

  @Test func `a key set twice is an error`() throws {
    let library = ProfileLibrary()
    let error = failure { () throws(TraceError) in
      try library.resolve(overrides: ["cpu.buffers=4", "cpu.buffers=4"])
    }
    #expect(error == "configuration: --set cpu.buffers=4: 'cpu.buffers' is set twice")
  }

  @Test func `posted data credits must hold the largest payload`() throws {
    // 4096 bytes are 256 credits of 16 bytes.
    let library = ProfileLibrary()
    _ = try library.resolve(link: "gen4x16,mps=4096,pd=256")
    _ = try library.resolve(link: "gen4x16,mps=4096,pd=0")
    let error = failure { () throws(TraceError) in
      try library.resolve(link: "gen4x16,mps=4096,pd=255")
    }
    #expect(error.contains("link.pd 255") && error.contains("at least 256, or 0"), "\(error)")
  }

  @Test func `flit mode cannot be switched off where nothing else exists`() throws {
    let library = ProfileLibrary()
    _ = try library.resolve(link: "gen5x16", overrides: ["link.flit=false"])
    let error = failure { () throws(TraceError) in
      try library.resolve(link: "gen6x16", overrides: ["link.flit=false"])
    }
    #expect(error == "configuration: link.flit false: generation 6 has flit mode only")
  }

  @Test(arguments: [
    ("neoverse-v3", "no cpu profile 'neoverse-v3'; did you mean 'neoverse-v2'?"),
    ("zzz", "no cpu profile 'zzz'; known are generic-arm64, neoverse-n1"),
    ("minimal", "no cpu profile 'minimal'; known are"),
  ])
  func `an unknown profile names the known ones`(name: String, message: String) throws {
    let library = ProfileLibrary()
    let error = failure { () throws(TraceError) in try library.resolve(cpu: name) }
    #expect(error.hasPrefix("configuration: \(message)"), "\(error)")
  }

  @Test(arguments: [
    ("link.pd=15", "link.pd 15 is less than one TLP"),
    ("link.cpld=15", "link.cpld 15 is less than one TLP"),
    ("link.replay_buffer_bytes=287", "at least 288"),
    ("link.memory_vc=2", "not allowed: 0, 1"), ("link.header_scale=2", "not allowed: 1, 4, 16"),
  ])
  func `values that would hold a TLP for ever are refused`(set: String, reason: String) {
    let error = #expect(throws: TraceError.self) {
      try ProfileLibrary().resolve(overrides: [set])
    }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test func `scaled credits come in whole groups`() throws {
    let settings = try ProfileLibrary().resolve(overrides: ["link.header_scale=4", "link.nph=4"])
    #expect(settings.link.flowControl.headerScale == 4)
    let error = #expect(throws: TraceError.self) {
      try ProfileLibrary().resolve(overrides: ["link.header_scale=4", "link.nph=3"])
    }
    #expect(error?.message.contains("link.nph 3 is less than one group") == true)
  }
}
