import ArmMemory
import Replay
import Resets
import Results
import TestSupport
import Testing

/// What a program puts on the bus, under policy `none`, with lines of 64 bytes.
private func path(
  _ events: [NaiveEvent], _ change: (inout HazardBench) -> Void = { _ in }
) throws -> [BusAccess] {
  let bench = HazardBench().with {
    $0.policy = .none
    change(&$0)
  }
  let driver = ReplayDriver(bench.source(events), [bench.configuration("one", bench.policy)])
  driver.recordsPath = true
  _ = try driver.run()
  return try #require(driver.paths().first)
}

/// Expected accesses are worked out by hand from the page on the model, sections "Gathering" and
/// "An event of a vCPU".
@Suite struct BusPathTests {
  private let bar = HazardBench.bar
  private let regs = HazardBench.regs

  @Test func `a line names its writers in merge order, byte by byte`() throws {
    // Bytes 0-7 by record 0, 4-7 again by record 1, 62-63 by record 2, whose rest opens a line.
    let found = try path([
      .store(bar, 8), .store(bar + 4, 4), .store(bar + 62, 4), .barrier("dmb.st"),
    ])
    let first = BusAccess(
      kind: .write, vcpu: 0, record: 2, address: bar, mask: 0xc000_0000_0000_00ff,
      parts: [
        .init(record: 0, mask: 0xff), .init(record: 1, mask: 0xf0),
        .init(record: 2, mask: 0xc000_0000_0000_0000),
      ])
    let second = BusAccess(
      kind: .write, vcpu: 0, record: 2, address: bar + 64, mask: 3,
      parts: [.init(record: 2, mask: 3)])
    #expect(found == [first, second])
  }

  @Test func `a copy loop is logged store by store, not as a run`() throws {
    let found = try path((0..<8).map { .store(bar + 8 * $0, 8).on(vcpu: 7) })
    #expect(found.count == 1)
    let line = try #require(found.first)
    #expect(line.kind == .write && line.vcpu == 7 && line.record == 7)
    #expect(line.mask == UInt128(UInt64.max))
    #expect(line.parts.map(\.record) == Array(0..<8))
    #expect(line.parts.map(\.mask) == (0..<8).map { UInt128(0xff) << (8 * $0) })
  }

  @Test func `Device pieces, ST64B, reads, config accesses and faults are in the engine's order`()
    throws
  {
    let found = try path([
      // nGnRE, 16 bytes: two pieces of 8. Then a fault, a Device read, a Normal read of 2 DWs.
      .store(regs + 16, 16), .store(regs + 2, 4), .load(regs + 4, 2), .load(bar + 3, 2),
      .store(bar + 64, 64).with { $0.single64 = true },
      .ecamWrite(4, 2, 6), .trapped(0x3e, 2, 0x40, HazardBench.port),
    ])
    func access(
      _ kind: BusAccess.Kind, _ record: UInt64, _ address: UInt64, _ mask: UInt128
    ) -> BusAccess {
      BusAccess(
        kind: kind, vcpu: 0, record: record, address: address, mask: mask,
        parts: kind == .write ? [.init(record: record, mask: mask)] : [])
    }
    let expected = [
      access(.write, 0, regs + 16, 0xff), access(.write, 0, regs + 24, 0xff),
      access(.fault(stage: 1), 1, regs + 2, 0xf), access(.read, 2, regs + 4, 3),
      access(.read, 3, bar, 0xff), access(.write, 4, bar + 64, UInt128(UInt64.max)),
      access(.configWrite, 5, HazardBench.ecam(HazardBench.device, 4), 3),
      access(.configWrite, 6, 0x3e, 3),
    ]
    #expect(found == expected)
  }

  @Test func `what a 64-byte store finds gathered leaves oldest-opened first`() throws {
    let found = try path([
      .store(bar + 32, 2), .store(bar, 16), .store(bar, 64).with { $0.single64 = true },
    ]) { $0.settings.lineBytes = 32 }
    #expect(found.map(\.address) == [bar + 32, bar, bar])
    #expect(found.map(\.record) == [0, 1, 2])
  }

  /// A config access goes between two stores to one line: one write where it leaves the line alone,
  /// two where it ends it.
  @Test(
    arguments: [
      (nil, false, false, 1), (nil, true, false, 1), (nil, false, true, 2),
      (.ecam, false, false, 1), (.ecam, true, false, 2), (.ecam, false, true, 1),
      (.posted, true, false, 2), (.posted, false, true, 1), (.trapped, true, false, 1),
      (.trapped, false, true, 2), (.vfio, false, true, 2),
    ] as [(ConfigPath?, Bool, Bool, Int)])
  func `what a config access does to a line hangs on the way that it takes`(
    way: ConfigPath?, deviceDrains: Bool, trapDrains: Bool, writes: Int
  ) throws {
    let found = try path([
      .store(bar, 8), .trapped(0x40, 4, 1, HazardBench.port), .store(bar + 8, 8),
    ]) {
      $0.configPath = way
      $0.settings.deviceDrainsNC = deviceDrains
      $0.settings.trapDrains = trapDrains
    }
    #expect(found.count { $0.kind == .write } == writes)
  }

  /// An access to an ECAM window that traps is no Device access of the CPU's.
  @Test(
    arguments: [
      (nil, true, false, 2), (nil, false, true, 1), (.trapped, true, false, 1),
      (.trapped, false, true, 2),
    ] as [(ConfigPath?, Bool, Bool, Int)])
  func `an access to an ECAM window may be said to trap`(
    way: ConfigPath?, deviceDrains: Bool, trapDrains: Bool, writes: Int
  ) throws {
    let found = try path([
      .store(bar, 8), .ecamWrite(4, 2, 6), .store(bar + 8, 8),
    ]) {
      $0.configPath = way
      $0.settings.deviceDrainsNC = deviceDrains
      $0.settings.trapDrains = trapDrains
    }
    #expect(found.count { $0.kind == .write } == writes)
  }

  /// The guest executes the accessor's DMB, and stage 1 looks at the address, before the store traps.
  @Test func `what comes ahead of a trap is done all the same`() throws {
    for way in [nil, .trapped, .vfio, .ecam] as [ConfigPath?] {
      let ordered = try path([.store(bar, 8), .ecamWrite(4, 2, 6), .store(bar + 8, 8)]) {
        $0.configPath = way
        $0.accessors = .linuxWritel
      }
      let kinds: [BusAccess.Kind] = [.write, .configWrite, .write]
      #expect(ordered.map(\.kind) == kinds, "\(String(describing: way))")
      let fault = try path([.ecamWrite(5, 2, 6)]) { $0.configPath = way }
      #expect(fault.map(\.kind) == [.fault(stage: 1)], "\(String(describing: way))")
    }
  }

  @Test func `a fault says which stage made the location Device`() throws {
    let found = try path([.store(bar + 1, 4)]) { $0.policy = .kvmDevice }
    #expect(found.map(\.kind) == [.fault(stage: 2)])
  }

  /// Only what no alignment mends counts as unsupported: ST64B to write-back memory, not a misaligned
  /// one, nor a misaligned store-release.
  @Test func `64-byte accesses to cacheable memory are told from other faults`() throws {
    let bench = HazardBench()
    func faults(_ change: (inout NaiveEvent) -> Void) throws -> [UInt64] {
      var event = NaiveEvent.store(bar + 64, 64)
      event.attribute = 0xff
      change(&event)
      let driver = ReplayDriver(bench.source([event]), [bench.configuration("a", .none)])
      let totals = try driver.run().scenarios[0].totals
      return [totals.faultsStage1, totals.faultsStage2, totals.faultsUnsupported64]
    }
    #expect(try faults { $0.single64 = true } == [1, 0, 1])
    #expect(try faults { ($0.single64, $0.address) = (true, bar + 4) } == [1, 0, 0])
    #expect(try faults { ($0.release, $0.address, $0.size) = (true, bar + 12, 8) } == [1, 0, 0])
    #expect(try faults { ($0.attribute, $0.single64) = (0x44, true) } == [0, 0, 0])
  }

  @Test func `each scenario has a path of its own, and none where it was not asked for`() throws {
    let bench = HazardBench()
    let both = [bench.configuration("a", .kvmDevice), bench.configuration("b", .kvmNormalNC)]
    let events: [NaiveEvent] = [.payload(), .payload(8)]
    let driver = ReplayDriver(bench.source(events), both)
    driver.recordsPath = true
    _ = try driver.run()
    // Two Device stores stay two; two neighbours of one line gather.
    #expect(driver.paths().map(\.count) == [2, 1])
    let silent = ReplayDriver(bench.source(events), both)
    _ = try silent.run()
    #expect(silent.paths().isEmpty)
  }

  @Test(arguments: 0..<4)
  func `the path holds what the counts count, and recording changes none`(part: UInt64) throws {
    for seed in part * 100..<part * 100 + 100 {
      let program = generateProgram(seed: seed)
      let driver = ReplayDriver(program.source(cutSeed: seed), [program.configuration()])
      driver.recordsPath = true
      let result = try driver.run().scenarios[0]
      #expect(result == (try engineResult(of: program, cutSeed: seed)), "seed \(seed)")
      let path = try #require(driver.paths().first)
      check(path, result.totals, seed: seed)
    }
  }

  private func check(_ path: [BusAccess], _ totals: Metrics, seed: UInt64) {
    func count(_ kind: BusAccess.Kind) -> UInt64 { UInt64(path.filter { $0.kind == kind }.count) }
    let writes = path.filter { $0.kind == .write }
    let bytes = writes.reduce(0) { $0 + $1.mask.nonzeroBitCount }
    let stored = writes.flatMap(\.parts).reduce(0) { $0 + $1.mask.nonzeroBitCount }
    #expect(UInt64(writes.count) == totals.busWrites, "seed \(seed)")
    #expect(UInt64(bytes) == totals.payloadBytes, "seed \(seed)")
    #expect(UInt64(stored) == totals.storeBytes, "seed \(seed)")
    #expect(writes.allSatisfy { $0.mask == $0.parts.reduce(0) { $0 | $1.mask } }, "seed \(seed)")
    #expect(count(.configRead) == totals.cfgReads, "seed \(seed)")
    #expect(count(.configWrite) == totals.cfgWrites, "seed \(seed)")
    #expect(count(.fault(stage: 1)) == totals.faultsStage1, "seed \(seed)")
    #expect(count(.fault(stage: 2)) == totals.faultsStage2, "seed \(seed)")
  }
}
