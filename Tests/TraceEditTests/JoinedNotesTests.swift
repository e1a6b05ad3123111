import Testing
import TraceCore
import TraceEdit

/// What is true of one of several joined captures, and not of the whole.
struct JoinedNotesTests {
  private static let store = "store,0,0x1000,8,0x1,1,,,a\n"
  private static let barrier = "barrier,0,,,,2,dsb.sy,,\n"

  private func joined(
    _ sources: [any BlockSource], merges: Bool
  ) throws -> TraceContext {
    let whole: any BlockSource = merges ? MergedSource(sources) : ConcatenatedSource(sources)
    _ = try rows(whole)
    return whole.context
  }

  @Test(arguments: [false, true])
  func `accesses of a capture without barriers count where another one has some`(
    merges: Bool
  ) throws {
    func missing(_ texts: String...) throws -> UInt64 {
      try joined(texts.map { try source($0) }, merges: merges)
        .counters["barriers_of_some_captures"]
    }
    #expect(try missing(Self.store + Self.store, Self.store + Self.barrier) == 2)
    #expect(try missing(Self.store + Self.barrier, Self.store, Self.store) == 2)
    #expect(try missing(Self.store, Self.store) == 0)
    #expect(try missing(Self.barrier + Self.store, Self.barrier + Self.store) == 0)
    #expect(try missing("mark,0,,,,2,begin,,\n", Self.barrier + Self.store) == 0)
    // A part of a capture with barriers, none of them in it, needs none assumed.
    let part = try source(Self.store)
    part.context.holdsBarriers = true
    let whole = try joined([part, source(Self.barrier)], merges: merges)
    #expect(whole.counters["barriers_of_some_captures"] == 0)
  }

  @Test(arguments: [false, true])
  func `a sentence of some captures names them, one of all does not`(merges: Bool) throws {
    let sources = try (0..<5).map { index in
      let source = try source(Self.store, name: "\(index).csv")
      source.context.blindSpots = ["all", index == 2 ? "one" : "four"]
      return source
    }
    let whole = try joined(sources, merges: merges)
    #expect(whole.blindSpots.count { $0.hasPrefix("The CSV holds no barriers") } == 1)
    #expect(whole.blindSpots.contains("all"))
    #expect(
      whole.blindSpots.filter { $0.hasPrefix("Of ") } == [
        "Of 0.csv, 1.csv, 3.csv and 1 more alone: four", "Of 2.csv alone: one",
      ])
    let anonymous = AnonymizedSource(
      ConcatenatedSource(
        try ["secret", "hidden"].map { name in
          let source = try source(Self.store, name: name)
          source.context.blindSpots = ["A slice of \(name): 1 of 2 records"]
          return source
        }), regions: [], accessSizes: [], epoch: 0, seed: 9)
    _ = try rows(anonymous)
    #expect(anonymous.context.blindSpots.contains("Of a part alone: A slice of another trace."))
    for text in anonymous.context.blindSpots {
      #expect(!text.contains("secret") && !text.contains("hidden"))
    }
  }

  @Test(arguments: [false, true])
  func `a region that is described otherwise counts, and the first description stands`(
    merges: Bool
  ) throws {
    typealias Change = (inout Region) -> Void
    func contradictions(_ change: @escaping Change) throws -> (UInt64, Region?) {
      let sources = try [{ _ in }, change].map { (change: Change) in
        let source = try source("mark,0,,,,2,begin,,\n")
        var region = Region(name: "a", base: 0x1000, size: 0x1000, origin: .map)
        change(&region)
        _ = source.context.regions.add(region)
        return source
      }
      let whole = try joined(sources, merges: merges)
      return (whole.counters["region_contradicted_at_join"], whole.regions.regions.first)
    }
    let plain = try contradictions { _ in }
    #expect(plain.0 == 0)
    let changes: [Change] = [
      { $0.function = PCIFunction(rawValue: 8) }, { $0.bar = 2 }, { $0.kind = .platform },
      { $0.prefetchable = true }, { $0.vfioEligible.toggle() }, { $0.stage1 = 0x44 },
      { $0.sideEffects = [8...15] },
      { $0.registers = [Region.Register(name: "r", offset: 0, size: 4)] },
    ]
    for change in changes {
      let found = try contradictions(change)
      #expect(found.0 == 1)
      #expect(found.1 == plain.1)
    }
    // How far it reaches is no contradiction.
    #expect(try contradictions { $0.size *= 2 }.0 == 0)
  }
}
