import Testing
import TraceCore

@testable import TraceEdit

/// Joins of captures whose regions reach as far as their accesses.
struct GrownRegionTests {
  private func store(_ address: UInt64, _ region: String) -> String {
    "store,0,0x\(String(address, radix: 16)),4,0x1,,,,\(region)\n"
  }

  private func regions(_ parts: [String]) throws -> [String] {
    let whole = ConcatenatedSource(try parts.map { try source($0) })
    _ = try rows(whole)
    return whole.context.regions.regions.map { "\($0.name) \($0.base)+\($0.size)" }
  }

  @Test func `windows of one region that meet are one`() throws {
    // By hand: 0x1000 to 0x1013, and 0x1004 to 0x100b within it; then behind it.
    let first = store(0x1000, "bar") + store(0x1010, "bar")
    let second = store(0x1008, "bar") + store(0x1004, "bar")
    #expect(try regions([first, second]) == ["bar 4096+20"])
    #expect(try regions([second, first]) == ["bar 4096+20"])
    #expect(try regions([first, second, store(0x1012, "bar")]) == ["bar 4096+22"])
  }

  @Test func `windows of one region with nothing between them are one`() throws {
    // 0x1000 to 0x9003: 0x8004 bytes.
    let far = [store(0x1000, "bar"), store(0x9000, "bar")]
    #expect(try regions(far) == ["bar 4096+32772"])
    #expect(try regions(far.reversed()) == ["bar 4096+32772"])
  }

  @Test func `another region between them, of either capture, keeps them apart`() throws {
    let (low, high) = (store(0x1000, "bar"), store(0x9000, "bar"))
    let between = store(0x5000, "nic")
    let both = ["bar 4096+4", "bar 36864+4"]
    #expect(try Set(regions([low + between, high])) == Set(both + ["nic 20480+4"]))
    #expect(try Set(regions([low, between + high])) == Set(both + ["nic 20480+4"]))
    #expect(try Set(regions([low, high + between])) == Set(both + ["nic 20480+4"]))
    // What lies over one of them already is not between them.
    let over = low + store(0x1800, "bar") + store(0x1400, "nic")
    #expect(try regions([over, high]) == ["bar 4096+32772", "nic 5120+4"])
  }

  /// No accesses, or those of config space, show no window.
  @Test func `a region without a window is the one that has one`() throws {
    let none = "config_read,0,0x0,4,0x1,,,01:00.0,bar\n"
    #expect(try regions([none, store(0x1000, "bar")]) == ["bar 4096+4"])
    #expect(try regions([store(0x1000, "bar"), none]) == ["bar 4096+4"])
  }

  @Test func `windows that something states stay apart where they differ`() throws {
    func part(_ base: UInt64, _ size: UInt64, isGrown: Bool?) throws -> any BlockSource {
      let part = try source("mark,0,,,,1,begin,,\n")
      var region = Region(name: "bar", base: base, size: size, origin: .capture)
      region.isGrown = isGrown
      part.context.regions.add(region)
      return part
    }
    for (first, second) in [(nil, nil), (true, nil), (nil, true)] as [(Bool?, Bool?)] {
      let whole = ConcatenatedSource([
        try part(0x1000, 0x100, isGrown: first), try part(0x1080, 0x100, isGrown: second),
      ])
      _ = try rows(whole)
      #expect(whole.context.regions.regions.map(\.base) == [0x1000, 0x1080])
      #expect(whole.context.regions.regions.map(\.size) == [0x100, 0x100])
      #expect(whole.context.counters["region_overlap_at_join"] == 0)
    }
    // The same two, both as far as accesses showed them.
    let whole = ConcatenatedSource([
      try part(0x1000, 0x100, isGrown: true), try part(0x1080, 0x100, isGrown: true),
    ])
    _ = try rows(whole)
    #expect(whole.context.regions.regions.map(\.size) == [0x180])
  }

  /// The window reaches as far as the blocks read so far, as in a single capture.
  @Test func `a window grows with the block that shows more of it`() throws {
    let whole = ConcatenatedSource([
      try source(store(0x1000, "bar")), try source(store(0x1010, "bar")),
    ])
    let block = Block()
    #expect(try whole.next(into: block))
    #expect(whole.context.regions.regions.map(\.size) == [4])
    #expect(try whole.next(into: block))
    #expect(whole.context.regions.regions.map(\.size) == [20])
  }

  /// Five devices in a window each of 64 KiB, cut at every record.
  @Test(arguments: 1...10)
  func `parts joined are the whole`(seed: UInt64) throws {
    var state = seed
    let lines = (0..<40).map { time in
      let device = splitMix(&state) % 5
      let address = 0x10_0000 + device << 16 + splitMix(&state) % 0x4000 * 4
      let row = store(address, "device \(device)").dropLast().split(
        separator: ",", omittingEmptySubsequences: false)
      return (row[..<5] + ["\(time)"] + row[6...]).joined(separator: ",") + "\n"
    }
    let whole = try source(lines.joined())
    let all = try rows(whole)
    for cut in 1..<lines.count {
      let parts = [lines[..<cut].joined(), lines[cut...].joined()]
      let joined: [any BlockSource] = [
        ConcatenatedSource(try parts.map { try source($0) }),
        MergedSource(try parts.map { try source($0) }),
      ]
      for each in joined {
        #expect(try rows(each) == all)
        #expect(each.context.regions == whole.context.regions, "cut at \(cut)")
        #expect(each.context.counters["region_overlap_at_join"] == 0)
      }
    }
  }
}
