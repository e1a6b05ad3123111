import ArmMemory
import Replay
import Resets
import Results
import TestSupport
import Testing
import TraceCore

/// H7: which reads are since a reset.
///
/// The completion of a read pushes what the device sent ahead of it (PCI Express Base
/// Specification 5.0, Table 2-40, D2a). A read that was issued before the reset took effect may have
/// been answered before the last of that was sent.
@Suite struct `RST008: which reads are since the reset` {
  private static let sync = NaiveEvent.barrier("dsb.sy")
  private static let sync1 = NaiveEvent.barrier("dsb.sy", vcpu: 1)
  private static let read = NaiveEvent.ecamRead(0, 4, 0x1234_10de)
  private static let acquire = NaiveEvent.status(0x80).with { $0.acquire = true }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var before: [NaiveEvent] = []
    var reset = NaiveEvent.ecamFLR
    var after: [NaiveEvent]
    var isFlushed: Bool

    /// The first has a stamp, which the others repeat.
    var events: [NaiveEvent] {
      var events = before + [reset] + after + [.doorbell()]
      events[0] = events[0].at(0)
      return events
    }
  }

  // By hand: a read counts where its record comes behind what shows that the config write has
  // completed, a DSB or a config read of the vCPU that wrote it.
  static let cases: [Case] = [
    Case(testDescription: "no read at all", after: [sync], isFlushed: false),
    Case(
      testDescription: "a load before, its data behind the reset", before: [.status()],
      after: [sync], isFlushed: false),
    Case(
      testDescription: "of another vCPU", before: [.status().on(vcpu: 1)], after: [sync, sync1],
      isFlushed: false),
    Case(
      testDescription: "a load before, then an acquire before", before: [.status(), acquire],
      after: [sync], isFlushed: false),
    Case(
      testDescription: "a reset at the bridge covers the load",
      before: [.status()], reset: .ecamWrite(0x3e, 2, 0x40, HazardBench.port),
      after: [sync, .ecamWrite(0x3e, 2, 0, HazardBench.port), sync], isFlushed: false),
    Case(testDescription: "a config read behind", after: [sync, read], isFlushed: true),
    Case(
      testDescription: "a config read that shows the completion itself", after: [read],
      isFlushed: true),
    Case(
      testDescription: "another vCPU's config read before the completion",
      after: [read.on(vcpu: 1), sync], isFlushed: false),
    Case(
      testDescription: "and behind it", after: [sync, read.on(vcpu: 1)], isFlushed: true),
    // The write has been answered or given up by then: 50 ms, to the nanosecond.
    Case(
      testDescription: "or when it has timed out", after: [read.on(vcpu: 1).at(50_000_001)],
      isFlushed: true),
    Case(
      testDescription: "but not a nanosecond before", after: [read.on(vcpu: 1).at(50_000_000)],
      isFlushed: false),
    Case(
      testDescription: "a trap completes the load before the reset", before: [.status()],
      reset: .flr, after: [], isFlushed: false),
    Case(
      testDescription: "a config read that nobody answers",
      after: [sync, .ecamRead(0, 4, 0xffff_ffff)], isFlushed: false),
  ]

  private func bench() -> HazardBench {
    HazardBench().with { $0.images[HazardBench.port] = HazardBench.bridge(lastBus: 1) }
  }

  @Test(arguments: cases)
  func `a read counts that was issued behind the reset's completion`(case: Case) throws {
    let events = `case`.events
    let found = try bench().findings("RST008", events).filter {
      $0.message.contains("no read since its reset")
    }
    #expect(found.map(\.count) == (`case`.isFlushed ? [] : [1]))
    #expect(found.allSatisfy { $0.earlierRecord == UInt64(`case`.before.count) })
  }

  /// Nothing answers a posted write, so that no time is too long for it; a config read of the vCPU
  /// that wrote it shows that it has arrived (Intel VMD, Linux drivers/pci/controller/vmd.c).
  @Test(arguments: [(ConfigPath.ecam, false, 0), (.posted, false, 1), (.posted, true, 0)])
  func `no time shows that a posted reset has arrived`(
    path: ConfigPath, hasOwnRead: Bool, count: Int
  ) throws {
    let events =
      [NaiveEvent.ecamFLR.at(0)] + (hasOwnRead ? [Self.read] : [])
      + [Self.read.on(vcpu: 1).at(60_000_000), .doorbell()]
    let found = try bench().with { $0.configPath = path }.findings("RST008", events).filter {
      $0.message.contains("no read since its reset")
    }
    #expect(found.count == count)
  }

  /// What the proof of a reset takes for a read: the same.
  @Test(arguments: cases)
  func `the proof has no read where the finding has none`(case: Case) throws {
    let events = `case`.events
    var configuration = bench().configuration("none", .kvmNormalNC)
    configuration.keepsResetCases = true
    let driver = ReplayDriver(bench().source(events), [configuration])
    _ = try driver.run()
    let cases = try #require(driver.resetCases().first?.cases)
    let read = try #require(cases.first?.firstAfter).readBack
    #expect((read != nil) == `case`.isFlushed)
    if let read { #expect(read > UInt64(`case`.before.count)) }
  }

  private func outstanding(_ events: [NaiveEvent]) throws -> [UInt64?] {
    try bench().findings("RST008", events).filter { $0.message.contains("without its data") }
      .map(\.earlierRecord)
  }

  // H8. An acquire orders what comes after it behind itself; it waits for no load before it
  // (Arm ARM DDI 0487, B2.3.3).
  @Test func `an acquire ends no load before it`() throws {
    let reset = NaiveEvent.flr.on(vcpu: 1)
    #expect(try outstanding([.status(), Self.acquire, reset]) == [0])
    #expect(try outstanding([Self.acquire, reset]) == [])
    #expect(try outstanding([.status(), .barrier("dmb.ld"), Self.acquire, reset]) == [])
    #expect(try outstanding([.status(), Self.acquire, .barrier("dmb.ld"), reset]) == [])
  }

  // B2a: the load of the doorbell's own registers pushes it, once its data is there; the acquire, a
  // Normal-NC load of other bytes, is ordered behind neither.
  @Test func `an acquire shows no other load's data`() throws {
    let elsewhere = NaiveEvent.load(HazardBench.bar + 0x1000, 8).with { $0.acquire = true }
    let reset = NaiveEvent.busReset.on(vcpu: 1)
    let stores: [NaiveEvent] = [.doorbell(), .status(), elsewhere]
    #expect(try bench().findings("RST004", stores + [reset]).map(\.earlierRecord) == [0])
    #expect(try bench().findings("RST004", stores + [.barrier("dmb.ld"), reset]).isEmpty)
  }

  /// Blocks come one by one: a function that only a later one has is reset all the same.
  @Test func `a function that the capture shows late was reset, too`() throws {
    let events: [NaiveEvent] = [
      .doorbell(), Self.sync, .ecamWrite(0x3e, 2, 0x40, HazardBench.port), Self.sync,
      .ecamWrite(0x3e, 2, 0, HazardBench.port), Self.sync, .doorbell(), Self.sync,
      .store(HazardBench.otherRegs, 4),
    ]
    for cuts in [[], [8], [2, 6, 7, 8]] as [Set<Int>] {
      let found = try HazardBench().with {
        $0.images[HazardBench.port] = HazardBench.bridge(lastBus: 2)
        $0.cuts = cuts
      }.findings("RST008", events)
      #expect(found.map(\.region) == ["regs", "other-regs"])
      #expect(found.map(\.earlierRecord) == [2, 2])
    }
  }
}
