import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

@Suite struct `Driver: records` {
  @Test(arguments: 0..<4)
  func `every record is accounted for`(part: UInt64) throws {
    for seed in part * 25..<part * 25 + 25 {
      let program = generateProgram(seed: seed)
      var seen: [UInt64] = []
      let driver = ReplayDriver(program.source(cutSeed: seed), [.plain(), .plain(.kvmDevice)])
      driver.onBlock = { seen.append($0) }
      let result = try driver.run()
      #expect(result.trace.records == UInt64(program.events.count))
      #expect(seen.last == result.trace.records)
      #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test func `marks, resets and losses pass, and are no access`() throws {
    var trace = DriverTrace()
    trace.append(RecordClass(.mark, text: trace.context.intern("here")), time: 5)
    trace.append(RecordClass(.reset, text: trace.context.intern("flr")))
    trace.append(RecordClass(.reset, function: PCIFunction(rawValue: 8), text: 1), time: 9)
    trace.append(RecordClass(.mark))
    trace.append(RecordClass(.lost), time: 7)
    let result = try run(trace.source())
    #expect(result.trace.records == 5)
    #expect(result.trace.lost == 1)
    #expect(result.scenarios[0].regions.isEmpty)
    #expect(result.scenarios[0].totals == Metrics())
    #expect(result.findings.isEmpty)
  }

  @Test func `a trace without records has scenarios without regions`() throws {
    var trace = DriverTrace()
    let result = try run(trace.source())
    #expect(result.trace.records == 0)
    #expect(result.scenarios.map(\.regions.count) == [0])
  }

  @Test func `the numbers of events lost add up; a loss without a number is one`() throws {
    var trace = DriverTrace()
    trace.append(RecordClass(.lost), value: 40)
    trace.store()
    trace.append(RecordClass(.lost))
    trace.append(RecordClass(.lost))
    trace.append(
      RecordClass(.store, size: 8, region: trace.region), address: DriverTrace.base, value: 99)
    trace.append(RecordClass(.lost), value: 2)
    trace.append(RecordClass(.lost), value: 3)
    trace.cut()
    trace.append(RecordClass(.lost), value: 1_000)
    #expect(try run(trace.source()).trace.lost == 40 + 1 + 1 + 2 + 3 + 1_000)
  }

  @Test func `an absurd number of lost events is held at the largest`() throws {
    var trace = DriverTrace()
    trace.append(RecordClass(.lost), value: .max)
    trace.append(RecordClass(.lost), value: .max)
    #expect(try run(trace.source()).trace.lost == .max)
  }
}

@Suite struct `Driver: time` {
  private func backwards(_ stamps: [UInt64?], cut: Bool) throws -> UInt64 {
    var trace = DriverTrace()
    for (index, stamp) in stamps.enumerated() {
      if cut { trace.cut() }
      trace.store(UInt64(16 * index), time: stamp)
    }
    let counters = try run(trace.source()).trace.counters
    return counters.first { $0.name == "time_backwards" }?.count ?? 0
  }

  @Test(arguments: [false, true])
  func `a stamp smaller than one before is counted`(cut: Bool) throws {
    #expect(try backwards([100, 200, 300], cut: cut) == 0)
    #expect(try backwards([100, 100, 100], cut: cut) == 0)
    // 90 is below 110 and below the origin; 105 below 110 alone.
    #expect(try backwards([100, 110, 90, 105, 110, 111], cut: cut) == 2)
    #expect(try backwards([100, 99, 98, 97], cut: cut) == 3)
    // Records without a stamp repeat one that is too small; they have none that could be.
    #expect(try backwards([100, 110, 90, nil, nil, 105, nil, 111], cut: cut) == 2)
  }

  @Test(arguments: [false, true])
  func `records before the first stamp take its time`(cut: Bool) throws {
    // Stamps of a wall clock: 1.7e18 ns. Two records come before the first one.
    let day: UInt64 = 1_700_000_000_000_000_000
    var trace = DriverTrace()
    trace.append(RecordClass(.mark))
    trace.store(0)
    if cut { trace.cut() }
    trace.store(16, time: day)
    trace.store(32, time: day + 5_000)
    let result = try run(trace.source(), .plain(.kvmDevice))
    // The store ahead of it is told of, the mark is no access.
    #expect(result.trace.counters.map(\.name) == ["time_missing"])
    #expect(result.trace.counters[0].count == 1)
    let paced = result.scenarios[0].totals.paced.timePs
    // 5 us, and what a store takes on the wire: at most 10 ns at gen 4 x8.
    #expect(paced > 5_000_000 && paced < 5_010_000)
  }

  @Test(arguments: [false, true])
  func `accesses without a stamp are counted, unless none has one`(cut: Bool) throws {
    func missing(_ stamps: [UInt64?]) throws -> UInt64 {
      var trace = DriverTrace()
      for (index, stamp) in stamps.enumerated() {
        if cut { trace.cut() }
        trace.append(RecordClass(.mark))
        trace.store(UInt64(16 * index), time: stamp)
      }
      let counters = try run(trace.source()).trace.counters
      return counters.first { $0.name == "time_missing" }?.count ?? 0
    }
    #expect(try missing([nil, 5, nil, nil, 7, nil]) == 4)
    #expect(try missing([5, 6, 7]) == 0)
    // A sentence of the report says that there is none.
    #expect(try missing([nil, nil]) == 0)
  }

  @Test func `time further than 106 days from the first is held there`() throws {
    var trace = DriverTrace()
    trace.store(0, time: 1_000)
    trace.store(16, time: 1_000 + 9_223_372_036_854_775)
    trace.store(32, time: 1_000 + 9_223_372_036_854_776)
    trace.store(48, time: .max)
    let result = try run(trace.source())
    #expect(result.trace.counters.map(\.name) == ["time_beyond_span"])
    #expect(result.trace.counters.map(\.count) == [2])
    #expect(result.scenarios[0].totals.paced.timePs > 9_223_372_036_854_775_000)
  }
}

@Suite struct `Driver: which barriers are taken for granted` {
  /// Four stores of 8 bytes side by side on each side of what stands in the middle.
  private func program(_ middle: [NaiveEvent]) -> NaiveProgram {
    let base = DriverTrace.base
    let stores = (0..<4).map { NaiveEvent.store(base + UInt64(8 * $0), 8) }
    let others = (0..<4).map { NaiveEvent.store(base + UInt64(0x1000 + 16 * $0), 8) }
    return NaiveProgram(
      regions: [NaiveRegion("bar", base: base, size: 0x400_0000)], settings: NaiveSettings(),
      events: stores + middle + others)
  }

  private func result(
    _ program: NaiveProgram, _ accessors: AccessorAssumption?, cutSeed: UInt64?,
    withTotals: Bool = false
  ) throws -> RunResult {
    try run(
      program.source(cutSeed: cutSeed, withTotals: withTotals), .plain(accessors: accessors))
  }

  @Test func `one barrier anywhere: as recorded; none: bursts`() throws {
    let with = try result(program([.barrier("isb")]), nil, cutSeed: nil)
    #expect(with.scenarios[0].accessors == "recorded")
    let without = try result(program([]), nil, cutSeed: nil)
    #expect(without.scenarios[0].accessors == "bursts")
    // The four scattered stores, all in one line, tell them apart: in bursts each of them has a
    // barrier before it, so that the copied line and each but the last of theirs leave by one.
    #expect(with.scenarios[0].totals.flushCauses.map(\.cause) == [.end])
    #expect(with.scenarios[0].totals.flushCauses.map(\.flushes) == [2])
    #expect(without.scenarios[0].totals.flushCauses.map(\.cause) == [.barrier, .end])
    #expect(without.scenarios[0].totals.flushCauses.map(\.flushes) == [4, 1])
  }

  @Test(arguments: [nil, 1, 2, 3] as [UInt64?])
  func `auto is the same as naming the outcome, with and without totals`(cutSeed: UInt64?) throws {
    let late = program([]).events + [.barrier("dmb.st")]
    let cases: [([NaiveEvent], AccessorAssumption)] = [
      (program([]).events, .bursts), (program([.barrier("dmb.ld")]).events, .recorded),
      (late, .recorded), ([.barrier("dgh")] + program([]).events, .recorded),
    ]
    for (events, outcome) in cases {
      var program = program([])
      program.events = events
      for withTotals in [false, true] {
        let auto = try result(program, nil, cutSeed: cutSeed, withTotals: withTotals)
        let named = try result(program, outcome, cutSeed: cutSeed, withTotals: withTotals)
        #expect(auto == named)
        #expect(auto.scenarios[0].accessors == outcome.rawValue)
      }
    }
  }

  @Test func `a barrier in the last block decides for the first`() throws {
    var trace = DriverTrace()
    for index in 0..<200 {
      trace.store(UInt64(16 * index))
      trace.cut()
    }
    trace.append(RecordClass(.barrier, barrier: Barrier(.dsbSY)))
    let auto = try run(trace.source(), .plain(accessors: nil))
    var again = DriverTrace()
    for index in 0..<200 { again.store(UInt64(16 * index)) }
    again.append(RecordClass(.barrier, barrier: Barrier(.dsbSY)))
    let named = try run(again.source(), .plain(accessors: .recorded))
    #expect(auto == named)
  }

  @Test(arguments: 0..<4)
  func `auto is the same as naming the outcome on generated programs`(part: UInt64) throws {
    for seed in part * 50..<part * 50 + 50 {
      let program = generateProgram(seed: seed)
      let holdsBarrier = program.events.contains { $0.op == "barrier" }
      let outcome: AccessorAssumption = holdsBarrier ? .recorded : .bursts
      let auto = try result(program, nil, cutSeed: seed, withTotals: seed % 2 == 0)
      let named = try result(program, outcome, cutSeed: nil)
      #expect(auto == named, "seed \(seed)")
    }
  }

  @Test func `scenarios decide each for itself`() throws {
    let source = program([]).source(cutSeed: 4)
    let result = try ReplayDriver(
      source, [.plain(accessors: nil), .plain(.kvmDevice, accessors: .relaxed)]
    ).run()
    #expect(result.scenarios.map(\.accessors) == ["bursts", "relaxed"])
    #expect(result.scenarios.map(\.name) == ["none", "kvm-device"])
  }
}

@Suite struct `Driver: where blocks end` {
  private func result(_ program: NaiveProgram, _ cutSeed: UInt64?, percent: Int) throws -> RunResult
  {
    let settings = program.settings
    let configurations = [KVMPolicy.none, .kvmDevice, .kvmNormalNC].map {
      ScenarioConfiguration.plain(
        $0, accessors: AccessorAssumption(rawValue: settings.accessors), settings)
    }
    let source = try program.source(cutSeed: nil).recut(seed: cutSeed, percent: percent)
    // A function, so that hazards across the windows are looked for, its config space, and a
    // register with side effects in each window.
    let device = PCIFunction(bus: 1, device: 0, function: 0)
    for index in 0..<source.context.regions.count {
      let id = RegionID(rawValue: UInt16(index))
      guard source.context.regions[id].kind == .bar else { continue }
      source.context.regions[id].function = device
      source.context.regions[id].sideEffects = [0x40...0x43]
    }
    source.context.configImages[device] = HazardBench.endpoint()
    return try ReplayDriver(source, configurations).run()
  }

  @Test(arguments: 0..<10)
  func `a result does not depend on where blocks end`(part: UInt64) throws {
    for seed in part * 30..<part * 30 + 30 {
      let program = generateProgram(seed: seed)
      let whole = try result(program, nil, percent: 0)
      for percent in [3, 30, 100] {
        let cut = try result(program, seed, percent: percent)
        #expect(cut == whole, "seed \(seed), a block ends after \(percent) % of the records")
      }
    }
  }

  @Test func `the programs give the findings something to find`() throws {
    var codes: Set<String> = []
    for seed in 0..<300 as Range<UInt64> {
      let found = try result(generateProgram(seed: seed), nil, percent: 0).findings
      codes.formUnion(found.map(\.code))
      #expect(found.allSatisfy { $0.firstLine == $0.firstRecord + 11 }, "seed \(seed)")
    }
    let expected: Set = [
      "ORD001", "ORD002", "ORD003", "ORD004", "ORD005", "RST001", "MAP001", "MAP002", "FLT001",
      "PRF001",
    ]
    #expect(codes.isSuperset(of: expected), "\(expected.subtracting(codes))")
  }
}
