import Testing
import TraceCore
import TraceIO
import YAMLInput

@testable import Importers

/// What a map's entry leaves out is as the capture, or the native trace, has it.
struct MapRegionTests {
  private func map(_ entries: String...) throws(TraceError) -> TraceMap {
    try TraceMap(
      YAMLDocument(
        text: "regions:\n" + entries.map { "  - { \($0) }\n" }.joined(), file: "m.yaml"))
  }

  private static let registers = "registers: [ { name: CTL, offset: 4 } ]"

  /// The region of a name in a capture that is imported with a map.
  private func region(
    _ name: String, of text: String, as format: ImportFormat, _ map: TraceMap
  ) throws -> Region {
    var options = ImportOptions()
    options.regions = map.entries
    let source = try format.open(MemorySource(Array(text.utf8)), name: "t", options: options)
    let block = Block()
    while try source.next(into: block) {}
    let id = try #require(source.context.regions.first(named: name))
    return source.context.regions[id]
  }

  /// Limited by region, a map of a few KiB would fill any memory.
  @Test func `a map's registers are limited in all`() throws {
    func registers(_ count: Int) -> String {
      "size: 0x100000, registers: [ { name: R, offset: 0, count: \(count) } ]"
    }
    let most = try map(
      "name: a, base: 0, \(registers(65_535))", "name: b, base: 0x100000, \(registers(1))")
    #expect(most.regions.map { $0.registers?.count } == [65_535, 1])
    let error = #expect(throws: TraceError.self) {
      _ = try map(
        "name: a, base: 0, \(registers(65_535))", "name: b, base: 0x100000, \(registers(2))")
    }
    #expect(error?.message.contains("more than 65536 registers in the map") == true)
    #expect(error?.line == 3)
  }

  /// 0x0008 is bus 0, device 1; BAR 1 is neither prefetchable nor 64 bits wide (PCI Local Bus 3.0,
  /// section 6.2.5.1), BAR 4 both.
  private static let pciDevice = """
    VERSION 20070824
    PCIDEV 0008 1af41001 15 c001 febd4000 0 0 c04000000c 0 0 80 1000 0 0 4000 0 0 virtio-pci
    W 4 1.000000 1 0xfebd4004 0x1 0x0 0

    """

  @Test(arguments: [
    ("name: \"0000:00:01.0 bar 1\"", "0000:00:01.0 bar 1"),
    ("name: ctl, base: 0xfebd4000, size: 0x1000", "ctl"),
    ("name: ctl, bdf: 00:01.0, bar: 1", "ctl"),
  ])
  func `a BAR stays as little prefetchable as its device says`(
    entry: String, name: String
  ) throws {
    let found = try region(
      name, of: Self.pciDevice, as: .mmiotrace, map("\(entry), \(Self.registers)"))
    #expect(found.prefetchable == false && found.is64Bit == false)
    #expect(found.bar == 1 && found.function == PCIFunction("0000:00:01.0"))
    #expect(found.base == 0xfebd_4000 && found.size == 0x1000)
    #expect(found.kind == .bar && found.vfioEligible)
    #expect(found.registers?.map(\.name) == ["CTL"])
  }

  @Test func `what the map gives goes before the capture`() throws {
    let found = try region(
      "0000:00:01.0 bar 1", of: Self.pciDevice, as: .mmiotrace,
      map("name: \"0000:00:01.0 bar 1\", prefetchable: true, vfio: false, stage1: normal-nc"))
    #expect(found.prefetchable == true && found.is64Bit == false)
    #expect(!found.vfioEligible && found.stage1 == 0x44 && found.origin == .map)
  }

  @Test func `a device of the SoC stays one`() throws {
    let text = "MMIO: R.4   0x1010 (uart, offset 0x10) = 0x1\n"
    let named = try region("uart", of: text, as: .m1n1, map("name: uart, \(Self.registers)"))
    #expect(named.kind == .platform && !named.vfioEligible && named.origin == .capture)
    #expect(named.registers?.count == 1)
    // That it is a BAR after all is for the map to say, and with it that VFIO may map it.
    let bar = try region("uart", of: text, as: .m1n1, map("name: uart, kind: bar"))
    #expect(bar.kind == .bar && bar.vfioEligible && bar.origin == .map)
  }

  /// Flags 0x3: to be read and written, not mapped (Linux `vfio.h`).
  @Test(arguments: [
    ("name: \"0000:04:00.0 region2\"", "0000:04:00.0 region2"),
    ("name: nic, bdf: 04:00.0, bar: 2, base: 0x80000000, size: 0x1000", "nic"),
  ])
  func `a BAR that cannot be mapped stays unmapped`(entry: String, name: String) throws {
    let text = """
      vfio_region_setup Device 0000:04:00.0, region 2 "x", flags: 0x3, offset: 0x2, size: 0x1000
      vfio_region_write  (0000:04:00.0:region2+0x0, 0x1, 4)

      """
    let found = try region(name, of: text, as: .qemuLog, map("\(entry), \(Self.registers)"))
    #expect(!found.vfioEligible && found.kind == .bar && found.bar == 2)
    let told = try region(name, of: text, as: .qemuLog, map("\(entry), vfio: true"))
    #expect(told.vfioEligible)
  }

  private func trace(_ region: Region) -> TraceContext {
    let context = TraceContext(name: "t.mmt", format: "native")
    context.regions.add(region)
    return context
  }

  private static let known = Region(
    name: "a", base: 0x1000, size: 0x1000, kind: .platform,
    function: PCIFunction("0000:01:00.0"), prefetchable: false, is64Bit: true, stage1: 0x04,
    vfioEligible: true, sideEffects: [0...3], origin: .capture)

  @Test func `a native trace keeps what a map does not give`() throws {
    let context = trace(Self.known)
    try map("name: a, \(Self.registers)").amend(context)
    var expected = Self.known
    expected.registers = [Region.Register(name: "CTL", offset: 4, size: 4)]
    #expect(context.regions.regions == [expected])
    try map("name: a, kind: bar, bar: 3").amend(context)
    (expected.kind, expected.bar, expected.origin) = (.bar, 3, .map)
    #expect(context.regions.regions == [expected])
  }

  @Test func `a window of configuration space may get names of registers`() throws {
    var ecam = Self.known
    (ecam.kind, ecam.configLayout) = (.ecam, .cam)
    let context = trace(ecam)
    try map("name: a, \(Self.registers)").amend(context)
    #expect(context.regions.regions[0].kind == .ecam)
    #expect(context.regions.regions[0].configLayout == .cam)
  }

  /// Entries stand in line 2.
  @Test(arguments: [
    ("base: 0x2000, size: 0x1000", "base", "lies at 0x1000"),
    ("base: 0, size: 0x1000", "base", "lies at 0x1000"),
    ("size: 0x800, base: 0x1000", "size", "has 0x1000 bytes"),
    ("kind: ecam", "kind", "is of kind platform"),
  ])
  func `another place or kind than the trace has is an error at its key`(
    entry: String, key: String, says: String
  ) throws {
    let context = trace(Self.known)
    let error = #expect(throws: TraceError.self) { try map("name: a, \(entry)").amend(context) }
    let found = try #require(error)
    #expect(found.code == .configuration && found.file == "m.yaml" && found.line == 2)
    #expect(found.message.hasPrefix("regions[0].\(key): region 'a' of the trace \(says)"))
    #expect(context.regions.regions == [Self.known])
  }

  @Test func `a region that the trace does not have is an error at its name`() throws {
    let context = trace(Self.known)
    let error = #expect(throws: TraceError.self) {
      try map("name: a", "prefetchable: true, name: b").amend(context)
    }
    #expect(error?.line == 3)
    #expect(error?.message.hasPrefix("regions[1].name: the trace has no region 'b'") == true)
  }

  @Test func `the same place is none, and a region may grow to it`() throws {
    try map("name: a, base: 0x1000, size: 4KiB").amend(trace(Self.known))
    try map("name: a, size: 4KiB").amend(trace(Self.known))
    var part = Self.known
    (part.base, part.size) = (0x1800, 8)
    try map("name: a, base: 0x1000, size: 4KiB").amend(trace(part), isGrowing: true)
    #expect(throws: TraceError.self) {
      try map("name: a, base: 0x2000, size: 4KiB").amend(trace(part), isGrowing: true)
    }
  }
}
