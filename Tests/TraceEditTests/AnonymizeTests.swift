import Importers
import Testing
import TraceCore
import TraceIO

@testable import TraceEdit

/// What an anonymous trace keeps and what it does not.
struct AnonymizeTests {
  /// A trace as ``AnonymizedSource`` gives it, with what it says of itself at its end.
  private func anonymized(
    _ csv: String, epoch: UInt64 = 0, _ change: (TraceContext) -> Void = { _ in }
  ) throws -> (rows: [[Substring]], context: TraceContext) {
    let first = TraceSurvey(try source(csv))
    _ = try rows(first)
    let whole = try source(csv)
    change(whole.context)
    let anonymous = AnonymizedSource(
      whole, regions: first.context.regions.regions, accessSizes: first.accessSizes,
      epoch: epoch, seed: 9)
    let cells = try rows(anonymous).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    return (cells, anonymous.context)
  }

  // Columns of a row without its record number: t_ns 0, op 2, addr 3, value 5.

  @Test func `the earliest stamp becomes 0, distances stay`() throws {
    let csv = """
      store,0,0x1000,8,,1795893106295228000,,,a
      store,0,0x1008,8,,,,,a
      store,0,0x1010,8,,1795893106295228900,,,a
      store,0,0x1018,8,,1795893106295227000,,,a

      """
    let earliest = TraceSurvey(try source(csv))
    _ = try rows(earliest)
    // By hand: the last of the four.
    #expect(earliest.earliest == 1_795_893_106_295_227_000)
    let epoch = try #require(earliest.earliest)
    let stamps = try anonymized(csv, epoch: epoch).rows.map { String($0[0]) }
    #expect(stamps == ["1000", "", "1900", "0"])
    let untimed = TraceSurvey(try source("store,0,0x1000,8,,,,,a\n"))
    _ = try rows(untimed)
    #expect(untimed.earliest == nil)
  }

  @Test func `kernel virtual addresses move, too`() throws {
    let csv = "store,0,0xffff800080c28134,4,0x8,1,,,\nload,0,0xffff800080c28008,4,0x1,2,,,\n"
    let result = try anonymized(csv)
    let addresses = result.rows.compactMap { UInt64($0[3].dropFirst(2), radix: 16) }
    #expect(addresses.count == 2 && addresses[0] - addresses[1] == 0x12c)
    #expect(addresses[0] % 4096 == 0x134)
    // Above 4 GiB, so that headers keep their length; below 2^46.
    #expect(addresses.allSatisfy { $0 >= 1 << 32 && $0 < 1 << 46 })
    #expect(result.context.counters["anonymize_region_kept"] == 0)
  }

  @Test func `what a slice was cut from is not told`() throws {
    var selection = SliceSelection()
    selection.regions = ["secret"]
    let csv = "store,0,0x1000,8,0x1,10,,,secret\nstore,0,0x9000,8,0x2,11,,,other\n"
    let whole = SlicedSource(try source(csv, name: "hidden.csv"), selection)
    let anonymous = AnonymizedSource(
      whole, regions: try source(csv).context.regions.regions, accessSizes: [], epoch: 0,
      seed: 9)
    _ = try rows(anonymous)
    #expect(
      whole.context.blindSpots.contains { $0.contains("hidden.csv") && $0.contains("secret") })
    #expect(anonymous.context.blindSpots.contains("A slice of another trace."))
    for text in anonymous.context.blindSpots {
      #expect(!text.contains("hidden") && !text.contains("secret"))
    }
    #expect(anonymous.context.counters["slice_left_out"] == 1)
  }

  @Test func `registers keep their places and lose their names`() throws {
    var region = Region(name: "secret", base: 0x1000, size: 0x1000, origin: .map)
    region.registers = [
      Region.Register(name: "SECRET_DOORBELL", offset: 8, size: 4),
      Region.Register(name: "SECRET_STATUS[0]", offset: 0x10, size: 2),
    ]
    let context = try anonymized("mark,0,,,,1,begin,,\n") { $0.regions.add(region) }.context
    #expect(
      context.regions.regions.first?.registers == [
        Region.Register(name: "register 1", offset: 8, size: 4),
        Region.Register(name: "register 2", offset: 0x10, size: 2),
      ])
  }

  @Test func `counters that are named after events lose their names`() throws {
    let context = try anonymized("store,0,0x1000,8,0x1,10,,,a\n") { context in
      context.counters.add("other_event_pci_nvme_pci_reset", 12, meaning: "left out")
      context.counters.add("other_event_vtd_dmar", 3, meaning: "left out")
      context.counters.add("blank_line", 1, meaning: "blank")
    }.context
    let counts = context.counters.rows.map { "\($0.name) \($0.count)" }
    #expect(counts == ["other_event_1 12", "other_event_2 3", "blank_line 1"])
  }

  /// Rows of config accesses: register, value, four bytes each.
  private func config(_ registers: [(Int, UInt32)], size: Int = 4) -> String {
    registers.map { register, value in
      "config_read,0,0x\(String(register, radix: 16)),\(size),0x\(String(value, radix: 16)),,,01:00.0,\n"
    }.joined()
  }

  @Test func `serial numbers and registers of vendors are replaced, others not`() throws {
    // By hand, after PCIe Base 5.0, section 7.9: vendor-specific (0x09, 12 bytes) at 0x40, vital
    // product data (0x03) at 0x50, express (0x10) at 0x60; extended: serial number (3) at 0x100,
    // vendor-specific (0x0b, 12 bytes) at 0x110, error reporting (1) at 0x140.
    let registers: [(register: Int, value: UInt32, isNamed: Bool)] = [
      (0x34, 0x0000_0040, false),
      (0x40, 0x420c_5009, false), (0x44, 0x1234_5678, true), (0x48, 0x89ab_cdef, true),
      (0x4c, 0x1111_2222, false), (0x50, 0x0008_6003, false), (0x54, 0x6162_6364, true),
      (0x60, 0x0002_0010, false), (0x64, 0x1000_8de2, false), (0x68, 0x0000_a810, false),
      (0x100, 0x1101_0003, false), (0x104, 0x5254_00ab, true), (0x108, 0xcdef_1234, true),
      (0x10c, 0x7777_8888, false), (0x110, 0x1401_000b, false), (0x114, 0x00c0_1234, false),
      (0x118, 0x2468_ace2, true), (0x140, 0x0001_0001, false), (0x144, 0x0046_2030, false),
    ]
    let csv = config(registers.map { ($0.register, $0.value) })
    let result = try anonymized(csv).rows.map { UInt32($0[5].dropFirst(2), radix: 16) ?? 0 }
    for (row, value) in zip(registers, result) {
      // Byte 0x43, above the length, is the vendor's.
      let isVendor = row.register == 0x40
      let mask: UInt32 = isVendor ? 0x00ff_ffff : .max
      let place = String(row.register, radix: 16)
      #expect((value & mask == row.value & mask) == !row.isNamed, "0x\(place)")
      if isVendor { #expect(value != row.value) }
    }
  }

  @Test func `a bridge's windows are replaced, its buses are not`() throws {
    // PCIe Base 5.0, section 7.5.1.3: header type 1, buses 0 1 1, windows from 0x1c on.
    let csv = config([
      (0x0c, 0x0001_0010), (0x18, 0x0001_0100), (0x20, 0x11f0_11e0), (0x24, 0x8013_7f12),
      (0x3c, 0x0002_01ff),
    ])
    let values = try anonymized(csv).rows.map { String($0[5]) }
    #expect(values[0] == "0x10010" && values[1] == "0x10100" && values[4] == "0x201ff")
    #expect(values[2] != "0x11f011e0" && values[3] != "0x80137f12")
    // Of a device they are BARs, with the flags that they have.
    let device = try anonymized(config([(0x20, 0x11f0_000c)])).rows[0][5]
    #expect(device != "0x11f0000c" && device.hasSuffix("00c"))
  }

  /// The image of a function tells where its serial number is, the access is to ECAM.
  @Test(arguments: [
    ("0000:00:00.0", "0000:02:00.0"), ("0000:80:00.0", "0000:82:00.0"),
    ("0003:00:00.0", "0003:02:00.0"), ("0003:f0:00.0", "0003:f2:00.0"),
  ])
  func `serial numbers are replaced in ECAM windows of any segment and start bus`(
    first: String, function: String
  ) throws {
    var image = [UInt8](repeating: 0, count: 4096)
    image.replaceSubrange(0x100..<0x104, with: [3, 0, 1, 0])
    var options = ImportOptions()
    options.regions = [
      MapRegion(
        Region(
          name: "ecam", base: 0x4000_0000, size: 0x100_0000, kind: .ecam,
          function: PCIFunction(first), origin: .map))
    ]
    // By hand, after PCIe Base 5.0, section 7.2.2: two buses of 1 MiB above the window's first.
    let csv =
      "op,vcpu,addr,size,value\nload,0,0x40200104,4,0x525400ab\n"
      + "load,0,0x40200144,4,0x525400ab\n"
    let whole = try ImportFormat.canonicalCSV.open(
      MemorySource(Array(csv.utf8)), name: "t", options: options)
    whole.context.configImages[try #require(PCIFunction(function))] = image
    let anonymous = AnonymizedSource(
      whole, regions: whole.context.regions.regions, accessSizes: [], epoch: 0, seed: 9)
    let values = try rows(anonymous).map { row in
      String(row.split(separator: ",", omittingEmptySubsequences: false)[5])
    }
    #expect(values.count == 2 && values[0] != "0x525400ab" && values[1] == "0x525400ab")
  }

  @Test func `images are anonymous as accesses are`() throws {
    var image = [UInt8](repeating: 0, count: 4096)
    image.replaceSubrange(0..<4, with: [0x86, 0x80, 0x72, 0x15])
    image.replaceSubrange(0x100..<0x10c, with: [3, 0, 1, 0, 1, 2, 3, 0x52, 0x54, 9, 8, 7])
    let function = PCIFunction(bus: 1, device: 0, function: 0)
    let context = try anonymized("store,0,0x1000,8,0x1,10,,,a\n") {
      $0.configImages[function] = image
    }.context
    let result = try #require(context.configImages[function])
    #expect(result[0..<4] != image[0..<4] && result[0x100..<0x104] == image[0x100..<0x104])
    // 0, 1 and 0xff stand for themselves.
    for register in 0x105..<0x10c { #expect(result[register] != image[register]) }
    #expect(result[0x10c...] == image[0x10c...])
  }

  /// PCIe Base 5.0, section 7.5.1.1.4: bit 4 of Status says that there is a list; all ones are the
  /// answer of a function that is gone.
  @Test func `lists end where replay has them end`() {
    func watch(status: UInt8, id: UInt8) -> CapabilityWatch {
      var bytes = [UInt8](repeating: 0, count: 256)
      (bytes[0x06], bytes[0x34]) = (status, 0x40)
      (bytes[0x40], bytes[0x41], bytes[0x50]) = (id, 0x50, 0x03)
      var watch = CapabilityWatch()
      watch.note(bytes[...], register: 0, function: 0)
      return watch
    }
    #expect(watch(status: 0x10, id: 0x05).names(0x54, of: 0))
    #expect(!watch(status: 0x00, id: 0x05).names(0x54, of: 0))
    #expect(!watch(status: 0x10, id: 0xff).names(0x54, of: 0))
  }

  @Test func `what is written to Status does not hide a list`() throws {
    // Vital product data (3) at 0x50, its data behind 4 bytes.
    let csv =
      "config_write,0,0x4,4,0x00000006,,,01:00.0,\n"
      + config([(0x34, 0x50), (0x50, 0x0008_0003), (0x54, 0x6162_6364)])
    #expect(try anonymized(csv).rows[3][5] != "0x61626364")
  }

  @Test func `lists that loop or lead outside end`() throws {
    var loops = CapabilityWatch()
    var bytes = [UInt8](repeating: 0x03, count: 4096)
    bytes[0x06] = 0x10
    bytes[0x34] = 0x40
    bytes[0x41] = 0x40
    loops.note(bytes[...], register: 0, function: 0)
    #expect(loops.names(0x44, of: 0) && !loops.names(0x40, of: 0))
    #expect(!loops.names(0x44, of: 1))
    // Past the end of a function's space nothing is kept.
    loops.note([1, 2, 3, 4], register: 4094, function: 2)
    #expect(!loops.names(4097, of: 2))
  }
}

/// Anonymous traces of captures in which every text holds one word.
struct AnonymousTextTests {
  private static let word = "zanzibar"

  /// A capture whose only region lies where that of others does.
  private func capture(_ number: Int) throws(TraceError) -> any BlockSource {
    var region = Region(
      name: "\(Self.word) \(number)", base: 0x1000, size: 0x1000, kind: .bar, origin: .map)
    region.registers = [Region.Register(name: "\(Self.word)_doorbell", offset: 0, size: 4)]
    var options = ImportOptions()
    options.regions = [MapRegion(region)]
    let rows = """
      op,vcpu,addr,size,value,t_ns,kind,bdf,pc
      mark,0,,,,1,\(Self.word) begins,,
      store,0,0x1004,4,0x1,2,,,\(Self.word)_write+0x8
      reset,0,,,,3,\(Self.word)_reset,01:00.0,

      """
    let source = try ImportFormat.canonicalCSV.open(
      MemorySource(Array(rows.utf8)), name: "\(Self.word) \(number).csv", options: options)
    source.context.counters.add("other_event_\(Self.word)", 1, meaning: "left out")
    return source
  }

  private func joined(_ purpose: SlicedSource.Purpose) throws(TraceError) -> SlicedSource {
    var selection = SliceSelection()
    selection.regions = ["\(Self.word) 1", "\(Self.word) 2"]
    selection.fromMark = "\(Self.word) begins"
    return SlicedSource(
      ConcatenatedSource([try capture(1), try capture(2)]), selection, for: purpose)
  }

  /// Everything that a context holds, whatever its fields are.
  private func everything(_ context: TraceContext) -> String {
    var text = ""
    dump(context, to: &text)
    return text.lowercased()
  }

  private func texts(_ value: Any) -> [String] {
    Mirror(reflecting: value).children.compactMap { $0.value as? String }
  }

  @Test(arguments: [SlicedSource.Purpose.slice, .filter])
  func `no name of the original is left`(purpose: SlicedSource.Purpose) throws {
    let original = try joined(purpose)
    _ = try rows(original)
    let context = original.context
    // That the word is in every text first: also in those that a region may have one day.
    #expect(context.regions.count == 2)
    for region in context.regions.regions {
      let all = texts(region) + (region.registers ?? []).flatMap(texts)
      #expect(all.count >= 2 && all.allSatisfy { $0.contains(Self.word) })
    }
    #expect(context.strings.count == 2 && context.callers.texts.count == 1)
    #expect((context.strings + context.callers.texts).allSatisfy { $0.contains(Self.word) })
    #expect(context.name.contains(Self.word))
    #expect(context.blindSpots.count { $0.contains(Self.word) } == 2)
    #expect(context.counters["other_event_\(Self.word)"] == 2)

    let anonymous = AnonymizedSource(
      try joined(purpose), regions: context.regions.regions, accessSizes: [], epoch: 0, seed: 3)
    let native = try NativeTraceReader(MemorySource(try nativeTrace(anonymous)))
    #expect(try !rows(native).joined(separator: "\n").contains(Self.word))
    #expect(native.context.regions.count == 2 && native.context.strings.count == 2)
    #expect(!everything(native.context).contains(Self.word))
  }

  @Test func `a reset keeps its name where that is known`() throws {
    let csv = "reset,0,,,,3,VFIO-pci-flr,01:00.0,\nreset,0,,,,4,in house,01:00.0,\n"
    let anonymous = AnonymizedSource(
      try source(csv), regions: [], accessSizes: [], epoch: 0, seed: 3)
    let names = try rows(anonymous).map { row in
      row.split(separator: ",", omittingEmptySubsequences: false).contains("VFIO-pci-flr")
    }
    #expect(names == [true, false])
    #expect(anonymous.context.strings == ["VFIO-pci-flr", "reset 2"])
  }
}
