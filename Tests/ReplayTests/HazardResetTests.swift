import ArmMemory
import PCIeModel
import Profiles
import Replay
import Results
import TestSupport
import Testing
import TraceCore

@Suite struct `RST001: gathered bytes at a reset` {
  private func found(
    _ events: [NaiveEvent], _ change: (inout HazardBench) -> Void = { _ in }
  ) throws -> [Finding] {
    try HazardBench().with(change).findings("RST001", events)
  }

  @Test(arguments: [("config_write", NaiveEvent.flr), ("ECAM store", .ecamFLR)])
  func `bytes pending when FLR is written`(path: String, flr: NaiveEvent) throws {
    let events: [NaiveEvent] = [.status(), .payload(), .store(HazardBench.bar + 64, 4)]
    let found = try found(events + [flr.on(vcpu: 1)])
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .error)
    #expect(finding.count == 1)
    #expect(finding.firstRecord == 3 && finding.firstLine == 104)
    #expect(finding.region == "bar" && finding.vcpu == 1)
    #expect(finding.message.hasPrefix("12 gathered bytes"))
  }

  @Test func `none where the bytes have left before`() throws {
    for flr in [NaiveEvent.flr, .ecamFLR] {
      #expect(try found([.payload(), .barrier("dsb.sy"), flr]).isEmpty)
      #expect(try found([.payload(), .load(HazardBench.bar, 8), flr]).isEmpty)
      #expect(try found((0..<8).map { .payload(8 * $0) } + [flr]).isEmpty)
      #expect(try found([.payload(), flr]) { $0.policy = .kvmDevice }.isEmpty)
      #expect(try found([flr, .payload()]).isEmpty)
    }
    #expect(try found([.payload(), .flr]) { $0.settings.trapDrains = true }.isEmpty)
    #expect(try found([.payload(), .ecamFLR]) { $0.settings.trapDrains = true }.count == 1)
    #expect(try found([.payload(), .ecamFLR]) { $0.settings.deviceDrainsNC = true }.isEmpty)
    #expect(try found([.payload(), .flr]) { $0.settings.deviceDrainsNC = true }.count == 1)
    // A barrier of another vCPU drains none of this one's.
    #expect(try found([.payload(), .barrier("dsb.sy", vcpu: 1), .flr]).count == 1)
  }

  @Test func `none where the write resets nothing`() throws {
    // Another bit of Device Control, a function without the FLR capability, a plain register.
    #expect(try found([.payload(), .trapped(0x48, 2, 0x7fff)]).isEmpty)
    #expect(try found([.payload(), .flr]) { $0.images = [:] }.isEmpty)
    #expect(try found([.payload(), .trapped(0x0c, 1, 8)]).isEmpty)
    #expect(try found([.payload(), .memoryOff]).isEmpty)
  }

  @Test func `bytes for another function are not late`() throws {
    let other = NaiveEvent.store(HazardBench.otherBar, 8)
    #expect(try found([other, .flr]).isEmpty)
    let both = try found([other, .payload(), .flr])
    #expect(both.map(\.region) == ["bar"])
    #expect(both.first?.message.hasPrefix("8 gathered bytes") == true)
    // A window whose function is not known may be the one that is reset.
    #expect(try found([.store(HazardBench.plainBar, 8), .flr]).map(\.region) == ["plain-bar"])
  }

  @Test func `bytes of every vCPU count, and resets are counted`() throws {
    let once: [NaiveEvent] = [
      .payload(), .store(HazardBench.bar + 256, 2).on(vcpu: 7), .flr,
    ]
    #expect(try found(once).first?.message.hasPrefix("10 gathered bytes") == true)
    // The same bytes are pending at the second reset.
    let twice = try found(once + [.flr])
    #expect(twice.map(\.count) == [2])
    #expect(twice.first?.message.hasPrefix("20 gathered bytes") == true)
    #expect(twice.first?.firstRecord == 2)
  }

  @Test func `a reset at a bridge hits what lies below it`() throws {
    let events: [NaiveEvent] = [
      .store(HazardBench.otherBar, 8), .payload(), .payload(64), .busReset,
    ]
    #expect(try found(events).map(\.region) == ["bar"])
    let wide = try found(events) { $0.images[HazardBench.port] = HazardBench.bridge(lastBus: 2) }
    // In the order of first appearance.
    #expect(wide.map(\.region) == ["other-bar", "bar"])
    #expect(wide.map { String($0.message.prefix(2)) } == ["8 ", "16"])
    // Asserted once: letting it go is no second reset.
    let release = NaiveEvent.trapped(0x3e, 2, 0, HazardBench.port)
    #expect(try found(events + [release]).map(\.count) == [1])
  }

  @Test(arguments: ["flr", "vfio_pci_reset_flr", "af_flr", "hot_reset", "nobody-knows-this"])
  func `a reset that the source reports counts as one`(kind: String) throws {
    let found = try found([.payload(), .notice(kind, vcpu: 5)])
    #expect(found.map(\.count) == [1])
    #expect(found.first?.vcpu == 5)
    #expect(found.first?.firstLine == 102)
  }

  @Test func `what a source says before a reset is none`() throws {
    #expect(try found([.payload(), .notice("vfio_pci_reset")]).isEmpty)
  }
}

@Suite struct `RST002 and RST004: stores behind other stores` {
  private static let line = (0..<8).map { NaiveEvent.payload(8 * UInt64($0)) }
  private static let acquire = NaiveEvent.status().with { $0.acquire = true }

  // Rule A keeps Device accesses in order among themselves; it says nothing of a Normal-NC store
  // before them (Arm ARM DDI 0487, B2.4.1).
  @Test func `a read behind a doorbell pushes the doorbell, not the payload before it`() throws {
    let bench = HazardBench()
    let reset: [NaiveEvent] = [.doorbell(), Self.acquire, .ecamFLR]
    #expect(try bench.findings("RST002", Self.line + reset).map(\.region) == ["bar"])
    #expect(try bench.findings("RST002", reset).isEmpty)
    let full = [NaiveEvent.barrier("dmb.sy")]
    #expect(try bench.findings("RST002", Self.line + full + reset).isEmpty)
    #expect(
      try bench.findings(
        "RST009", Self.line + [.doorbell(), Self.acquire, .ecamWrite(0x10, 4, 64)]
      )
      .map(\.region) == ["bar"])
  }

  @Test func `a gathered store hides no posted one before it`() throws {
    let events: [NaiveEvent] = [.doorbell(), .payload(), .busReset]
    for code in ["RST002", "RST004"] {
      #expect(try HazardBench().findings(code, events).map(\.region) == ["regs"])
    }
    #expect(try HazardBench().findings("RST001", events).map(\.region) == ["bar"])
    // The first of two Normal-NC stores leaves at the barrier.
    let pair: [NaiveEvent] = [.payload(), .barrier("dmb.st"), .payload(64), .busReset]
    #expect(try HazardBench().findings("RST004", pair).map(\.firstRecord) == [3])
    #expect(try HazardBench().findings("RST002", pair).map(\.earlierRecord) == [0])
  }
}

@Suite struct `RST008 and RST010: who else is concerned` {
  private let wide = HazardBench().with {
    $0.images[HazardBench.port] = HazardBench.bridge(lastBus: 2)
    $0.images[HazardBench.other] = HazardBench.endpoint()
  }
  private let use: [NaiveEvent] = [
    .doorbell(), .barrier("dsb.sy"), .status(), .barrier("dsb.sy"),
  ]

  // The function that was got ready need not have been used.
  @Test func `a function in use is caught in the reset that another one was got ready for`() throws
  {
    let ready = NaiveEvent.trapped(4, 2, 0x400, HazardBench.other)
    #expect(try wide.findings("RST010", use + [ready, .busReset]).map(\.region) == ["regs"])
    #expect(try wide.findings("RST010", use + [.memoryOff, .busReset]).isEmpty)
    #expect(try wide.findings("RST010", use + [.busReset]).isEmpty)
  }

  // The completion of a read pushes what shares its way (PCIe Base 5.0, Table 2-40, D2a).
  @Test func `a read of one function flushes no other device`() throws {
    let release = NaiveEvent.trapped(0x3e, 2, 0, HazardBench.port)
    let read = NaiveEvent.config("config_read", HazardBench.other.description, 0, 4).with {
      $0.value = [0xde, 0x10, 0x34, 0x12]
    }
    let events = use + [.busReset, release, read, .doorbell()]
    #expect(try wide.findings("RST008", events).map(\.region) == ["regs"])
  }

  @Test func `a vCPU that traps has the data of its loads`() throws {
    let trap = NaiveEvent.config("config_read", HazardBench.device.description, 8, 4)
    let reset = NaiveEvent.flr.on(vcpu: 1)
    #expect(try wide.findings("RST008", [.status(), reset]).count == 1)
    #expect(try wide.findings("RST008", [.status(), trap, reset]).isEmpty)
  }
}

@Suite struct `RST003: MMIO behind a config write` {
  /// Command.MEM goes on through ECAM: what MMIO meets changes.
  private let enable = NaiveEvent.ecamWrite(4, 2, 2)

  private func found(_ events: [NaiveEvent]) throws -> [Finding] {
    try HazardBench().with {
      $0.images[HazardBench.device] = HazardBench.endpoint(command: 0)
    }.findings("RST003", events)
  }

  @Test func `MMIO before anything shows that the write completed`() throws {
    let events: [NaiveEvent] = [.status(), enable, .doorbell(), .status(), .payload()]
    let found = try found(events)
    #expect(found.map(\.region) == ["regs", "bar"])
    #expect(found.map(\.count) == [2, 1])
    let finding = try #require(found.first)
    #expect(finding.severity == .warning)
    #expect(finding.firstRecord == 2 && finding.firstLine == 103)
    #expect(finding.vcpu == 0)
    #expect(finding.message.contains("the write at record 1"))
  }

  @Test(arguments: [
    // DSB ST and SY wait for the store; a DSB LD does not (Arm ARM DDI 0487, C6.2 "DSB").
    ([NaiveEvent.barrier("dsb.sy")], true), ([.barrier("dsb.st")], true),
    ([.barrier("dsb.ld")], false), ([.barrier("dmb.sy")], false), ([.barrier("isb")], false),
    // A config register read back; MMIO is none.
    ([.ecamRead(4, 2, 2)], true), ([.status(0x80)], false),
    ([.config("config_read", HazardBench.device.description, 4, 2)], true),
    // What another vCPU does shows this one nothing.
    ([.barrier("dsb.sy", vcpu: 1)], false), ([.ecamRead(4, 2, 2).on(vcpu: 1)], false),
  ])
  func `what shows completion`(between: [NaiveEvent], isShown: Bool) throws {
    let found = try found([enable] + between + [.doorbell()])
    #expect(found.isEmpty == isShown)
  }

  @Test func `only MMIO to the same function is behind it, of whatever vCPU`() throws {
    #expect(try found([enable, .store(HazardBench.otherRegs, 4)]).isEmpty)
    #expect(try found([enable, .doorbell().on(vcpu: 1)]).map(\.vcpu) == [1])
    #expect(try found([enable, .barrier("dsb.sy"), .doorbell().on(vcpu: 1)]).isEmpty)
    #expect(try found([.doorbell(), enable]).isEmpty)
  }

  // 50 ms: the end of the default Completion Timeout range (PCIe Base 5.0, 7.5.3.16).
  @Test(arguments: [(50_000_000, 1), (50_000_001, 0)])
  func `a request has been answered or given up by the completion timeout`(
    after: UInt64, count: Int
  ) throws {
    #expect(try found([enable.at(7), .doorbell().at(7 + after)]).count == count)
  }

  @Test func `where the host posts config writes only a config read shows completion`() throws {
    let posting = HazardBench().with {
      $0.images[HazardBench.device] = HazardBench.endpoint(command: 0)
      $0.change = { $0.rootComplex.configWritesPosted = true }
    }
    for (write, dsb) in [(enable, NaiveEvent.barrier("dsb.sy")), (.memoryOn, .barrier("dsb.st"))] {
      let found = try posting.findings("RST003", [write, dsb, .doorbell()])
      #expect(found.map(\.count) == [1])
      #expect(found.first?.message.contains("the host posts") == true)
      #expect(try posting.findings("RST003", [write, .ecamRead(4, 2, 2), .doorbell()]).isEmpty)
    }
  }

  @Test func `a write that trapped has completed when the guest goes on`() throws {
    #expect(try found([.memoryOn, .doorbell()]).isEmpty)
  }

  @Test func `a write that changes nothing for MMIO needs no completion`() throws {
    #expect(try found([.ecamWrite(0x0c, 1, 8), .doorbell()]).isEmpty)
  }

  @Test func `a reset through ECAM does`() throws {
    #expect(try found([.ecamFLR, .doorbell()]).map(\.count) == [1])
  }
}

@Suite struct `RST005: MMIO to a function that does not answer` {
  private let window: UInt64 = 100_000_000

  private func found(
    _ events: [NaiveEvent], _ change: (inout HazardBench) -> Void = { _ in }
  ) throws -> [Finding] {
    try HazardBench().with(change).findings("RST005", events)
  }

  @Test(arguments: [(99_999_999, true), (100_000_000, false)])
  func `FLR: 100 ms to the nanosecond`(after: UInt64, isInside: Bool) throws {
    // Command.MEM, which FLR cleared, is on again. The trace does not begin at 0.
    let reset: [NaiveEvent] = [.status().at(5_000), .flr.at(7_000), .memoryOn.at(8_000)]
    for access in [NaiveEvent.doorbell(), .status(), .payload(), .payload(3)] {
      let found = try found(reset + [access.at(7_000 + after)])
      #expect(found.count == (isInside ? 1 : 0))
      guard let finding = found.first else { continue }
      #expect(finding.severity == .error)
      #expect(finding.count == 1 && finding.firstRecord == 3 && finding.firstLine == 104)
      #expect(finding.vcpu == 0)
      // It said "0 ms", which is not early.
      #expect(finding.message.contains("recovery window, up to 1 ns early"))
    }
  }

  @Test func `how early is said in milliseconds`() throws {
    let early = try found([
      .flr.at(0), .memoryOn.at(1), .doorbell().at(30_000_000), .doorbell().at(60_000_000),
    ])
    #expect(early.map(\.count) == [2])
    #expect(early.first?.message.contains("up to 70 ms early") == true)
  }

  @Test(arguments: [
    (999_999, "999 us"), (1_000, "1 us"), (999, "999 ns"), (1_000_000, "1 ms"),
  ])
  func `below a millisecond in a smaller unit`(left: UInt64, text: String) throws {
    let early = try found([.flr.at(0), .memoryOn.at(1), .doorbell().at(window - left)])
    #expect(early.first?.message.hasSuffix("up to \(text) early") == true)
  }

  // No_Soft_Reset (PMCSR bit 3) set: D3hot and back is no reset, but memory requests fail there,
  // and for 10 ms after (PCI Express Base Specification 5.0, 5.3.1.4.1 and 5.9).
  @Test func `a power state without a reset is called one`() throws {
    var image = HazardBench.endpoint()
    image[0x41] = 0x80
    image.replaceSubrange(0x80..<0x88, with: [1, 0, 3, 0, 8, 0, 0, 0])
    let sleep = NaiveEvent.trapped(0x84, 2, 0x0b)
    let wake = NaiveEvent.trapped(0x84, 2, 0x08)
    let asleep = try found([sleep.at(0), .doorbell().at(10)]) {
      $0.images[HazardBench.device] = image
    }
    #expect(asleep.map(\.message) == ["MMIO while the function is in D3hot"])
    let early = try found([sleep.at(0), wake.at(1_000), .doorbell().at(4_001_000)]) {
      $0.images[HazardBench.device] = image
    }
    #expect(
      early.map(\.message) == ["MMIO inside the recovery time after D3hot, up to 6 ms early"])
    #expect(early.map(\.severity) == [.error])
    let inTime = try found([sleep.at(0), wake.at(1_000), .doorbell().at(10_001_000)]) {
      $0.images[HazardBench.device] = image
    }
    #expect(inTime.isEmpty)
    // Without it the function is reset on the way back; until then nothing asserts a reset.
    image[0x84] = 0
    let reset = try found([sleep.at(0), .doorbell().at(10)]) {
      $0.images[HazardBench.device] = image
    }
    #expect(reset.map(\.message) == ["MMIO while the function is in D3hot"])
  }

  @Test func `a run of accesses is counted up to the end of the window`() throws {
    let times: [UInt64] = [window - 2, window - 1, window, window + 1]
    let accesses = times.enumerated().map {
      NaiveEvent.doorbell(4 * UInt64($0.offset)).at($0.element)
    }
    let on = try found([.flr.at(0), .memoryOn.at(0)] + accesses)
    #expect(on.map(\.count) == [2])
    #expect(on.first?.firstRecord == 2)
    // With Command.MEM still off, the two after the window fail for that.
    let off = try found([.flr.at(0)] + accesses)
    #expect(off.map(\.count) == [2, 2])
    #expect(off.map(\.firstRecord) == [1, 3])
    #expect(off.last?.message.contains("Command.MEM is off") == true)
  }

  @Test func `Command.MEM off, and on again by write or by what a read shows`() throws {
    #expect(try found([.memoryOff, .doorbell()]).map(\.count) == [1])
    #expect(try found([.memoryOff, .memoryOn, .doorbell()]).isEmpty)
    let read = NaiveEvent.config("config_read", HazardBench.device.description, 4, 2)
    let shown = read.with { $0.value = [6, 4] }
    #expect(try found([.memoryOff, shown, .doorbell()]).isEmpty)
    // A read can show that it is off, too; one without a value shows nothing.
    let off = read.with { $0.value = [0, 4] }
    #expect(try found([off, .doorbell()]).map(\.firstRecord) == [1])
    #expect(try found([.memoryOff, read, .doorbell()]).count == 1)
    // A write without a value may have set it.
    let blind = NaiveEvent.memoryOn.with { $0.value = nil }
    #expect(try found([.memoryOff, blind, .doorbell()]).isEmpty)
  }

  @Test func `another function's MMIO goes on`() throws {
    let other: [NaiveEvent] = [
      .store(HazardBench.otherRegs, 4).at(10), .store(HazardBench.plainRegs, 4).at(10),
    ]
    #expect(try found([.flr.at(0)] + other).isEmpty)
  }

  @Test func `accesses that fault reach nothing`() throws {
    #expect(try found([.flr.at(0), .doorbell(2).at(10)]).isEmpty)
  }

  @Test func `a bus in reset answers nothing, and for 100 ms after`() throws {
    let release = NaiveEvent.trapped(0x3e, 2, 0, HazardBench.port)
    let held: [NaiveEvent] = [.busReset.at(0), .doorbell().at(10 * window)]
    #expect(try found(held).map(\.count) == [1])
    for (after, count) in [(window - 1, 1), (window, 0)] {
      let found = try found([
        .busReset.at(0), release.at(2_000_000), .memoryOn.at(2_000_001),
        .doorbell().at(2_000_000 + after),
      ])
      #expect(found.count == count)
    }
  }

  @Test func `each of two notices of a reset begins a window`() throws {
    // Equal records one after the other are one run: 100 ms count from the second.
    let notices = [NaiveEvent.notice("flr", at: 0), .notice("flr", at: 60_000_000)]
    #expect(try found(notices + [.doorbell().at(159_999_999)]).count == 1)
    #expect(try found(notices + [.doorbell().at(160_000_000)]).isEmpty)
  }

  @Test func `without an FLR capability there is no window`() throws {
    #expect(try found([.flr.at(0), .doorbell().at(10)]) { $0.images = [:] }.isEmpty)
  }
}

@Suite struct `Findings: order` {
  /// Something for every rule.
  private let events: [NaiveEvent] = [
    .payload(), .payload(), .doorbell(), .payload(64), .status(), .payload(67), .doorbell(2),
    .store(HazardBench.otherBar, 8), .store(HazardBench.otherRegs, 4), .ecamFLR, .doorbell(),
  ]

  @Test func `by scenario as given, then by rule, then by region as they appeared`() throws {
    let bench = HazardBench()
    let names = ["after", "before"]
    let run = try bench.run(
      events,
      [bench.configuration("after", .kvmNormalNC), bench.configuration("before", .kvmDevice)])
    #expect(run.scenarios.map(\.name) == names)
    let found = run.findings.map { "\($0.scenario) \($0.code) \($0.region ?? "-")" }
    #expect(
      found == [
        "after ORD001 regs", "after ORD001 other-regs", "after ORD002 regs", "after ORD003 bar",
        "after ORD004 bar",
        "after RST001 bar", "after RST002 regs", "after RST003 regs", "after RST005 regs",
        "after RST006 bar",
        "after RST008 regs", "after RST008 regs", "after FLT001 regs",
        "after PRF001 bar", "after PRF001 other-bar",
        "before RST002 bar", "before RST003 regs", "before RST005 regs", "before RST006 bar",
        "before RST008 regs", "before RST008 regs", "before FLT001 regs", "before FLT001 bar",
      ])
  }

  @Test func `the same run finds the same`() throws {
    let bench = HazardBench()
    let first = try bench.run(events)
    for _ in 0..<5 { #expect(try bench.run(events) == first) }
  }

  @Test func `a clean trace has none`() throws {
    let clean = (0..<8).map { NaiveEvent.payload(8 * $0) } + [.barrier("dsb.sy"), .doorbell()]
    #expect(try HazardBench().run(clean).findings.isEmpty)
  }
}
