import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// Which accesses a fault can hit, and what one failing write carries.
@Suite struct FaultCensusTests {
  private let bar = HazardBench.bar
  private let regs = HazardBench.regs

  private func census(
    _ events: [NaiveEvent], _ scope: FaultCensus.Scope = .every,
    _ bench: HazardBench = HazardBench()
  ) throws(TraceError) -> FaultCensus {
    var census = FaultCensus(
      bench.source(events), before: bench.configuration("before", .kvmDevice),
      after: bench.configuration("after", .kvmNormalNC), scope: scope)
    try census.run()
    return census
  }

  private func writes(_ census: FaultCensus, _ scenario: String) -> [Int: UInt64] {
    census.blast.filter { $0.scenario == scenario }.flatMap(\.writes).reduce(into: [:]) {
      $0[$1.stores, default: 0] += $1.tlps
    }
  }

  /// By hand: eight stores fill a line of 64 bytes: one write of eight after, eight of one before.
  @Test func `a full line carries its eight stores`() throws {
    let census = try census((0..<8).map { .store(bar + 8 * $0, 8) })
    #expect(writes(census, "before") == [1: 8])
    #expect(writes(census, "after") == [8: 1])
    #expect(census.groups.map(\.count) == [8])
    #expect(census.groups[0].group.before == .deviceNGnRE)
    #expect(census.groups[0].group.after == .normalNC)
  }

  /// By hand: bytes 0-15 and 32-39 are two runs, so two writes, of two stores and of one.
  @Test func `a line with a hole is two writes, each with its own stores`() throws {
    let events: [NaiveEvent] = [
      .store(bar, 8), .store(bar + 8, 8), .store(bar + 32, 8), .barrier("dmb.st"),
    ]
    #expect(writes(try census(events), "after") == [2: 1, 1: 1])
    let failed = try #require(try census(events, .record(1)).failed)
    #expect(failed.companions.map(\.records) == [[1], [0, 1]])
    #expect(failed.address == bar + 8 && failed.size == 8 && failed.isStore)
  }

  /// By hand: the first store's bytes are all overwritten, so that none of it is carried.
  @Test func `an overwritten store is in no write`() throws {
    let events: [NaiveEvent] = [.store(bar, 8), .store(bar, 8), .barrier("dmb.st")]
    #expect(writes(try census(events), "after") == [1: 1])
    #expect(try census(events, .record(0)).failed?.companions.map(\.records) == [[0], []])
    #expect(try census(events, .record(1)).failed?.companions.map(\.records) == [[1], [1]])
  }

  /// By hand: 60-67 lies in two lines, so in two writes after; before, it faults at stage 2.
  @Test func `a store across a line's end is in two writes, and faults on Device`() throws {
    let census = try census([.store(bar + 60, 8), .barrier("dmb.st")])
    #expect(writes(census, "after") == [1: 2] && writes(census, "before") == [:])
    #expect(census.faulting == [1, 0])
  }

  @Test func `types, directions and regions are told apart; config accesses are left out`() throws {
    let census = try census([
      .store(bar, 8), .load(bar, 8), .store(regs, 4), .store(regs + 8, 4), .ecamWrite(4, 2, 6),
      .trapped(0x3e, 2, 0x40, HazardBench.port),
    ])
    #expect(census.configAccesses == 2)
    #expect(census.groups.map(\.count) == [1, 1, 2])
    #expect(census.groups.map(\.group.isStore) == [true, false, true])
    // The map makes the registers Device at stage 1: both policies keep that.
    #expect(census.groups[2].group.after == .deviceNGnRE)
  }

  /// Accesses to `gicd` KVM emulates, while the map says that `uart` is passed through.
  ///
  /// The stores at offset 2 fault at their alignment on Device memory, which both are before.
  @Test func `what the hypervisor emulates reaches no hardware`() throws {
    let program = NaiveProgram(
      regions: [
        NaiveRegion("bar", base: bar, size: 4096),
        NaiveRegion("gicd", base: 0x800_0000, size: 4096, kind: "platform", stage1: 0x04),
        NaiveRegion(
          "uart", base: 0x900_0000, size: 4096, kind: "platform", stage1: 0x04, vfio: true),
      ], settings: NaiveSettings(),
      events: [
        .store(bar, 8), .store(0x800_0000, 4), .load(0x800_0000, 4), .store(0x900_0000, 4),
        .store(0x800_0002, 4), .store(0x900_0002, 4),
      ])
    func census(
      _ policies: [KVMPolicy], _ scope: FaultCensus.Scope = .every
    ) throws(TraceError) -> FaultCensus {
      let bench = HazardBench()
      var census = FaultCensus(
        program.source(cutSeed: nil), before: bench.configuration("before", policies[0]),
        after: bench.configuration("after", policies[1]), scope: scope)
      try census.run()
      return census
    }
    let kvm = try census([.kvmDevice, .kvmNormalNC])
    #expect(kvm.groups.map(\.count) == [1, 2])
    #expect(kvm.emulated.map(\.count) == [3])
    #expect(kvm.faulting[0] == 1)
    // Without a hypervisor nothing is emulated.
    let bare = try census([.none, .none])
    #expect(bare.groups.map(\.count).reduce(0, +) == 6 && bare.emulated.isEmpty)
    #expect(bare.faulting[0] == 2)
    let error = #expect(throws: TraceError.self) {
      try census([.kvmDevice, .kvmNormalNC], .record(2))
    }
    #expect("\(error as Any)".contains("gicd, which the hypervisor emulates"))
  }

  @Test func `one region alone`() throws {
    let census = try census([.store(bar, 8), .store(regs, 4)], .region("regs"))
    #expect(census.groups.map(\.count) == [1])
    #expect(Set(census.blast.map(\.region)) == ["regs"])
  }

  @Test func `a record in the midst of a run is found with its own address`() throws {
    let events: [NaiveEvent] = (0..<6).map { .store(bar + 8 * $0, 8) }
    let census = try census(events, .record(4))
    #expect(census.failed?.address == bar + 32)
    #expect(census.failed?.companions.map(\.records) == [[4], [0, 1, 2, 3, 4, 5]])
    #expect(census.groups.map(\.count) == [1])
  }

  @Test(arguments: [
    (FaultCensus.Scope.record(2), "has 2 records"), (.record(.max), "has 2 records"),
    (.record(1), "no load or store"), (.region("bra"), "no such region; it has: bar, regs"),
  ])
  func `what the trace does not have is an error`(scope: FaultCensus.Scope, words: String) throws {
    do {
      _ = try census([.store(bar, 8), .barrier("dmb.st")], scope)
      Issue.record("no error")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
    }
  }

  /// Against the engine's own count of memory writes, which is made elsewhere.
  @Test(arguments: 0..<4)
  func `writes and stores agree with the engine's counts`(part: UInt64) throws {
    for seed in part * 40..<part * 40 + 40 {
      let program = generateProgram(seed: seed)
      let policies: [KVMPolicy] = [.kvmDevice, .kvmNormalNC]
      let configurations = policies.map { policy in
        var configuration = ScenarioConfiguration.plain(policy, program.settings)
        configuration.name = policy.rawValue
        return configuration
      }
      let run = try ReplayDriver(program.source(cutSeed: seed), configurations).run()
      var census = FaultCensus(
        program.source(cutSeed: seed + 1), before: configurations[0], after: configurations[1],
        scope: .every)
      try census.run()
      for scenario in run.scenarios {
        for result in scenario.regions where result.region.kind != .platform {
          let rows = census.blast.filter {
            $0.scenario == scenario.name && $0.region == result.region.name
          }
          #expect(rows.reduce(0) { $0 + $1.tlps } == result.metrics.mwr, "seed \(seed)")
        }
      }
      #expect(census.records == run.trace.records)
    }
  }
}
