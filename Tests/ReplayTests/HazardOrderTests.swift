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

/// Names are those of arm-memory.md section 7; the rules A, B and C those of its section 3.4.
@Suite struct `ORD001: a doorbell may overtake its payload` {
  @Test(arguments: [
    // No rule orders Normal-NC before nGnRE; DGH is a hint; loads' barriers order no stores.
    Litmus.allowed("L11", [.payload(), .doorbell()]),
    .allowed("DMB LD does not help", [.payload(), fence("dmb.ld"), .doorbell()]),
    .allowed("DSB LD does not help", [.payload(), fence("dsb.ld"), .doorbell()]),
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
