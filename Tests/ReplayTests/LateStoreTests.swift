import ArmMemory
import PCIeModel
import Profiles
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// A late write is "a store still gathered, or posted and unflushed": a store that has left its CPU
/// is late whatever a later or an earlier one waits for (hazards H2 and H6).
@Suite struct `RST002 and RST004: stores that have left beside gathered ones` {
  private static func copy(_ first: UInt64, _ count: Int) -> [NaiveEvent] {
    (0..<UInt64(count)).map { .payload(first + 8 * $0) }
  }
  private static let st64b = NaiveEvent.store(HazardBench.bar + 64, 64).with {
    $0.single64 = true
  }
  /// Device-nGRE (MAIR 0x08): it does not gather.
  private static let nGRE = NaiveEvent.payload(64).with { $0.attribute = 0x08 }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var stores: [NaiveEvent]
    /// Bytes that are gathered still.
    var gathered = 8
    /// Record of the youngest store that has left, or of the one that opened its line; nil where
    /// none is late.
    var posted: UInt64?
  }

  static let cases: [Case] = [
    Case(
      testDescription: "the same line again",  // as a driver rings a doorbell
      stores: [.payload(0x30), .barrier("dmb.st"), .payload(0x30)], posted: 0),
    Case(
      testDescription: "another line",
      stores: [.payload(0x30), .barrier("dmb.st"), .payload(0x70)], posted: 0),
    // 8 bytes of line 0, all 64 of line 1 (records 1 to 8), 8 of line 2.
    Case(
      testDescription: "the middle of a copy", stores: copy(0x38, 10), gathered: 16, posted: 1),
    Case(testDescription: "the end of a copy", stores: copy(0x38, 9), posted: 8),
    // Three full lines, records 1 to 24: the last one's first store is record 17.
    Case(
      testDescription: "several lines at once", stores: copy(0x38, 26), gathered: 16,
      posted: 17),
    // Four lines are open at most; the fifth takes the place of the first, the first of the second.
    Case(
      testDescription: "for want of a line",
      stores: [0, 64, 128, 192, 256, 0].map { .payload($0) }, gathered: 32, posted: 1),
    // Line 0 is full, and leaves; 8 bytes of the last store are in line 1.
    Case(
      testDescription: "half of a store",
      stores: copy(0, 7) + [.store(HazardBench.bar + 56, 16)], posted: 0),
    Case(
      testDescription: "an ST64B between", stores: [.payload(0), st64b, .payload(128)],
      gathered: 16, posted: 1),
    Case(
      testDescription: "a store that does not gather between",
      stores: [.payload(0), nGRE, .payload(128)], gathered: 16, posted: 1),
    Case(testDescription: "gathered alone", stores: [.payload(0x30)], posted: nil),
    Case(
      testDescription: "read back",
      stores: [
        .payload(0x30), .barrier("dmb.sy"), .status(), .barrier("dmb.ld"), .payload(0x30),
      ], posted: nil),
    Case(
      testDescription: "a copy read back",
      stores: copy(0x38, 9) + [
        .barrier("dmb.sy"), .status(), .barrier("dmb.ld"), .payload(0x30),
      ], posted: nil),
  ]

  @Test(arguments: cases)
  func `what has left is late`(case: Case) throws {
    let events = `case`.stores + [.busReset.on(vcpu: 1)]
    for cuts in [Set<Int>(), Set(events.indices)] {
      let findings = try HazardBench().with { $0.cuts = cuts }.run(events).findings
      for code in ["RST002", "RST004"] {
        let found = findings.filter { $0.code == code }
        #expect(found.map(\.earlierRecord) == (`case`.posted.map { [$0] } ?? []), "\(code)")
        #expect(found.allSatisfy { $0.count == 1 })
      }
      let gathered = findings.first { $0.code == "RST001" }?.message
      #expect(gathered?.hasPrefix("\(`case`.gathered) gathered bytes") == true)
    }
  }

  // One reset with stores of two vCPUs in one region is one, as the sentence says; in two regions it
  // is one in each. Two resets are two.
  @Test(arguments: ["RST002", "RST004"])
  func `what is counted are resets`(code: String) throws {
    let stores: [NaiveEvent] = [.doorbell(), .doorbell(8).on(vcpu: 1)]
    let release = NaiveEvent.trapped(0x3e, 2, 0, HazardBench.port)
    func counts(_ events: [NaiveEvent]) throws -> [UInt64] {
      try HazardBench().findings(code, events).map(\.count)
    }
    #expect(try counts(stores + [.busReset]) == [1])
    #expect(try counts(stores + [.busReset, release] + stores + [.busReset]) == [2])
    let apart: [NaiveEvent] = [.payload(), .barrier("dmb.st"), stores[1], .busReset]
    #expect(try counts(apart) == [1, 1])
  }

  // H17: BAR 0 moves while the middle of a copy is under way.
  @Test func `a moved BAR loses them, too`() throws {
    let move = NaiveEvent.trapped(0x10, 4, 0x2000_0000)
    let found = try HazardBench().with {
      $0.images[HazardBench.device]?.replaceSubrange(0x10..<0x14, with: [0, 0, 0, 0x10])
    }.findings("RST009", Self.copy(0x38, 10) + [move])
    #expect(found.compactMap(\.earlierRecord) == [1])
  }

  // A DSB waits for what it flushes; a DMB does not.
  @Test func `behind a DSB nothing is unsynchronised`() throws {
    let again = NaiveEvent.payload(0x30)
    for (barrier, count) in [("dsb.sy", 0), ("dsb.st", 0), ("dmb.sy", 1), ("dgh", 1)] {
      let events: [NaiveEvent] = [.payload(0x30), .barrier(barrier), again, .flr.on(vcpu: 1)]
      #expect(try HazardBench().findings("RST002", events).count == count, "\(barrier)")
    }
  }
}

@Suite struct `RST003: runs of stores behind a config write` {
  // The completion timeout is 50 ms: three of the four stores are issued by its end.
  @Test(arguments: [[], [2], [1, 2, 3, 4]] as [Set<Int>])
  func `each store is held against the timeout alone`(cuts: Set<Int>) throws {
    let times: [UInt64] = [49_999_990, 49_999_995, 50_000_000, 50_000_005]
    let stores = times.enumerated().map { NaiveEvent.payload(8 * UInt64($0.offset)).at($0.element) }
    let found = try HazardBench().with { $0.cuts = cuts }.findings(
      "RST003", [.ecamFLR.at(0)] + stores)
    #expect(found.map(\.count) == [3])
    #expect(found.map(\.firstRecord) == [1])
  }

  // Nobody gives up a write that is posted.
  @Test func `a posted write never times out`() throws {
    let stores = (0..<4).map { NaiveEvent.payload(8 * $0).at(49_999_999 + $0) }
    let found = try HazardBench().with {
      $0.change = { $0.rootComplex.configWritesPosted = true }
    }.findings("RST003", [.ecamFLR.at(0)] + stores)
    #expect(found.map(\.count) == [4])
  }
}

@Suite struct `Resets: functions that share a place` {
  /// 33 functions with a window of 4 KiB each: the last one takes the place of the first.
  private func source(_ events: [NaiveEvent]) -> ArrayBlockSource {
    let context = TraceContext(name: "functions", format: "generated")
    for number in 0..<33 as Range<UInt64> {
      context.regions.add(
        Region(
          name: "bar \(number)", base: HazardBench.bar + number << 12, size: 4096, kind: .bar,
          function: PCIFunction(bus: 1, device: UInt8(number / 8), function: UInt8(number % 8)),
          origin: .map))
    }
    let builder = BlockBuilder(Block())
    for event in events {
      guard let operation = Operation(name: event.op) else { continue }
      let region = RegionID(
        rawValue: UInt16(truncatingIfNeeded: (event.address &- HazardBench.bar) >> 12))
      builder.append(
        RecordClass(
          operation, size: UInt8(event.size),
          barrier: operation == .barrier ? Barrier(name: event.barrier) : nil,
          region: operation.isAccess ? region : nil),
        address: event.address, time: 0)
    }
    return ArrayBlockSource(context: context, blocks: [builder.block])
  }

  @Test func `a load is forgotten with its function`() throws {
    var events = [NaiveEvent.load(HazardBench.bar, 4)]
    for number in 1..<33 as Range<UInt64> {
      events.append(.store(HazardBench.bar + number << 12, 8))
    }
    events.append(.barrier("dmb.ld"))
    let configuration = HazardBench().configuration("all", .kvmNormalNC)
    let run = try ReplayDriver(source(events), [configuration]).run()
    #expect(run.findings.filter { $0.code.hasPrefix("RST") }.isEmpty)
  }
}
