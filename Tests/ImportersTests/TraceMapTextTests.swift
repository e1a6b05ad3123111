import Testing
import TraceCore
import YAMLInput

@testable import Importers

/// A trace's regions as a map.
struct TraceMapTextTests {
  @Test func `a map that is read gives the regions that it was written from`() throws {
    let context = TraceContext(name: "t", format: "csv")
    let function = PCIFunction(bus: 1, device: 0, function: 3)
    let written = [
      Region(
        name: "bar \"2\", \\ a: #b\n\u{7f}é", base: 0x80_0000_0000, size: 0x200_0000,
        function: function, bar: 2, prefetchable: true, is64Bit: true, stage1: 0x44,
        vfioEligible: false, sideEffects: [0x40...0x43, 0x100...0x100], origin: .map),
      Region(
        name: "ecam", base: 0x40_1000_0000, size: 0x100_0000, kind: .ecam, origin: .map,
        configLayout: .cam),
      Region(
        name: "uart", base: 0, size: 1, kind: .platform, vfioEligible: true, origin: .map),
      Region(name: "no window", base: 0, size: 0, origin: .map),
    ]
    for region in written { context.regions.add(region) }
    context.regions.add(Region(name: "config", base: 0, size: 0, kind: .config, origin: .capture))
    let vfio = Region(
      name: "vfio config", base: 0, size: 0, kind: .config, vfioEligible: true, origin: .map)
    context.regions.add(vfio)
    let text = try TraceMapText(context, dumpName: "x.lspci")
    #expect(text.leftOut.isEmpty && text.dump == nil)
    let map = try TraceMap(YAMLDocument(text: text.map, file: "map.yaml"))
    #expect(map.regions == Array(written[..<3]))
    #expect(map.regionsWithoutBase == [written[3], vfio])
    #expect(map.configImages.isEmpty)
  }

  /// Of a region's fields a map has no key for who chose its base and whether it grew, and is the
  /// origin itself.
  @Test func `every field of a region comes back`() throws {
    var region = Region(
      name: "nic", base: 0x40_0000_0000, size: 0x2000, kind: .bar,
      function: PCIFunction("0002:81:00.3"), bar: 2, prefetchable: false, is64Bit: true,
      stage1: 0x04, vfioEligible: false, sideEffects: [0x40...0x43], origin: .map)
    region.registers = [
      Region.Register(name: "CAP: \"x\"", offset: 0, size: 8),
      Region.Register(name: "SQ[0]", offset: 0x1000, size: 4),
      Region.Register(name: "SQ[1]", offset: 0x1008, size: 4),
    ]
    let ecam = Region(
      name: "ecam", base: 0x4000_0000, size: 0x100_0000, kind: .ecam, vfioEligible: true,
      origin: .map, configLayout: .cam)
    // A field that is new has to get a value here, and a key in the map.
    for field in Mirror(reflecting: region).children
    where !["isBaseAssumed", "isGrown"].contains(field.label) {
      let isSet = ["configLayout"].contains(field.label) || !isEmpty(field.value)
      #expect(isSet, "\(field.label ?? "")")
    }
    let context = TraceContext(name: "t", format: "csv")
    for written in [region, ecam] { context.regions.add(written) }
    let text = try TraceMapText(context, dumpName: "x")
    #expect(try TraceMap(YAMLDocument(text: text.map, file: "m")).regions == [region, ecam])
    #expect(text.leftOutRegisters == 0)
  }

  private func isEmpty(_ value: Any) -> Bool {
    let mirror = Mirror(reflecting: value)
    return [.optional, .collection].contains(mirror.displayStyle) && mirror.children.isEmpty
  }

  /// A window that grew with its accesses may be smaller than what a map knew of it.
  @Test func `registers outside of their region's window are left out and counted`() throws {
    let context = TraceContext(name: "t", format: "csv")
    var region = Region(
      name: "a", base: 0x1000, size: 0x10, sideEffects: [0xc...0xf, 0xf...0x10], origin: .map)
    region.registers = [
      Region.Register(name: "IN", offset: 0xc, size: 4),
      Region.Register(name: "ACROSS", offset: 0xe, size: 4),
      Region.Register(name: "OUT", offset: 0x10, size: 4),
    ]
    context.regions.add(region)
    let text = try TraceMapText(context, dumpName: "x")
    let read = try TraceMap(YAMLDocument(text: text.map, file: "m")).regions
    #expect(read.first?.registers?.map(\.name) == ["IN"])
    #expect(read.first?.sideEffects == [0xc...0xf])
    #expect(text.leftOutRegisters == 3)
  }

  /// 20,000 rows of more than 53 bytes are more than 1 MiB.
  @Test func `a map that could not be read is not written`() {
    let context = TraceContext(name: "t", format: "csv")
    for number in 0..<20_000 as Range<UInt64> {
      context.regions.add(
        Region(name: "region \(number)", base: number << 32, size: 4096, origin: .capture))
    }
    let error = #expect(throws: TraceError.self) { try TraceMapText(context, dumpName: "x") }
    #expect(error?.code == .range && error?.message.contains("20000 regions") == true)
  }

  @Test func `names and windows that meet others are left out and named`() throws {
    let context = TraceContext(name: "t", format: "csv")
    for (name, base, size) in [
      ("a", 0x1000, 0x100), ("b", 0x10ff, 1), ("a", 0x9000, 1), ("c", 0x1100, 1), ("d", 0, 0),
    ] as [(String, UInt64, UInt64)] {
      context.regions.add(Region(name: name, base: base, size: size, origin: .capture))
    }
    #expect(try TraceMapText(context, dumpName: "x").leftOut == ["b", "a"])
  }

  @Test func `images are a dump as lspci prints it`() throws {
    let context = TraceContext(name: "t", format: "csv")
    let function = PCIFunction(bus: 1, device: 0, function: 3)
    context.configImages[function] = (0..<272).map { UInt8($0 & 0xff) }
    let text = try TraceMapText(context, dumpName: "x.lspci")
    let lines = try #require(text.dump).split(separator: "\n")
    #expect(lines.count == 18)
    #expect(lines[0] == "0000:01:00.3 device")
    #expect(lines[1] == "00: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")
    #expect(lines[17] == "100: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")
    #expect(text.map.hasSuffix("functions:\n  - { bdf: \"0000:01:00.3\", lspci: \"x.lspci\" }\n"))
  }
}
