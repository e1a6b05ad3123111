import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// What becomes of one record.
///
/// Expected events are worked out by hand from the page on the model,
/// sections "Gathering", "TLPs" and "Bytes on the wire": a memory write above 4 GiB has 8 bytes of
/// framing and 16 of header ahead of its DWs.
@Suite struct RecordInquiryTests {
  private let bar = HazardBench.bar
  private let regs = HazardBench.regs

  private func fate(
    _ record: UInt64, of events: [NaiveEvent], _ change: (inout HazardBench) -> Void = { _ in }
  ) throws -> RecordFate {
    let bench = HazardBench().with(change)
    let inquiry = RecordInquiry(of: record, [bench.configuration("one", bench.policy)])
    return try #require(try inquiry.run(bench.source(events)).first)
  }

  private func tlp(_ address: UInt64, _ bytes: Int, dwords: UInt64) -> RecordFate.TLP {
    .init(address: address, payloadBytes: bytes, wireBytes: 24 + 4 * dwords)
  }

  @Test func `a store that gathers is shown with those of its line, and with what sent it`() throws
  {
    let found = try fate(
      1, of: [.store(bar, 8), .store(bar + 8, 4), .store(bar + 62, 2), .barrier("dmb.st")])
    #expect(
      found.mapping == .init(effective: "normal-nc", stage1: "normal-nc", stage2: "normal-nc"))
    let line = RecordFate.Line(
      address: bar, size: 64, pending: 14,
      parts: [
        .init(record: 0, bytes: [0...7]), .init(record: 1, bytes: [8...11]),
        .init(record: 2, bytes: [62...63]),
      ], cause: .barrier, record: 3,
      tlps: [tlp(bar, 12, dwords: 3), tlp(bar + 62, 2, dwords: 1)])
    #expect(found.events == [.line(line)])
    #expect(found.named == [0, 1, 2, 3])
  }

  @Test func `a barrier is shown with the lines that it sent, a filling store with its own`() throws
  {
    let events: [NaiveEvent] =
      (0..<8).map { .store(bar + 8 * $0, 8) } + [.store(bar + 64, 8), .barrier("dsb.sy")]
    let full = try fate(7, of: events)
    guard case .line(let own) = try #require(full.events.first) else {
      Issue.record("no line")
      return
    }
    #expect(own.cause == .full && own.record == 7 && own.pending == 64)
    #expect(own.tlps == [tlp(bar, 64, dwords: 16)])
    let barrier = try fate(9, of: events)
    #expect(barrier.mapping == nil)
    guard case .line(let sent) = try #require(barrier.events.first) else {
      Issue.record("no line")
      return
    }
    #expect(sent.parts.map(\.record) == [8] && sent.record == 9)
    #expect(barrier.events.count == 1 && full.events.count == 1)
  }

  @Test func `bytes that are written again are told, also where none is left`() throws {
    let events: [NaiveEvent] = [
      .store(bar, 8), .store(bar + 2, 2), .store(bar, 8), .barrier("dmb.sy"),
    ]
    // Bytes 2-3 go to record 1, then the other six to record 2, and record 1's, too.
    #expect(
      try fate(0, of: events).events == [
        .overwritten(bytes: 2, address: bar + 2, by: 1),
        .overwritten(bytes: 2, address: bar, by: 2),
        .overwritten(bytes: 4, address: bar + 4, by: 2),
      ])
    #expect(
      try fate(1, of: events).events == [.overwritten(bytes: 2, address: bar + 2, by: 2)])
  }

  @Test func `a store across a line goes into two, each with an end of its own`() throws {
    let found = try fate(
      0, of: [.store(bar + 60, 8), .load(bar + 32, 4), .store(bar + 256, 1)])
    let ends = found.events.map { event -> String in
      guard case .line(let line) = event else { return "?" }
      return "\(line.address - bar) \(line.cause.name) \(line.record.map { "\($0)" } ?? "end")"
    }
    #expect(ends == ["0 read 1", "64 end end"])
  }

  @Test func `what does not gather leaves alone, in pieces; what faults does not`() throws {
    let events: [NaiveEvent] = [
      .store(regs + 16, 16), .store(regs + 2, 4), .load(regs + 4, 2), .load(bar + 3, 2),
      .store(bar + 64, 64).with { $0.single64 = true }, .trapped(0x3e, 2, 0x40, HazardBench.port),
    ]
    func found(_ record: UInt64) throws -> [RecordFate.Event] {
      try fate(record, of: events) { $0.policy = .none }.events
    }
    #expect(
      try found(0) == [
        .write(address: regs + 16, bytes: 8, tlps: [tlp(regs + 16, 8, dwords: 2)]),
        .write(address: regs + 24, bytes: 8, tlps: [tlp(regs + 24, 8, dwords: 2)]),
      ])
    #expect(try found(1) == [.fault(stage: 1)])
    // A request of 16 + 8 bytes; a completion of 12 + 8 and one DW, or two.
    func read(_ address: UInt64, _ bytes: Int, up: UInt64) -> RecordFate.Event {
      .read(
        address: address, bytes: bytes,
        cost: .init(requests: 1, completions: 1, downBytes: 24, upBytes: up))
    }
    #expect(try found(2) == [read(regs + 4, 2, up: 24)])
    #expect(try found(3) == [read(bar, 8, up: 28)])
    #expect(
      try found(4) == [
        .write(address: bar + 64, bytes: 64, tlps: [tlp(bar + 64, 64, dwords: 16)])
      ])
    // A config write: 12 + 8 and a DW down, a completion without data up.
    #expect(
      try found(5) == [
        .config(
          register: 0x3e, bytes: 2,
          cost: .init(requests: 1, completions: 1, downBytes: 24, upBytes: 20)),
        // Bridge Control bit 6 of a root port.
        .meaning(kind: "sbr-assert", function: "0000:00:01.0"),
      ])
  }

  /// Without barriers in the capture a store that goes on nowhere has one in front of it.
  @Test func `a barrier that an assumption puts there counts as its record`() throws {
    let bench = HazardBench()
    var configuration = bench.configuration("auto", .kvmNormalNC)
    configuration.accessors = nil
    let events: [NaiveEvent] = [.store(bar, 8), .store(bar + 128, 8)]
    let found = try #require(
      try RecordInquiry(of: 1, [configuration]).run(bench.source(events)).first)
    #expect(found.accessors == "bursts")
    guard case .line(let sent) = try #require(found.events.first) else {
      Issue.record("no line")
      return
    }
    #expect(sent.cause == .barrier && sent.record == 1 && sent.parts.map(\.record) == [0])
    #expect(found.events.count == 2)
  }

  /// ORD001 is the doorbell's (HazardOrderTests, L11), RST001 the reset's: 8 bytes are pending, and
  /// the barrier of the other vCPU leaves them where they are.
  @Test func `what rules say of a record is shown with it alone`() throws {
    let bench = [NaiveEvent.payload(), .doorbell()]
    #expect(try fate(0, of: bench).findings.isEmpty)
    let doorbell = try #require(try fate(1, of: bench).findings.first)
    #expect(doorbell.code == "ORD001" && doorbell.count == 1)
    #expect(doorbell.firstRecord == 1 && doorbell.earlierRecord == 0)
    #expect(try fate(1, of: bench).named == [0])
    let second = try fate(3, of: bench + [.payload(64), .doorbell()])
    #expect(second.findings.map(\.code) == ["ORD001"] && second.findings[0].earlierRecord == 2)

    let reset = [NaiveEvent.payload(), .flr.on(vcpu: 1)]
    let found = try fate(1, of: reset)
    #expect(found.findings.contains { $0.code == "RST001" && $0.message.hasPrefix("8 gathered") })
    #expect(found.events.contains(.meaning(kind: "flr", function: "0000:01:00.0")))
    #expect(try fate(0, of: reset).findings.isEmpty)
  }

  @Test func `a record that the trace does not have is refused`() throws {
    let error = #expect(throws: TraceError.self) { try fate(2, of: [.store(bar, 8), .payload(8)]) }
    #expect(error?.message.contains("has 2 records, numbered from 0") == true)
  }

  /// The fates of all records of generated programs, held against the counts of a replay that takes
  /// whole runs, however blocks are cut.
  @Test(arguments: 0..<4)
  func `the fates of all records add up to the counts`(part: UInt64) throws {
    for seed in part * 25..<part * 25 + 25 {
      let program = generateProgram(seed: seed, maximumEvents: 80)
      let run = try ReplayDriver(program.source(cutSeed: nil), [program.configuration()]).run()
      let totals = run.scenarios[0].totals
      var sum = Sum()
      var findings: [String: UInt64] = [:]
      for record in program.events.indices.map(UInt64.init) {
        let source = program.source(cutSeed: seed ^ record)
        let fates = try RecordInquiry(of: record, [program.configuration()]).run(source)
        let fate = try #require(fates.first)
        for event in fate.events { sum.add(event, of: record) }
        for finding in fate.findings { findings[finding.code, default: 0] += finding.count }
      }
      // Partially filled lines and denied mappings are no record's own.
      let reported = run.findings.filter { !["PRF001", "MAP002"].contains($0.code) }
      let counts = Dictionary(grouping: reported, by: \.code).mapValues {
        $0.reduce(UInt64(0)) { $0 + $1.count }
      }
      #expect(findings == counts, "seed \(seed)")
      #expect(sum.tlps == totals.mwr, "seed \(seed)")
      #expect(sum.payload == totals.payloadBytes, "seed \(seed)")
      #expect(sum.reads == totals.mrd, "seed \(seed)")
      #expect(sum.down == totals.wireDownBytes, "seed \(seed)")
      #expect(sum.up == totals.wireUpBytes, "seed \(seed)")
      #expect(sum.overwritten == totals.collapsedBytes, "seed \(seed)")
      #expect(sum.busWrites == totals.busWrites, "seed \(seed)")
      #expect(sum.faults == totals.faultsStage1 + totals.faultsStage2, "seed \(seed)")
    }
  }
}

/// What events amount to; a line counts at the first record that has bytes of it.
private struct Sum {
  var (tlps, payload, reads, down, up) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
  var (overwritten, busWrites, faults) = (UInt64(0), UInt64(0), UInt64(0))

  mutating func add(_ event: RecordFate.Event, of record: UInt64) {
    switch event {
    case .fault: faults += 1
    case .overwritten(let bytes, _, _): overwritten += UInt64(bytes)
    case .write(_, _, let tlps): add(tlps)
    case .line(let line): if line.parts.first?.record == record { add(line.tlps) }
    case .read(_, _, let cost):
      reads += cost.requests
      add(cost)
    case .config(_, _, let cost): add(cost)
    case .meaning: break
    }
  }

  private mutating func add(_ writes: [RecordFate.TLP]) {
    busWrites += 1
    tlps += UInt64(writes.count)
    for write in writes {
      payload += UInt64(write.payloadBytes)
      down += write.wireBytes
    }
  }

  private mutating func add(_ cost: RecordFate.RoundTrip) {
    down += cost.downBytes
    up += cost.upBytes
  }
}
