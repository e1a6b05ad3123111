import Testing
import TraceCore

@testable import TraceEdit

/// Joins of captures with many regions.
struct JoinSizeTests {
  /// A trace without records.
  private final class RegionsOnly: BlockSource {
    let context = TraceContext(name: "t", format: "csv")
    let progress: (consumed: UInt64, total: UInt64?) = (0, nil)

    init(_ regions: [Region]) {
      for region in regions { context.regions.add(region) }
    }

    func next(into block: Block) -> Bool {
      block.removeAll()
      return false
    }
  }

  private func joined(_ parts: [[Region]]) throws(TraceError) -> TraceContext {
    let whole = ConcatenatedSource(parts.map(RegionsOnly.init))
    let block = Block()
    while try whole.next(into: block) {}
    return whole.context
  }

  /// Two captures of 30,000 regions, half of them the same ones: every pair is 900 million.
  @Test(.timeLimit(.minutes(1)))
  func `regions by the ten thousand are joined`() throws {
    func regions(_ numbers: Range<UInt64>) -> [Region] {
      numbers.reversed().map { number in
        Region(name: "r\(number)", base: number << 16, size: 0x1000, origin: .capture)
      }
    }
    let context = try joined([regions(0..<30_000), regions(15_000..<45_000)])
    #expect(context.regions.count == 45_000)
    #expect(context.counters["region_overlap_at_join"] == 0)
    let placement = RegionPlacement(context.regions.regions, [], seed: 1)
    #expect(placement.unmoved == 0 && Set(placement.moves).count > 1000)
  }

  /// Against a look at every region.
  @Test(arguments: 1...100)
  func `regions that meet one are found`(seed: UInt64) {
    var state = seed
    var regions: [Region] = []
    var index = AddressIndex()
    func any(_ number: Int) -> Region {
      let size = splitMix(&state) % 5 == 0 ? splitMix(&state) % 300 : splitMix(&state) % 9
      // Near both ends of the address space.
      let base = splitMix(&state) % 200 &- (splitMix(&state) % 2 == 0 ? 0 : 400)
      let room = UInt64.max - base
      return Region(name: "\(number)", base: base, size: min(size, room), origin: .capture)
    }
    for number in 0..<60 {
      regions.append(any(number))
      index.insert(regions[number], number: number)
      if number % 3 == 2 {
        index.remove(regions[number / 2], number: number / 2)
        regions[number / 2] = any(number / 2)
        index.insert(regions[number / 2], number: number / 2)
      }
      let probe = any(-1)
      let expected = regions.indices.filter { regions[$0].overlaps(probe) }
      #expect(index.numbers(meeting: probe) == expected)
    }
    let all = Region(name: "all", base: 0, size: .max, origin: .capture)
    #expect(index.numbers(meeting: all) == regions.indices.filter { regions[$0].overlaps(all) })
    index.insert(all, number: 60)
    #expect(index.numbers(meeting: regions[0]).contains(60) == (regions[0].size > 0))
  }

  @Test func `a region moves behind all that lie in its way`() throws {
    func region(_ name: String, _ base: UInt64, _ size: UInt64) -> Region {
      var region = Region(name: name, base: base, size: size, origin: .capture)
      region.isBaseAssumed = true
      return region
    }
    let start: UInt64 = 0x10_0000_0000
    let context = try joined([
      [region("a", start, 0x10_0000), region("b", start + 0x10_0000, 0x30_0000)],
      [region("c", start, 0x20_0000), region("d", start + 0x60_0000, 0x10_0000)],
    ])
    // By hand: c at multiples of 2 MiB behind b, which ends at 4 MiB; d is in nothing's way.
    let bases = context.regions.regions.map { $0.base - start }
    #expect(bases == [0, 0x10_0000, 0x40_0000, 0x60_0000])
    #expect(context.counters["region_moved_at_join"] == 1)
  }
}
