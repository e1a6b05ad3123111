import TestSupport
import Testing
import TraceCore

@testable import Importers

/// Which region an access belongs to.
///
/// Expected addresses of the synthetic layout follow from its
/// rule: order of first access, next multiple of the size rounded up to a power of two.
struct RegionTests {
  private func access(_ address: String, _ name: String, mr: String = "0x1") -> String {
    "memory_region_ops_read cpu 0 mr \(mr) addr \(address) value 0x0 size 4 name '\(name)'\n"
  }

  private func regions(_ result: Imported) -> [String] {
    result.records.compactMap { record in
      record.split(separator: "[").last.map { String($0.prefix { $0 != "]" }) }
    }
  }

  @Test func `a BAR that comes back to its place is the same region`() throws {
    let result = try importText(
      access("0x10000000", "nvme") + "pci_update_mappings_add nvme 01:00.0 0,0x10000000+0x4000\n"
        + access("0x10000000", "nvme") + access("0x10003ffc", "msix-table")
        + "pci_update_mappings_del nvme 01:00.0 0,0x10000000+0x4000\n"
        + access("0x10001000", "gpex_mmio_window")
        + "pci_update_mappings_add nvme 01:00.0 0,0x10000000+0x4000\n"
        + access("0x10000000", "nvme")
        + "pci_update_mappings_add nvme 01:00.0 0,0x20000000+0x4000\n"
        + access("0x20000000", "nvme") + access("0x10004000", "uart"), as: .qemuLog)
    #expect(
      regions(result) == [
        "nvme", "0000:01:00.0 bar 0", "0000:01:00.0 bar 0", "0000:01:00.0 bar 0",
        "0000:01:00.0 bar 0", "0000:01:00.0 bar 0 at 0x20000000", "uart",
      ])
    let bar = result.context.regions.regions[1]
    #expect(bar.kind == .bar && bar.vfioEligible && bar.bar == 0 && bar.origin == .capture)
    #expect(bar.base == 0x1000_0000 && bar.size == 0x4000)
    #expect(bar.function == PCIFunction("0000:01:00.0"))
    // Where BARs are known, what lies outside is the machine's.
    #expect(result.context.regions.regions.last?.kind == .platform)
  }

  @Test func `a mapped BAR goes before one that was unmapped`() throws {
    let result = try importText(
      "pci_update_mappings_add a 01:00.0 0,0x10000000+0x4000\n"
        + "pci_update_mappings_del a 01:00.0 0,0x10000000+0x4000\n"
        + "pci_update_mappings_add b 02:00.0 1,0x10002000+0x1000\n"
        + access("0x10001ffc", "x") + access("0x10002000", "x") + access("0x10002ffc", "x")
        + access("0x10003000", "x"), as: .qemuLog)
    let (first, second) = ("0000:01:00.0 bar 0", "0000:02:00.0 bar 1")
    #expect(regions(result) == [first, second, second, first])
  }

  @Test func `named windows grow and are told apart by their memory region`() throws {
    let result = try importText(
      access("0x9030400", "pl061") + access("0x9030000", "pl061")
        + access("0x9040000", "pl061", mr: "0x2") + access("0x9030ffc", "pl061"), as: .qemuLog)
    #expect(regions(result) == ["pl061", "pl061", "pl061 #2", "pl061"])
    let region = result.context.regions.regions[0]
    #expect(region.base == 0x903_0000 && region.size == 0x1000)
    #expect(region.kind == .platform && !region.vfioEligible)
  }

  @Test func `the map goes before the capture`() throws {
    let map = [
      Region(name: "mine", base: 0x1000_1000, size: 0x1000, origin: .map),
      Region(
        name: "doorbells", base: 0, size: 0, function: PCIFunction("0000:01:00.0"), bar: 0,
        prefetchable: true, stage1: 0x44, origin: .map),
      Region(name: "unused", base: 0, size: 0, origin: .map),
    ]
    let result = try importText(
      "pci_update_mappings_add nvme 01:00.0 0,0x10000000+0x4000\n" + access("0x10000ffc", "nvme")
        + access("0x10001000", "nvme") + access("0x10002000", "nvme"), as: .qemuLog, map: map)
    #expect(regions(result) == ["doorbells", "mine", "doorbells"])
    let region = result.context.regions.regions[1]
    #expect(region.base == 0x1000_0000 && region.size == 0x4000 && region.stage1 == 0x44)
    #expect(region.prefetchable == true)
    #expect(result.counter("map_region_unused") == 1)
  }

  @Test func `unnamed addresses get windows of 1 MiB up to a bound`() throws {
    let log = (0..<1030).map {
      "memory_region_ops_read cpu 0 mr 0x1 addr 0x\(hex(UInt64($0 + 16) << 20)) value 0x0 size 4\n"
    }.joined()
    let result = try importText(log, as: .qemuLog)
    #expect(regions(result)[0] == "mem@0x1000000")
    #expect(regions(result)[1023] == "mem@0x40f00000")
    #expect(regions(result)[1024...].allSatisfy { $0 == "other" })
    #expect(result.counter("access_in_region_other") == 6)
    #expect(result.context.regions.count == 1025)
    #expect(result.context.regions.regions[0].origin == .inferred)
    #expect(result.context.regions.regions[0].vfioEligible)
  }

  @Test func `names get regions up to a bound`() throws {
    let log = (0..<4100).map { access("0x20000000", "same", mr: "0x\(hex(UInt64($0) + 1))") }
    let result = try importText(log.joined(), as: .qemuLog)
    #expect(regions(result)[0] == "same")
    #expect(regions(result)[4095] == "same #4096")
    #expect(regions(result)[4096...].allSatisfy { $0 == "other" })
    #expect(result.counter("access_in_region_other") == 4)
  }

  private func vfio(_ place: String) -> String { "vfio_region_write  (\(place), 0x1, 4)\n" }

  @Test func `VFIO regions are laid out in order of first access`() throws {
    let result = try importText(
      "vfio_region_setup Device 0000:04:00.0, region 0 \"x\", flags: 0x7, offset: 0x0, size: 0x300000\n"
        + "vfio_region_setup Device 0000:04:00.0, region 2 \"x\", flags: 0x7, offset: 0x0, size: 0x4000\n"
        + vfio("0000:04:00.0:region2+0x10") + vfio("0000:04:00.0:region0+0x20")
        + vfio("0000:05:00.0:region4+0x30") + vfio("0000:04:00.0:region0+0x2ffffc"), as: .qemuLog)
    // 2: one place of 1 MiB; 0: 3 MiB, at a multiple of 4 MiB; unknown size: 1 MiB behind it.
    #expect(
      result.records == [
        "store v0 0x1000000010+4 =1 [0000:04:00.0 region2] l3",
        "store v0 0x1000400020+4 =1 [0000:04:00.0 region0] l4",
        "store v0 0x1000800030+4 =1 [0000:05:00.0 region4] l5",
        "store v0 0x10006ffffc+4 =1 [0000:04:00.0 region0] l6",
      ])
    let regions = result.context.regions.regions
    #expect(regions.map(\.size) == [0x4000, 0x30_0000, 0x10_0000])
    #expect(regions.map(\.bar) == [2, 0, 4])
    #expect(regions.map(\.vfioEligible) == [true, true, true])
  }

  @Test func `offsets beyond a known size are an error, beyond an unknown one a window`() throws {
    let setup =
      "vfio_region_setup Device 0000:04:00.0, region 0 \"x\", flags: 0x7, offset: 0x0, size: 0x1000\n"
    #expect(try importText(setup + vfio("0000:04:00.0:region0+0xffc"), as: .qemuLog).records != [])
    #expect(place(importError(setup + vfio("0000:04:00.0:region0+0xffd"))) == "range 2:41")
    let result = try importText(
      vfio("0000:04:00.0:region0+0x0") + vfio("0000:05:00.0:region0+0x0")
        + vfio("0000:04:00.0:region0+0x300004") + vfio("0000:04:00.0:region0+0x4"), as: .qemuLog)
    #expect(
      result.records == [
        "store v0 0x1000000000+4 =1 [0000:04:00.0 region0] l1",
        "store v0 0x1000100000+4 =1 [0000:05:00.0 region0] l2",
        "store v0 0x1000200004+4 =1 [0000:04:00.0 region0+0x300000] l3",
        "store v0 0x1000000004+4 =1 [0000:04:00.0 region0] l4",
      ])
  }

  /// At 2^62 and 2^50 bytes for each region, in order of first sight.
  @Test func `VFIO accesses without a window are in region other`() throws {
    let log =
      (0..<1026).map { vfio("0000:04:00.0:region1+0x\(hex(UInt64($0) << 20))") }.joined()
      + vfio("0000:05:00.0:region0+0x10") + vfio("0000:04:00.0:region1+0xffffe")
      + vfio("0000:04:00.0:region1+0x4")
    let result = try importText(log, as: .qemuLog)
    #expect(
      result.records[1023...] == [
        "store v0 0x103ff00000+4 =1 [0000:04:00.0 region1+0x3ff00000] l1024",
        "store v0 0x4000000040000000+4 =1 [other] l1025",
        "store v0 0x4000000040100000+4 =1 [other] l1026",
        "store v0 0x4004000000000010+4 =1 [other] l1027",
        "store v0 0x40000000000ffffe+4 =1 [other] l1028",
        "store v0 0x1000000004+4 =1 [0000:04:00.0 region1] l1029",
      ])
    #expect(result.counter("access_in_region_other") == 3)
    #expect(result.counter("access_across_windows") == 1)
    // Beyond 2^50 there is no address to give.
    #expect(place(importError(vfio("0000:04:00.0:region0+0x40000000ffffe"))) == "range 1:41")
  }

  @Test func `a map's window takes the place of the layout's`() throws {
    let map = [
      Region(
        name: "bar2", base: 0x8000_0000, size: 0x1000, function: PCIFunction("0000:04:00.0"),
        bar: 2, origin: .map)
    ]
    let result = try importText(vfio("0000:04:00.0:region2+0x10"), as: .qemuLog, map: map)
    #expect(result.records == ["store v0 0x80000010+4 =1 [bar2] l1"])
  }

  @Test func `ROM regions and I/O ports cannot be mapped, mediated devices have no function`()
    throws
  {
    let result = try importText(
      "vfio_region_setup Device 0000:04:00.0, region 2 \"BAR \"2\"\", flags: 0x3, offset: 0x2, "
        + "size: 0x20\n" + vfio("0000:04:00.0:region6+0x0") + vfio("mdev-7:region0+0x0")
        + vfio("0000:04:00.0:region2+0x0"), as: .qemuLog)
    let regions = result.context.regions.regions
    #expect(regions.map(\.bar) == [nil, 0, 2])
    // Without the flag for mapping, a region is never the guest's to map.
    #expect(regions.map(\.vfioEligible) == [false, true, false])
    let function = PCIFunction("0000:04:00.0")
    #expect(regions.map(\.function) == [function, nil, function])
  }

  @Test func `overlapping windows answer as a search over all of them would`() {
    // Sixteen addresses, up to five windows of any rank: compared with the definition.
    var generator = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      var map = WindowMap()
      var windows: [(UInt64, UInt64, WindowMap.Rank)] = []
      for id in 0..<Int.random(in: 0...5, using: &generator) {
        let base = UInt64.random(in: 0..<16, using: &generator)
        let size = UInt64.random(in: 1...(16 - base), using: &generator)
        let rank =
          [WindowMap.Rank.map, .mapped, .unmapped].randomElement(using: &generator) ?? .map
        windows.append((base, size, rank))
        map.set(RegionID(rawValue: UInt16(id)), base: base, size: size, rank: rank)
      }
      for address in (0..<16 as Range<UInt64>).shuffled(using: &generator) {
        var best: Int?
        for (id, window) in windows.enumerated()
        where address >= window.0 && address < window.0 + window.1 {
          if let known = best, windows[known].2.rawValue < window.2.rawValue { continue }
          best = id
        }
        #expect(map.region(at: address)?.index == best)
      }
    }
  }
}
