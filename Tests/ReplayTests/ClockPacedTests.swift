import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// The paced clock: nothing is issued before its recorded time.
@Suite struct `Time: paced` {
  private let base = ClockRig.base
  private let rig = ClockRig(generation: 1, lanes: 1)

  private func stores(at times: [UInt64]) -> [NaiveEvent] {
    times.enumerated().map { .store(base + UInt64(16 * $0.offset), 8, time: $0.element) }
  }

  private func paced(_ events: [NaiveEvent], _ rig: ClockRig? = nil) throws -> UInt64 {
    try (rig ?? self.rig).run(events).totals.paced.timePs
  }

  private func wire() throws -> UInt64 { try rig.time([.store(base, 8)]) }

  @Test func `a slow trace takes its recorded time`() throws {
    // 1 us between stores of 133 ns; the first stamp is the origin; the last store's TLP ends it.
    let times = (0..<20).map { 5_000 + 1_000 * UInt64($0) }
    #expect(try paced(stores(at: times)) == 19_000_000 + wire())
    #expect(try rig.time(stores(at: times)) == 20 * wire())
  }

  @Test func `a fast trace takes the saturated time`() throws {
    // 10 ns between stores that take 133 ns each on the link.
    let times = (0..<20).map { 5_000 + 10 * UInt64($0) }
    #expect(try paced(stores(at: times)) == 20 * wire())
  }

  @Test(arguments: [0, 1_000, 1_334, 1_336, 5_000])
  func `a burst, a pause, a burst: the pause counts where the link was idle`(pause: UInt64) throws {
    // Ten stores at 0 keep the link busy for 10 w = 1 334.7 ns.
    let times = [UInt64](repeating: 7, count: 10) + [UInt64](repeating: 7 + pause, count: 5)
    #expect(try paced(stores(at: times)) == max(10 * wire(), pause * 1_000) + 5 * wire())
  }

  /// The end of the trace comes behind its events, those that send nothing with them: the TLP starts
  /// at the event's 9 us, or as soon as the store has been issued.
  @Test func `lines that the end sends leave no earlier than their vCPU's last event`() throws {
    let gathering = rig.with { $0.type = .normalNC }
    let store = NaiveEvent.store(base, 8, time: 0)
    // An acquire across 16 bytes faults.
    let unaligned = NaiveEvent.load(base + 78, 4, time: 9_000).with { $0.acquire = true }
    for event in [.barrier("isb", time: 9_000), .barrier("dmb.ld", time: 9_000), unaligned] {
      #expect(try paced([store, event], gathering) == 9_000_000 + wire())
      let elsewhere = event.on(vcpu: 1)
      #expect(try paced([store, elsewhere], gathering) == paced([store], gathering))
    }
  }

  @Test func `lines leave at the recorded time of what ends them`() throws {
    let gathering = rig.with { $0.type = .normalNC }
    // One store at 0, the barrier 9 us later: the line leaves then.
    let events: [NaiveEvent] = [.store(base, 8, time: 0), .barrier("dmb.st", time: 9_000)]
    #expect(try paced(events, gathering) == 9_000_000 + wire())
    // A line that eight stores fill leaves when the last of them has been issued (1 ps).
    let line = (0..<8).map { NaiveEvent.store(base + UInt64(8 * $0), 8, time: 500 * UInt64($0)) }
    let alone = try gathering.time(of: .store, size: 8, count: 8) - 8
    #expect(try paced(line, gathering) == 3_500_000 + 1 + alone)
  }

  @Test func `stamps that go backwards count as the time before them`() throws {
    #expect(try paced(stores(at: [5_000, 9_000, 4_000, 9_500])) == 4_500_000 + wire())
  }

  @Test(arguments: 0..<40)
  func `nothing is issued before its recorded time`(seed: UInt64) throws {
    // From the first access's recorded time to the last one's at least; every access is aligned, so
    // that each is issued. The origin is the first record.
    var random = SplitMix64(seed: seed)
    var time: UInt64 = 1_000
    let types = [0x00, 0x04, 0x08, 0x0c, 0x44] as [UInt8]
    let events = (0..<60).map { _ -> NaiveEvent in
      time += UInt64(random.pick([0, 0, 5, 50, 3_000]))
      let address = base + UInt64(8 * random.below(64))
      let event: NaiveEvent = random.chance(80) ? .store(address, 8) : .load(address, 8)
      return event.with {
        $0.time = time
        $0.vcpu = random.below(3)
        $0.attribute = random.pick(types)
      }
    }
    let program = NaiveProgram(
      regions: [NaiveRegion("bar", base: base, size: 0x1000)], settings: NaiveSettings(),
      events: events)
    let totals = try engineResult(of: program, cutSeed: seed).totals
    let recorded = (events.last?.time ?? 0) - (events.first?.time ?? 0)
    #expect(totals.paced.timePs >= recorded * 1_000)
    #expect(totals.paced.timePs >= totals.saturated.timePs)
  }

  @Test(arguments: 0..<4)
  func `without time stamps both clocks say the same`(part: UInt64) throws {
    for seed in part * 50..<part * 50 + 50 {
      var program = generateProgram(seed: seed)
      for index in program.events.indices { program.events[index].time = nil }
      let result = try engineResult(of: program, cutSeed: seed)
      #expect(result.totals.paced == result.totals.saturated, "seed \(seed)")
      for region in result.regions {
        #expect(region.metrics.paced == region.metrics.saturated, "seed \(seed)")
      }
    }
  }

  @Test func `a clock that is not run says nothing`() throws {
    let program = NaiveProgram(
      regions: [NaiveRegion("bar", base: base, size: 0x1000)], settings: NaiveSettings(),
      events: stores(at: [0, 100, 200]))
    func run(_ clocks: ScenarioConfiguration.Clocks) throws -> Metrics {
      let configuration = ScenarioConfiguration(
        name: "one", policy: .none, fwb: false, accessors: .recorded, clocks: clocks,
        settings: NaiveSettings().modelSettings)
      let source = program.source(cutSeed: nil)
      return try ReplayDriver(source, [configuration]).run().scenarios[0].totals
    }
    let both = try run(.both)
    let (saturated, paced) = (try run(.saturated), try run(.paced))
    #expect(saturated.saturated == both.saturated && saturated.paced == ClockMetrics())
    #expect(paced.paced == both.paced && paced.saturated == ClockMetrics())
    #expect(both.paced.timePs > both.saturated.timePs)
  }

  @Test func `goodput is the stores' bytes over the time`() throws {
    // 20 stores of 8 bytes in 20 w.
    let totals = try rig.run(stores(at: [UInt64](repeating: 0, count: 20))).totals
    let expected = UInt64(160e12 / Double(20 * (try wire())))
    #expect(totals.saturated.goodputBytesPerSecond == expected)
    #expect(try rig.run([.barrier("isb")]).totals.saturated.goodputBytesPerSecond == nil)
  }
}
