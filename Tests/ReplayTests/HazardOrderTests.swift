import ArmMemory
import Replay
import Results
import TestSupport
import Testing

/// A litmus program and whether the order that it needs is missing.
private struct Litmus: CustomTestStringConvertible, Sendable {
  var name: String
  var events: [NaiveEvent]
  var isFound: Bool
  var accessors = AccessorAssumption.recorded
  var drains = false
  var testDescription: String { name }

  static func allowed(
    _ name: String, _ events: [NaiveEvent], accessors: AccessorAssumption = .recorded
  ) -> Litmus {
    Litmus(name: name, events: events, isFound: true, accessors: accessors)
  }

  static func forbidden(
    _ name: String, _ events: [NaiveEvent], accessors: AccessorAssumption = .recorded,
    drains: Bool = false
  ) -> Litmus {
    Litmus(name: name, events: events, isFound: false, accessors: accessors, drains: drains)
  }

  func findings(_ code: String) throws -> [Finding] {
    try HazardBench().with {
      $0.accessors = accessors
      $0.settings.deviceDrainsNC = drains
    }.findings(code, events)
  }
}

/// Barriers by the words of the canonical CSV.
private func fence(_ kind: String) -> NaiveEvent { .barrier(kind) }
private let release = NaiveEvent.doorbell().with { $0.release = true }
private let otherDoorbell = NaiveEvent.store(HazardBench.otherRegs, 4)
private let otherRelease = otherDoorbell.with { $0.release = true }
private let acquire = NaiveEvent.status().with { $0.acquire = true }
private let greRelease = NaiveEvent.payload().with {
  $0.attribute = 0x0c
  $0.release = true
}
private let greRead = NaiveEvent.load(HazardBench.bar + 512, 4).with { $0.attribute = 0x0c }
private let foreignAcquire = NaiveEvent.load(HazardBench.otherBar, 4).with { $0.acquire = true }

/// Rows of what a vCPU remembers get longer when a block shows more functions, and regions without
/// one.
@Suite struct `Functions that come late` {
  @Test func `what was remembered before they came is not lost`() throws {
    let late: [NaiveEvent] = [
      .store(HazardBench.otherBar, 8), .store(HazardBench.plainBar, 8), otherDoorbell,
    ]
    let first: [NaiveEvent] = [.payload(), .doorbell(), .payload(64)]
    for events in [first + late + [.doorbell(8)], first + late + [.status()]] {
      // One doorbell behind each payload, the second one behind those of other functions.
      let code = events.last?.op == "load" ? "ORD002" : "ORD001"
      for cuts in [[], [3], [1, 2, 3, 4, 5, 6]] as [Set<Int>] {
        let found = try HazardBench().with { $0.cuts = cuts }.findings(code, events)
        let own = found.filter { $0.region == "regs" }
        #expect(own.map(\.count) == [code == "ORD001" ? 2 : 1])
        #expect(own.map(\.earlierRecord) == [code == "ORD001" ? 0 : 2])
      }
    }
  }
}

/// Names are those of the litmus suite (`Sources/Litmus/Suite`); rules A, B and C are those of
/// "Peripheral arrival order" (Arm ARM DDI 0487, B2.4.1).
@Suite struct `ORD001: a doorbell may overtake its payload` {
  @Test(arguments: [
    // No rule orders Normal-NC before nGnRE; DGH is a hint; loads' barriers order no stores.
    Litmus.allowed("L11", [.payload(), .doorbell()]),
    .allowed("DMB LD does not help", [.payload(), fence("dmb.ld"), .doorbell()]),
    .allowed("DSB LD does not help", [.payload(), fence("dsb.ld"), .doorbell()]),
    // The load may come from the buffer, and then orders no arrival (litmus FORWARD+dmb-ld).
    .allowed(
      "a load of the payload and DMB LD",
      [.payload(), .load(HazardBench.bar, 8), fence("dmb.ld"), .doorbell()]),
    .allowed("ISB does not help", [.payload(), fence("isb"), .doorbell()]),
    .allowed("DGH does not help", [.payload(), fence("dgh"), .doorbell()]),
    .allowed("a line that is full and gone", (0..<8).map { .payload(8 * $0) } + [.doorbell()]),
    .allowed("GRE is no stronger", [.payload().with { $0.attribute = 0x0c }, .doorbell()]),
    .allowed("nGRE doorbell", [.payload(), .payload(64).with { $0.attribute = 0x08 }]),
    .allowed("unaligned payload", [.payload(3), .doorbell()]),
    .allowed(
      "the barrier of another vCPU",
      [
        .payload(), fence("dmb.st").on(vcpu: 1), .doorbell(),
      ]),
    .allowed("a barrier too early", [fence("dmb.st"), .payload(), .doorbell()]),
    .allowed("a barrier too late", [.payload(), .doorbell(), fence("dmb.st")]),
    .allowed(
      "a release store does not wait for itself",
      [
        .payload().with { $0.release = true }, .doorbell(),
      ]),
    .allowed("relaxed accessors", [.payload(), .doorbell()], accessors: .relaxed),
    .allowed(
      "the doorbell of another function between",
      [
        .payload(), otherDoorbell, .doorbell(),
      ]),
    .allowed("a mark between", [.payload(), NaiveEvent("mark"), .doorbell()]),
    // A store-release is ordered behind what is before it; what follows is ordered behind neither.
    .allowed(
      "a release to another function between", [.payload(), otherRelease, .doorbell()]),
    .allowed(
      "a window without a function in between",
      [.payload(), .store(HazardBench.plainBar, 8), .doorbell()]),
    .allowed(
      "a release of more payload",
      [.payload(), .payload(64).with { $0.release = true }, .doorbell()]),
    .allowed(
      "a release to config space and an acquire",
      [.payload(), .ecamWrite(0x60, 4, 1).with { $0.release = true }, acquire, .doorbell()]),
    // So is one through another function's accesses: the pair itself is not Barrier-ordered-before.
    .allowed(
      "a release elsewhere and an acquire",
      [.payload(), otherRelease, foreignAcquire, .doorbell()]),
    .allowed(
      "a release elsewhere and an acquire of the function",
      [.payload(), otherRelease, acquire, .doorbell()]),
    // Rule B names nGRE, nGnRE and nGnRnE: a release to Device-GRE is ordered by a pair alone.
    .allowed(
      "a release to Device-GRE and an acquire elsewhere",
      [greRelease, foreignAcquire, .doorbell()]),
    .forbidden("a release to Device-GRE and an acquire", [greRelease, acquire, .doorbell()]),
    .forbidden(
      "a gathered release and an acquire of the function",
      [.payload(), .payload(64).with { $0.release = true }, acquire, .doorbell()]),
    // Rule C names Barrier-ordered-before, not an order through other memory (litmus MESSAGE+nc).
    .allowed("an unlock in RAM", [.payload(), fence("rel"), .doorbell()]),
    .allowed("a lock in RAM", [.payload(), fence("acq"), .doorbell()]),
    .allowed("unlock and lock", [.payload(), fence("rel"), fence("acq"), .doorbell()]),
    .allowed("an atomic that is both", [.payload(), fence("acqrel"), .doorbell()]),
    // Rule C: barrier-ordered-before.
    .forbidden("L12", [.payload(), fence("dmb.st.osh"), .doorbell()]),
    .forbidden("DMB ST", [.payload(), fence("dmb.st"), .doorbell()]),
    .forbidden("DMB SY", [.payload(), fence("dmb.sy"), .doorbell()]),
    .forbidden("DSB ST", [.payload(), fence("dsb.st"), .doorbell()]),
    .forbidden("DSB SY", [.payload(), fence("dsb.sy"), .doorbell()]),
    .forbidden("L21", [.payload(), release]),
    .forbidden("L21, then more doorbells", [.payload(), release, .doorbell(8)]),
    // writel has the DMB; in a burst every store but those that continue one has it.
    .forbidden("linux-writel", [.payload(), .doorbell()], accessors: .linuxWritel),
    .forbidden(
      "bursts", [.payload(), .payload(8), .payload(16), .doorbell()], accessors: .bursts),
    // x86: an uncached access drains the write-combining buffers.
    .forbidden("device_drains_nc", [.payload(), .doorbell()], drains: true),
    // No order to be expected at all: other functions, other vCPUs, no NC store before.
    .forbidden("another function's doorbell", [.payload(), otherDoorbell]),
    .forbidden("another vCPU's doorbell", [.payload(), .doorbell().on(vcpu: 1)]),
    .forbidden("L13 is ORD003's", [.doorbell(), .payload()]),
    .forbidden("L1", [.doorbell(), .doorbell(8)]),
    .forbidden("a doorbell that faults never leaves", [.payload(), .doorbell(2)]),
    .forbidden(
      "a payload that faults never leaves",
      [
        .payload(2).with { $0.attribute = 0x0c }, .doorbell(),
      ]),
    .forbidden("a hole may have held a barrier", [.payload(), NaiveEvent("lost"), .doorbell()]),
  ])
  fileprivate func `verdicts`(litmus: Litmus) throws {
    #expect(try litmus.findings("ORD001").isEmpty == !litmus.isFound)
  }

  @Test func `a finding names the doorbell, its line, region and vCPU, and the payload`() throws {
    let events: [NaiveEvent] = [
      .status(), .payload().on(vcpu: 3), .payload(8).on(vcpu: 3), .doorbell().on(vcpu: 3),
    ]
    let found = try HazardBench().findings("ORD001", events)
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .warning)
    #expect(finding.count == 1)
    #expect(finding.firstRecord == 3 && finding.firstLine == 104)
    #expect(finding.region == "regs" && finding.vcpu == 3)
    #expect(finding.message.contains("(first after record 2)"))
    #expect(finding.scenario == "kvm-normal-nc")
    #expect(finding.rule.contains("B2.4.1") && finding.advice.contains("DMB ST"))
  }

  @Test func `a payload is told of once, however many doorbells follow`() throws {
    let twice: [NaiveEvent] = [.payload(), .doorbell(), .doorbell(8), .payload(64), .doorbell()]
    #expect(try HazardBench().findings("ORD001", twice).map(\.count) == [2])
  }

  @Test func `windows whose function is not known are not taken for one device`() throws {
    let events: [NaiveEvent] = [
      .store(HazardBench.plainBar, 8), .store(HazardBench.plainRegs, 4),
    ]
    #expect(try HazardBench().findings("ORD001", events).isEmpty)
  }

  @Test func `under kvm-device the payload is Device too, and rule A orders both`() throws {
    let bench = HazardBench().with { $0.policy = .kvmDevice }
    #expect(try bench.findings("ORD001", [.payload(), .doorbell()]).isEmpty)
  }
}

@Suite struct `ORD002: a flush read may overtake its payload` {
  @Test(arguments: [
    Litmus.allowed("L14", [.payload(), .status()]),
    // DMB ST orders stores against stores, DMB LD loads against what follows.
    .allowed("DMB ST does not help", [.payload(), fence("dmb.st"), .status()]),
    .allowed("DMB LD does not help", [.payload(), fence("dmb.ld"), .status()]),
    .allowed("DSB LD does not help", [.payload(), fence("dsb.ld"), .status()]),
    .allowed("DGH does not help", [.payload(), fence("dgh"), .status()]),
    .allowed("acquire orders what follows", [.payload(), .status().with { $0.acquire = true }]),
    .allowed("readl's barrier comes after it", [.payload(), .status()], accessors: .linuxWritel),
    .allowed("an unordered doorbell between", [.payload(), .doorbell(), .status()]),
    .allowed(
      "an ordered doorbell of another function",
      [
        .payload(), fence("dmb.st"), otherDoorbell, .status(),
      ]),
    // Rule A holds between nGnRnE and nGnRE accesses only.
    .allowed(
      "an ordered nGRE store between",
      [
        .payload(), fence("dmb.st"), .payload(64).with { $0.attribute = 0x08 }, .status(),
      ]),
    .allowed(
      "an ordered GRE store between",
      [
        .payload(),
        .payload(64).with {
          $0.attribute = 0x0c
          $0.release = true
        }, .status(),
      ]),
    .allowed(
      "the payload comes after the doorbell",
      [
        fence("dmb.st"), .doorbell(), .payload(), .status(),
      ]),
    .forbidden("L15 with DMB", [.payload(), fence("dmb.sy"), .status()]),
    .forbidden("L15 with DMB OSH", [.payload(), fence("dmb.sy.osh"), .status()]),
    .forbidden("L15 with DSB", [.payload(), fence("dsb.sy"), .status()]),
    .forbidden("DSB ST: nothing later begins", [.payload(), fence("dsb.st"), .status()]),
    // The payload before the doorbell by rule C, the doorbell before the read by rule A.
    .forbidden(
      "an ordered doorbell between",
      [
        .payload(), fence("dmb.st"), .doorbell(), .status(),
      ]),
    .forbidden(
      "a doorbell ordered after all",
      [
        .payload(), .doorbell(), fence("dmb.st"), .doorbell(8), .status(),
      ]),
    .forbidden("a release doorbell between", [.payload(), release, .status()]),
    .forbidden(
      "writel, readl", [.payload(), .doorbell(), .status()], accessors: .linuxWritel),
    .forbidden(
      "a burst, writel, readl",
      [
        .payload(), .payload(8), .doorbell(), .status(),
      ], accessors: .bursts),
    // A store-release is Barrier-ordered-before a later load-acquire, and with it what it is behind.
    .forbidden(
      "a releasing payload, an acquiring read",
      [
        .payload().with { $0.release = true }, .status().with { $0.acquire = true },
      ]),
    .forbidden(
      "a releasing payload, an acquiring read, another read",
      [
        .payload().with { $0.release = true },
        .load(HazardBench.bar + 256, 4).with { $0.acquire = true },
        .status(),
      ]),
    // Rule B leaves Device-GRE out, as the earlier access and as the later one.
    .allowed(
      "a release to Device-GRE, an acquire elsewhere, a read",
      [greRelease, foreignAcquire, .status()]),
    .allowed(
      "a payload, a release doorbell, an acquire elsewhere, a GRE read",
      [.payload(), release, foreignAcquire, greRead]),
    .forbidden(
      "a payload, a release doorbell, an acquire elsewhere, a read",
      [.payload(), release, foreignAcquire, .status()]),
    .forbidden(
      "a payload, a release doorbell, an acquire, a GRE read",
      [.payload(), release, acquire, greRead]),
    .allowed(
      "a payload behind the release",
      [
        .payload().with { $0.release = true }, .payload(64), .status().with { $0.acquire = true },
      ]),
    .allowed(
      "an acquiring read before the release",
      [
        .load(HazardBench.bar + 256, 4).with { $0.acquire = true },
        .payload().with { $0.release = true }, .status(),
      ]),
    // Accesses of one type to the same bytes do not change places; to other bytes GRE ones may.
    .forbidden(
      "a GRE read of the GRE payload",
      [
        .payload().with { $0.attribute = 0x0c },
        .load(HazardBench.bar, 4).with { $0.attribute = 0x0c },
      ]),
    .forbidden(
      "a GRE read of the GRE payload, behind one to another function",
      [
        .payload().with { $0.attribute = 0x0c },
        .store(HazardBench.otherBar, 8).with { $0.attribute = 0x0c },
        .load(HazardBench.bar, 4).with { $0.attribute = 0x0c },
      ]),
    .allowed(
      "a GRE read beside the GRE payload, behind one of it",
      [
        .payload().with { $0.attribute = 0x0c },
        .load(HazardBench.bar, 4).with { $0.attribute = 0x0c },
        .load(HazardBench.bar + 8, 4).with { $0.attribute = 0x0c },
      ]),
    // Rule A holds between nGnRnE and nGnRE accesses only, whatever lies between.
    .allowed(
      "an ordered doorbell, a nGRE read",
      [
        .payload(), fence("dmb.st"), .doorbell(),
        .load(HazardBench.bar + 256, 4).with { $0.attribute = 0x08 },
      ]),
    .allowed(
      "a GRE read beside the GRE payload",
      [
        .payload().with { $0.attribute = 0x0c },
        .load(HazardBench.bar + 8, 4).with { $0.attribute = 0x0c },
      ]),
    .forbidden("device_drains_nc", [.payload(), .status()], drains: true),
    .forbidden("L18", [.doorbell(), .status()]),
    .forbidden(
      "another function's register",
      [
        .payload(), .load(HazardBench.otherRegs, 4),
      ]),
    .forbidden("another vCPU's read", [.payload(), .status().on(vcpu: 1)]),
    .forbidden("a Normal-NC read is not meant to flush", [.payload(), .load(HazardBench.bar, 4)]),
    .forbidden("a read that faults", [.payload(), .status(0x42)]),
    .forbidden("a hole may have held a barrier", [.payload(), NaiveEvent("lost"), .status()]),
  ])
  fileprivate func `verdicts`(litmus: Litmus) throws {
    #expect(try litmus.findings("ORD002").isEmpty == !litmus.isFound)
  }

  @Test func `a finding names the read, its line, region and vCPU, and the payload`() throws {
    let events: [NaiveEvent] = [
      .payload().on(vcpu: 2), .status().on(vcpu: 2), .status().on(vcpu: 2),
      .payload().on(vcpu: 2), .status().on(vcpu: 2),
    ]
    let found = try HazardBench().findings("ORD002", events)
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .warning)
    // Told once for each payload.
    #expect(finding.count == 2)
    #expect(finding.firstRecord == 1 && finding.firstLine == 102)
    #expect(finding.region == "regs" && finding.vcpu == 2)
    #expect(finding.message.contains("(first after record 0)"))
    #expect(finding.advice.contains("DSB"))
  }
}

@Suite struct `ORD003: gathered stores may overtake a Device store` {
  /// Verdicts are those of Arm ARM DDI 0487 B2.4.1, "Peripheral arrival order", rules A to C.
  @Test(arguments: [
    // No rule orders nGnRE before Normal-NC.
    Litmus.allowed("L13", [.doorbell(), .payload()]),
    .allowed("a copy loop", [.doorbell()] + (0..<8).map { .payload(8 * $0) }),
    .allowed("unaligned payload", [.doorbell(), .payload(3)]),
    .allowed("ST64B", [.doorbell(), .payload().with { ($0.size, $0.single64) = (64, true) }]),
    .allowed("nGRE", [.payload().with { $0.attribute = 0x08 }, .payload(64)]),
    .allowed("nGnRnE", [.payload().with { $0.attribute = 0 }, .payload(64)]),
    .allowed("GRE data", [.doorbell(), .payload().with { $0.attribute = 0x0c }]),
    .allowed("DMB LD orders loads", [.doorbell(), fence("dmb.ld"), .payload()]),
    .allowed("DSB LD orders loads", [.doorbell(), fence("dsb.ld"), .payload()]),
    .allowed("ISB does not help", [.doorbell(), fence("isb"), .payload()]),
    .allowed("DGH does not help", [.doorbell(), fence("dgh"), .payload()]),
    .allowed(
      "the barrier of another vCPU", [.doorbell(), fence("dmb.st").on(vcpu: 1), .payload()]),
    .allowed("a barrier too early", [fence("dmb.st"), .doorbell(), .payload()]),
    .allowed("a release does not order what follows", [release, .payload()]),
    .allowed("a release, DMB LD", [release, fence("dmb.ld"), .payload()]),
    .allowed("a release elsewhere between", [.doorbell(), otherRelease, .payload()]),
    .allowed("a release behind it", [.doorbell(), release, .payload()]),
    .allowed(
      "behind a gathered release",
      [.doorbell(), .payload().with { $0.release = true }, .payload(64)]),
    .allowed(
      "a release elsewhere, then an acquire",
      [.doorbell(), otherRelease, foreignAcquire, .payload()]),
    .allowed("release, an acquire elsewhere", [release, foreignAcquire, .payload()]),
    .allowed("a read alone orders nothing", [.doorbell(), .status(), .payload()]),
    .allowed("DMB LD before the read", [.doorbell(), fence("dmb.ld"), .status(), .payload()]),
    .allowed(
      "a read of another function",
      [.doorbell(), .load(HazardBench.otherRegs, 4), fence("dmb.ld"), .payload()]),
    .allowed(
      "rule A holds between nGnR types only",
      [.payload().with { $0.attribute = 0x08 }, .status(), fence("dmb.ld"), .payload(64)]),
    .allowed("an acquire without a release", [.doorbell(), foreignAcquire, .payload()]),
    .allowed(
      "the doorbell comes after the read", [.status(), fence("dmb.ld"), .doorbell(), .payload()]),
    .allowed("relaxed accessors", [.doorbell(), .payload()], accessors: .relaxed),
    // Rule C.
    .forbidden("DMB ST", [.doorbell(), fence("dmb.st"), .payload()]),
    .forbidden("DMB SY", [.doorbell(), fence("dmb.sy"), .payload()]),
    .forbidden("DSB ST", [.doorbell(), fence("dsb.st"), .payload()]),
    .forbidden("DSB SY", [.doorbell(), fence("dsb.sy"), .payload()]),
    .forbidden(
      "the gathered store is a release", [.doorbell(), .payload().with { $0.release = true }]),
    .forbidden("writel for the data", [.doorbell(), .payload()], accessors: .linuxWritel),
    .forbidden("bursts: a new one has a barrier", [.doorbell(), .payload()], accessors: .bursts),
    // Rule A to the read, rule C from there.
    .forbidden("a read, DMB LD", [.doorbell(), .status(), fence("dmb.ld"), .payload()]),
    .forbidden("a read, DSB LD", [.doorbell(), .status(), fence("dsb.ld"), .payload()]),
    .forbidden(
      "two reads, DMB LD after the second",
      [.doorbell(), .status(), .status(), fence("dmb.ld"), .payload()]),
    .forbidden("a read-acquire", [.doorbell(), acquire, .payload()]),
    // A release, then an acquire, then the store, all of the function.
    .forbidden("release, acquire", [release, acquire, .payload()]),
    // x86: an uncached store is on the bus before the next store is made.
    .forbidden("device_drains_nc", [.doorbell(), .payload()], drains: true),
    .forbidden("another function's data", [.doorbell(), .store(HazardBench.otherBar, 8)]),
    .forbidden("another vCPU's data", [.doorbell(), .payload().on(vcpu: 1)]),
    .forbidden("L11 is ORD001's", [.payload(), .doorbell()]),
    .forbidden("a doorbell that faults never leaves", [.doorbell(2), .payload()]),
    .forbidden("a hole may have held a barrier", [.doorbell(), NaiveEvent("lost"), .payload()]),
  ])
  fileprivate func `verdicts`(litmus: Litmus) throws {
    #expect(try litmus.findings("ORD003").isEmpty == !litmus.isFound)
  }

  @Test func `a finding names the gathered store, its line, region and vCPU, and the Device store`()
    throws
  {
    let events: [NaiveEvent] = [
      .doorbell().on(vcpu: 3), .doorbell(4).on(vcpu: 3), .payload().on(vcpu: 3),
      .payload(8).on(vcpu: 3), .doorbell().on(vcpu: 3), .payload(16).on(vcpu: 3),
    ]
    let found = try HazardBench().findings("ORD003", events)
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .note)
    // Told once for each Device store with gathered ones behind it.
    #expect(finding.count == 2)
    #expect(finding.firstRecord == 2 && finding.firstLine == 103)
    #expect(finding.region == "bar" && finding.vcpu == 3)
    #expect(finding.message.contains("(first the one of record 1)"))
    #expect(finding.rule.contains("B2.4.1") && finding.advice.contains("DMB ST"))
  }

  @Test func `under kvm-device both are Device, and rule A orders them`() throws {
    let bench = HazardBench().with { $0.policy = .kvmDevice }
    #expect(try bench.findings("ORD003", [.doorbell(), .payload()]).isEmpty)
  }
}
