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
    let text = TraceMapText(context, dumpName: "x.lspci")
    #expect(text.leftOut.isEmpty && text.dump == nil)
    let map = try TraceMap(YAMLDocument(text: text.map, file: "map.yaml"))
    #expect(map.regions == Array(written[..<3]))
    #expect(map.regionsWithoutBase == [written[3], vfio])
    #expect(map.configImages.isEmpty)
  }

  @Test func `names and windows that meet others are left out and named`() {
    let context = TraceContext(name: "t", format: "csv")
    for (name, base, size) in [
      ("a", 0x1000, 0x100), ("b", 0x10ff, 1), ("a", 0x9000, 1), ("c", 0x1100, 1), ("d", 0, 0),
    ] as [(String, UInt64, UInt64)] {
      context.regions.add(Region(name: name, base: base, size: size, origin: .capture))
    }
    #expect(TraceMapText(context, dumpName: "x").leftOut == ["b", "a"])
  }

  @Test func `images are a dump as lspci prints it`() throws {
    let context = TraceContext(name: "t", format: "csv")
    let function = PCIFunction(bus: 1, device: 0, function: 3)
    context.configImages[function] = (0..<272).map { UInt8($0 & 0xff) }
    let text = TraceMapText(context, dumpName: "x.lspci")
    let lines = try #require(text.dump).split(separator: "\n")
    #expect(lines.count == 18)
    #expect(lines[0] == "0000:01:00.3 device")
    #expect(lines[1] == "00: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")
    #expect(lines[17] == "100: 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f")
    #expect(text.map.hasSuffix("functions:\n  - { bdf: \"0000:01:00.3\", lspci: \"x.lspci\" }\n"))
  }
}
