import Testing
import TraceCore

@Suite struct `Regions and texts of a trace` {
  private func region(_ name: String, base: UInt64 = 0, size: UInt64 = 16) -> Region {
    Region(name: name, base: base, size: size, origin: .map)
  }

  @Test func `a region holds its first and last byte and none beside them`() {
    let low = region("r", base: 0x1000, size: 0x10)
    for (address, isInside) in [(0xfff, false), (0x1000, true), (0x100f, true), (0x1010, false)] {
      #expect(low.contains(UInt64(address)) == isInside)
    }
    let top = region("top", base: .max - 15, size: 16)
    #expect(top.contains(.max) && top.contains(.max - 15))
    #expect(!top.contains(.max - 16) && !top.contains(0))
    #expect(!region("unknown", base: 0, size: 0).contains(0))
  }

  @Test func `only a BAR is eligible where nothing else is said`() {
    for kind in Region.Kind.allCases {
      let plain = Region(name: "r", base: 0, size: 1, kind: kind, origin: .capture)
      #expect(plain.vfioEligible == (kind == .bar))
      let told = Region(
        name: "r", base: 0, size: 1, kind: kind, vfioEligible: kind != .bar, origin: .capture)
      #expect(told.vfioEligible == (kind != .bar))
    }
  }

  @Test func `a table keeps its order and finds the first of a name`() {
    var table = RegionTable()
    let first = table.add(region("a", base: 1))
    let second = table.add(region("b", base: 2))
    table.add(region("a", base: 3))
    #expect(table.count == 3)
    #expect(first.index == 0 && second.index == 1)
    #expect(table.first(named: "a") == first)
    #expect(table.first(named: "c") == nil)
    table[second].base = 9
    #expect(table.regions.map(\.base) == [1, 9, 3])
  }

  @Test func `a table is full below the number that stands for no region`() {
    var table = RegionTable()
    for _ in 0..<0xffef { table.add(region("r")) }
    #expect(!table.isFull)
    let last = table.add(region("last"))
    #expect(table.isFull)
    #expect(last.rawValue == 0xffef)
  }

  @Test func `a full table takes no region`() async {
    await #expect(processExitsWith: .failure) {
      var table = RegionTable()
      for _ in 0...0xfff0 {
        table.add(Region(name: "r", base: 0, size: 1, origin: .map))
      }
    }
  }

  @Test func `texts are held once, in order of first use`() {
    let context = TraceContext(name: "t", format: "csv")
    #expect(["b", "a", "b", ""].map { context.intern($0) } == [0, 1, 0, 2])
    #expect(context.strings == ["b", "a", ""])
  }

  @Test func `counters add up by name, in order of first use, and none is zero`() {
    var counters = TraceCounters()
    counters.add("one", meaning: "first")
    counters.add("none", 0, meaning: "never")
    counters.add("two", 5, severity: .dataLoss, meaning: "second")
    counters.add("one", 2, meaning: "first")
    #expect(counters.rows.map(\.name) == ["one", "two"])
    #expect(counters["one"] == 3 && counters["two"] == 5 && counters["none"] == 0)
    #expect(counters.rows[1].severity == .dataLoss)
  }
}
