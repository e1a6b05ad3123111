import ArmMemory
import ConfigSpace
import Replay
import Resets
import Results
import TestSupport
import Testing
import TraceCore

/// What a capture does not tell is no finding: times that it does not have, what it lost, and what
/// looks like another function's.
@Suite struct `Resets: what the capture does not tell` {
  private static let ms: UInt64 = 1_000_000
  private let release = NaiveEvent.trapped(0x3e, 2, 0, HazardBench.port)

  private func run(
    _ events: [NaiveEvent], _ change: (inout HazardBench) -> Void = { _ in }
  ) throws -> RunResult {
    try HazardBench().with(change).run(events)
  }

  private func count(_ name: String, _ run: RunResult) -> UInt64 {
    run.trace.counters.first { $0.name == name }?.count ?? 0
  }

  private func codes(
    _ events: [NaiveEvent], _ change: (inout HazardBench) -> Void = { _ in }
  ) throws -> [String] {
    try run(events, change).findings.map(\.code).filter { $0.hasPrefix("RST") }
  }

  // MARK: No time stamps

  // By hand: an FLR's 100 ms cannot be told; that Command.MEM is off, and that SBR is on, can.
  @Test func `without time stamps no access is early but while a reset lasts`() throws {
    let read = NaiveEvent.ecamRead(0, 4, 0x1234_10de)
    let restored = try run([.flr, read, .memoryOn, .doorbell(), .status()])
    #expect(restored.findings.filter { $0.code == "RST005" }.isEmpty)
    #expect(count("window_without_time", restored) == 2)
    #expect(restored.trace.assumptions.contains { $0.contains("recovery windows") })
    let off = try run([.flr, read, .doorbell()]).findings.filter { $0.code == "RST005" }
    #expect(off.map(\.message) == ["MMIO while the function's Command.MEM is off"])
    let held = try run([.busReset, .doorbell()]).findings.filter { $0.code == "RST005" }
    #expect(held.map(\.message) == ["MMIO while the reset is still asserted"])
    #expect(
      try run([.busReset, release, .memoryOn, .doorbell()]).findings
        .filter { $0.code == "RST005" }.isEmpty)
  }

  // Records ahead of the first stamp have its time, and those without one that of the last.
  @Test func `nor is one early whose own time, or the reset's, is not known`() throws {
    let stamped = NaiveEvent.doorbell().at(5)
    #expect(try run([.flr, .memoryOn, stamped]).findings.filter { $0.code == "RST005" }.isEmpty)
    let reset: [NaiveEvent] = [.flr.at(0), .memoryOn.at(1)]
    let mixed = try run(reset + [.doorbell(), .doorbell(4).at(7)])
    let found = mixed.findings.filter { $0.code == "RST005" }
    #expect(found.map(\.count) == [1])
    #expect(found.map(\.firstRecord) == [3])
    #expect(count("window_without_time", mixed) == 1)
  }

  @Test func `where blocks end does not matter`() throws {
    let events: [NaiveEvent] = [
      .flr, .memoryOn, .doorbell(), .doorbell(4), .flr.at(0), .memoryOn.at(1), .doorbell().at(2),
    ]
    let whole = try run(events)
    for cut in events.indices.dropFirst() {
      let parts = try run(events) { $0.cuts = [cut] }
      #expect(parts.findings == whole.findings)
      #expect(count("window_without_time", parts) == count("window_without_time", whole))
    }
  }

  // MARK: Lost events

  private let lost = NaiveEvent("lost")

  @Test func `a hole may hold what completes a config write`() throws {
    let off = NaiveEvent.ecamWrite(4, 2, 0)
    let on = NaiveEvent.ecamWrite(4, 2, 2)
    #expect(try codes([off, on, .doorbell()]) == ["RST003"])
    #expect(try codes([off, on, lost, .doorbell()]).isEmpty)
  }

  @Test func `a hole may hold Command.MEM and a read`() throws {
    let clear = NaiveEvent.ecamRead(0x4a, 2, 0).at(0)
    let late = NaiveEvent.doorbell().at(300 * Self.ms)
    #expect(try codes([clear, .flr.at(1), late]) == ["RST005", "RST008"])
    #expect(try codes([clear, .flr.at(1), lost.at(2), late]).isEmpty)
    // A known reset takes its time all the same.
    let early = NaiveEvent.doorbell().at(99 * Self.ms)
    #expect(try codes([clear, .flr.at(1), lost.at(2), early]) == ["RST005"])
  }

  @Test func `a hole may hold the end of a reset`() throws {
    let hole = lost.at(2)
    #expect(try codes([.busReset.at(0), hole, .doorbell().at(3_000 * Self.ms)]).isEmpty)
    // Let go at 0 at the earliest.
    #expect(try codes([.busReset.at(0), hole, .doorbell().at(99 * Self.ms)]) == ["RST005"])
    #expect(try codes([.busReset.at(0), hole, .doorbell().at(100 * Self.ms)]).isEmpty)
  }

  @Test func `a hole may hold the read of Transactions Pending, until the next reset`() throws {
    func pending(_ events: [NaiveEvent]) throws -> [UInt64] {
      try HazardBench().findings("RST006", events).map(\.count)
    }
    #expect(try pending([.flr]) == [1])
    #expect(try pending([lost, .flr]).isEmpty)
    #expect(try pending([lost, .doorbell(), .barrier("dsb.sy"), .flr, .flr]) == [1])
    #expect(try pending([.ecamRead(0x4a, 2, 0), lost, .doorbell(), .flr]) == [1])
  }

  @Test func `a hole may hold the load that did not return ones`() throws {
    let ones = NaiveEvent.status().with { $0.value = [255, 255, 255, 255] }
    let reset: [NaiveEvent] = [.flr.at(0), .memoryOn.at(1)]
    let late = ones.at(200 * Self.ms)
    #expect(try HazardBench().findings("RST007", reset + [late]).count == 1)
    #expect(try HazardBench().findings("RST007", reset + [lost.at(2), late]).isEmpty)
  }

  // MARK: Completion

  // A CfgRd need not stay behind a CfgWr (PCI Express Base Specification 5.0, Table 2-40, B4); of
  // the same function its completion is the readback that drivers take.
  @Test func `a config read completes writes to the function that answers it`() throws {
    func found(_ between: [NaiveEvent]) throws -> Int {
      try HazardBench().with {
        $0.images[HazardBench.device] = HazardBench.endpoint(command: 0)
      }.findings("RST003", [.ecamWrite(4, 2, 2)] + between + [.doorbell()]).count
    }
    #expect(try found([.ecamRead(0, 4, 0x1234_10de)]) == 0)
    #expect(try found([.ecamRead(0, 4, 0x1234_10de, HazardBench.other)]) == 1)
    #expect(try found([.ecamRead(0, 4, 0xffff_ffff)]) == 1)
    #expect(try found([.ecamRead(0, 4, 0xffff_0001)]) == 1, "asks for a retry")
    #expect(try found([.ecamRead(0, 4, 0xffff_ffff, HazardBench.other)]) == 1)
  }

  // MARK: Below a bridge in reset

  @Test func `Command.MEM written below a held bus stays off`() throws {
    let events: [NaiveEvent] = [
      .busReset.at(0), .memoryOn.at(1), release.at(2 * Self.ms),
      .ecamRead(0, 4, 0x1234_10de).at(200 * Self.ms), .doorbell().at(300 * Self.ms),
    ]
    let found = try HazardBench().findings("RST005", events)
    #expect(found.map(\.message) == ["MMIO while the function's Command.MEM is off"])
  }

  // MARK: One reset told twice

  @Test func `a notice of a config write's reset is no second one`() throws {
    let use: [NaiveEvent] = [.payload().at(0), .doorbell().at(0)]
    let told = use + [.flr.at(5), .notice("vfio_pci_reset_flr", at: 5)]
    for code in ["RST001", "RST002"] {
      #expect(try HazardBench().findings(code, told).map(\.count) == [1])
    }
    #expect(
      try HazardBench().findings("RST001", told).first?.message.hasPrefix("8 gathered") == true)
    // Of another time it is another one.
    let again = use + [.flr.at(5), .notice("flr", at: 6)]
    #expect(try HazardBench().findings("RST001", again).map(\.count) == [2])
  }

  // MARK: BARs

  @Test func `a write that moves no memory BAR moves no bytes`() throws {
    func found(_ register: Int, _ image: [UInt8], _ value: UInt32) throws -> [String] {
      try codes([.payload(), .doorbell(), .trapped(UInt64(register), 4, value)]) {
        $0.images[HazardBench.device] = image
      }
    }
    var image = HazardBench.endpoint()
    image[0x18] = 0x01
    #expect(try found(0x14, image, 0).isEmpty, "where it is")
    #expect(try found(0x18, image, 0xd001).isEmpty, "an I/O BAR")
    #expect(Set(try found(0x14, image, 0x10)) == ["RST009"])
  }

  // MARK: Words

  @Test func `a VF that VF Enable does not show is called one`() throws {
    var image = [UInt8](repeating: 0, count: 4096)
    image.replaceSubrange(0..<256, with: HazardBench.endpoint())
    // SR-IOV at 0x100: VF Enable and VF MSE, one VF at 02:00.0, 0x100 behind 01:00.0.
    image.replaceSubrange(0x100..<0x104, with: [0x10, 0, 1, 0])
    image[0x108] = 9
    image.replaceSubrange(0x110..<0x118, with: [1, 0, 0, 0, 0, 1, 1, 0])
    func messages(_ events: [NaiveEvent], _ code: String) throws -> [String] {
      try HazardBench().with { $0.images[HazardBench.device] = image }.findings(code, events)
        .map(\.message)
    }
    let use = NaiveEvent.store(HazardBench.otherRegs, 4)
    let off = NaiveEvent.trapped(0x108, 2, 0).at(0)
    #expect(
      try messages([off, use.at(600 * Self.ms)], "RST005")
        .contains("MMIO to a virtual function while VF Enable is 0"))
    let on = NaiveEvent.trapped(0x108, 2, 9).at(10 * Self.ms)
    #expect(
      try messages([off, on, use.at(40 * Self.ms)], "RST005") == [
        "MMIO to a virtual function too soon after VF Enable was set, up to 70 ms early"
      ])
    #expect(try messages([off, on, use.at(110 * Self.ms)], "RST005").isEmpty)
    // VF MSE is what Command.MEM is to others: H5.
    let disable = NaiveEvent.ecamWrite(0x108, 2, 1)
    let enable = NaiveEvent.ecamWrite(0x108, 2, 9)
    let sync = NaiveEvent.barrier("dsb.sy")
    #expect(try messages([disable, sync, enable, use], "RST003").count == 1)
    #expect(try messages([disable, sync, enable, sync, use], "RST003").isEmpty)
  }

  // MARK: Parts of a capture

  @Test func `where reads were left out that there are none is no finding`() throws {
    let events: [NaiveEvent] = [
      .payload().at(0), .flr.at(1), .memoryOn.at(2), .doorbell().at(200 * Self.ms),
    ]
    func found(lacksReads: Bool) throws -> RunResult {
      let source = HazardBench().source(events)
      source.context.lacksReads = lacksReads
      return try ReplayDriver(
        source, [HazardBench().configuration("none", .kvmNormalNC)]
      ).run()
    }
    let whole = try found(lacksReads: false)
    #expect(
      whole.findings.map(\.code).filter { $0.hasPrefix("RST") } == ["RST001", "RST006", "RST008"])
    let part = try found(lacksReads: true)
    #expect(part.findings.map(\.code).filter { $0.hasPrefix("RST") } == ["RST001"])
    #expect(part.trace.assumptions.contains { $0.contains("RST003, RST004, RST006, RST008") })
  }

  // MARK: Functions

  /// Those with MMIO in the capture, however far the replay had read when the reset came.
  @Test func `the functions of a reset do not hang on where blocks end`() throws {
    let events: [NaiveEvent] = [
      .busReset.at(0), release.at(1), .store(HazardBench.otherRegs, 4).at(300 * Self.ms),
      .doorbell().at(300 * Self.ms),
    ]
    for cuts in [[], [1], [2], [3], [1, 2, 3]] as [Set<Int>] {
      let bench = HazardBench().with {
        $0.images[HazardBench.port] = HazardBench.bridge(lastBus: 2)
        $0.cuts = cuts
      }
      var configuration = bench.configuration("none", .kvmNormalNC)
      configuration.keepsResetCases = true
      let driver = ReplayDriver(bench.source(events), [configuration])
      _ = try driver.run()
      let functions = driver.resetCases().first?.cases.first?.functions
      #expect(functions.map(Set.init) == [HazardBench.device, HazardBench.other])
    }
  }
}
