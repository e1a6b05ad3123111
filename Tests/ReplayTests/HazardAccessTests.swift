import ArmMemory
import Replay
import Results
import TestSupport
import Testing

@Suite struct `ORD004: a write that the device never sees` {
  /// Records 1 and 3 overwrite the eight and four bytes of record 0 that are pending.
  private let events: [NaiveEvent] = [
    .payload(16), .payload(16).on(vcpu: 0), .status(), .store(HazardBench.bar + 20, 4),
  ]

  @Test func `bytes overwritten while pending are a warning, with their number`() throws {
    let found = try HazardBench().findings("ORD004", events)
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .warning)
    #expect(finding.count == 2)
    #expect(finding.firstRecord == 1 && finding.firstLine == 102)
    #expect(finding.region == "bar" && finding.vcpu == 0)
    #expect(finding.message.contains("overwrite 12 bytes"))
  }

  @Test func `on a register with side effects they are an error`() throws {
    // The map marks bytes 20 to 23 of the window.
    let bench = HazardBench().with { $0.sideEffects = [100...103, 20...23] }
    let found = try bench.findings("ORD004", events)
    #expect(found.map(\.severity) == [.error])
    #expect(found.first?.message.contains("side effects") == true)
  }

  @Test(arguments: [(20, false), (23, false), (24, true), (27, true)])
  func `a register counts where one of its own bytes was pending`(
    byte: UInt64, isHit: Bool
  ) throws {
    // Of 20...27 only 24...27 are written twice.
    let bench = HazardBench().with { $0.sideEffects = [byte...byte] }
    let found = try bench.findings(
      "ORD004", [.store(HazardBench.bar + 24, 4), .store(HazardBench.bar + 20, 8)])
    #expect(found.map(\.severity) == [isHit ? .error : .warning])
  }

  @Test(arguments: [(15, false), (16, true), (23, true), (24, false)])
  func `a register counts where one byte of the store lies in it`(byte: UInt64, isHit: Bool) throws
  {
    // Stores to 16...23.
    let bench = HazardBench().with { $0.sideEffects = [byte...byte] }
    let found = try bench.findings("ORD004", [.payload(16), .payload(16)])
    #expect(found.map(\.severity) == [isHit ? .error : .warning])
  }

  @Test func `what has left, or lies beside, is not overwritten`() throws {
    let bench = HazardBench()
    for kind in ["dmb.st", "dmb.sy", "dsb.st", "dsb.sy", "dgh"] {
      #expect(try bench.findings("ORD004", [.payload(), .barrier(kind), .payload()]).isEmpty)
    }
    for kind in ["dmb.ld", "dsb.ld", "isb"] {
      #expect(try bench.findings("ORD004", [.payload(), .barrier(kind), .payload()]).count == 1)
    }
    #expect(try bench.findings("ORD004", [.payload(), .payload(8)]).isEmpty)
    #expect(try bench.findings("ORD004", [.payload(), .payload().on(vcpu: 1)]).isEmpty)
    #expect(try bench.findings("ORD004", [.doorbell(), .doorbell()]).isEmpty)
    let device = bench.with { $0.policy = .kvmDevice }
    #expect(try device.findings("ORD004", events).isEmpty)
  }
}

@Suite struct `FLT001: accesses that fault` {
  @Test func `stage 1 made it Device: the guest takes the fault`() throws {
    let events: [NaiveEvent] = [
      .payload(), .doorbell(2).on(vcpu: 1), .status(1), .doorbell(),
    ]
    let found = try HazardBench().findings("FLT001", events)
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .error)
    #expect(finding.count == 2)
    #expect(finding.firstRecord == 1 && finding.firstLine == 102)
    #expect(finding.region == "regs" && finding.vcpu == 1)
    #expect(finding.message.contains("stage 1: the guest takes the fault"))
  }

  @Test func `stage 2 made it Device: the VM dies`() throws {
    let events: [NaiveEvent] = [.payload(), .payload(3), .load(HazardBench.bar + 2, 4)]
    let before = HazardBench().with { $0.policy = .kvmDevice }
    let found = try before.findings("FLT001", events)
    #expect(found.map(\.count) == [2])
    #expect(found.first?.firstRecord == 1)
    #expect(found.first?.message.contains("stage 2: KVM cannot handle it, the VM dies") == true)
    // The series gives Normal-NC, where unaligned accesses are legal; so does bare metal.
    #expect(try HazardBench().findings("FLT001", events).isEmpty)
    #expect(try HazardBench().with { $0.policy = .none }.findings("FLT001", events).isEmpty)
  }

  @Test func `both stages have a row each, the guest's first`() throws {
    let before = HazardBench().with { $0.policy = .kvmDevice }
    let found = try before.findings("FLT001", [.payload(3), .doorbell(1), .payload(5)])
    #expect(found.map(\.region) == ["regs", "bar"])
    #expect(found.map(\.count) == [1, 2])
    #expect(found.map(\.firstRecord) == [1, 0])
  }

  @Test func `ST64B checks its own alignment, on Normal memory too`() throws {
    let store = NaiveEvent.store(HazardBench.bar + 8, 64).with { $0.single64 = true }
    let found = try HazardBench().findings("FLT001", [store])
    #expect(found.first?.message.contains("stage 1") == true)
    let aligned = store.with { $0.address = HazardBench.bar + 64 }
    #expect(try HazardBench().findings("FLT001", [aligned]).isEmpty)
  }
}

@Suite struct `FLT001: what the instruction itself checks` {
  private let bar = HazardBench.bar
  private func release(_ offset: UInt64) -> NaiveEvent {
    .store(bar + offset, 4).with { $0.release = true }
  }
  private func acquire(_ offset: UInt64) -> NaiveEvent {
    .load(bar + offset, 4).with { $0.acquire = true }
  }

  /// Arm ARM DDI 0487, UnalignedAccessFaults: 4 bytes at 2 lie inside 16 aligned bytes, at 14 not.
  @Test(arguments: [(true, 2), (false, 4)])
  func `unaligned acquires and releases fault by FEAT_LSE2, on Normal memory too`(
    lse2: Bool, count: UInt64
  ) throws {
    let bench = HazardBench().with { $0.settings.lse2 = lse2 }
    let events = [0, 2, 14].flatMap { [release($0), acquire($0)] }
    let found = try bench.findings("FLT001", events)
    #expect(found.map(\.count) == [count])
    let finding = try #require(found.first)
    #expect(finding.severity == .error && finding.region == "bar")
    #expect(finding.firstRecord == (lse2 ? 4 : 2))
    #expect(finding.message.contains("load-acquire or store-release"))
    #expect(finding.message.contains("stage 1: the guest takes the fault"))
    #expect(finding.rule.contains("FEAT_LSE2") && finding.advice.contains("Align"))
  }

  @Test func `aligned ones, and plain ones, do not`() throws {
    let bench = HazardBench().with { $0.settings.lse2 = false }
    let plain: [NaiveEvent] = [.store(bar + 14, 4), .load(bar + 2, 4), release(16), acquire(20)]
    #expect(try bench.findings("FLT001", plain).isEmpty)
  }

  @Test func `on a stage-2 Device type they fault in the guest where the instruction checks`()
    throws
  {
    let bench = HazardBench().with { $0.policy = .kvmDevice }
    let found = try bench.findings("FLT001", [release(2), release(14), .store(bar + 2, 4)])
    // Inside 16 bytes with LSE2 it is the memory type that faults, at stage 2.
    #expect(found.map(\.count) == [2, 1])
    #expect(found.map { $0.message.contains("stage 2") } == [true, false])
  }

  /// Arm ARM DDI 0487 C3.2: LD64B and ST64B need Device or Normal-NC memory.
  @Test(arguments: [(UInt8(0xff), true), (0xbb, true), (0x44, false), (0x04, false)])
  func `LD64B and ST64B abort on cacheable memory alone`(attribute: UInt8, faults: Bool) throws {
    let store = NaiveEvent.store(bar, 64).with {
      $0.single64 = true
      $0.attribute = attribute
    }
    let events = [store, store.with { $0.op = "load" }]
    let found = try HazardBench().with { $0.policy = .none }.findings("FLT001", events)
    #expect(found.map(\.count) == (faults ? [2] : []))
    #expect(found.allSatisfy { $0.message.contains("DFSC 0x35") && $0.rule.contains("LS64WB") })
    // Under both policies of KVM stage 2 makes it Normal-NC or Device.
    #expect(try HazardBench().findings("FLT001", events).isEmpty)
  }
}

@Suite struct `ORD005: registers with side effects read through Normal memory` {
  private let bar = HazardBench.bar
  /// The map marks bytes 0x10 to 0x13 of the Normal-NC window.
  private let bench = HazardBench().with { $0.sideEffects = [0x10...0x13] }

  /// Loads overlap the register where one of their bytes lies in it.
  @Test(arguments: [(0xc, 4, 0), (0xe, 4, 1), (0x10, 4, 1), (0x13, 1, 1), (0x14, 4, 0), (0, 64, 1)])
  func `loads count where one byte lies in the register`(
    offset: UInt64, size: Int, count: Int
  ) throws {
    #expect(try bench.findings("ORD005", [.load(bar + offset, size)]).count == count)
  }

  @Test func `a finding counts loads and names the first`() throws {
    let load = NaiveEvent.load(bar + 0x10, 4).on(vcpu: 2)
    let found = try bench.findings("ORD005", [.store(bar + 0x10, 4), load, .status(), load, load])
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .warning && finding.count == 3)
    #expect(finding.firstRecord == 1 && finding.firstLine == 102)
    #expect(finding.region == "bar" && finding.vcpu == 2)
    #expect(finding.rule.contains("B2.10.2") && finding.advice.contains("Device"))
  }

  @Test func `Device types read what the program reads, Device-GRE too`() throws {
    let load = NaiveEvent.load(bar + 0x10, 4)
    for attribute in [0x00, 0x04, 0x08, 0x0c] as [UInt8] {
      #expect(try bench.findings("ORD005", [load.with { $0.attribute = attribute }]).isEmpty)
    }
    #expect(try bench.with { $0.policy = .kvmDevice }.findings("ORD005", [load]).isEmpty)
  }

  @Test func `a core that reads whole lines reads a register beside the load too`() throws {
    let loads: [NaiveEvent] = [.load(bar + 0x3c, 4), .load(bar + 0x40, 4), .load(bar + 0x10, 4)]
    let found = try bench.with { $0.settings.ncLoad = "line" }.findings("ORD005", loads)
    // The first load shares the register's line of 64 bytes, the second does not.
    #expect(found.map(\.count) == [1, 1])
    #expect(found.map(\.firstRecord) == [2, 0])
    #expect(found.last?.message.contains("nc_load=line") == true)
    #expect(try bench.findings("ORD005", Array(loads.prefix(2))).isEmpty)
  }
}

@Suite struct `PRF001: lines that leave partially filled` {
  @Test func `partial lines are counted by cause, full ones are not`() throws {
    let full = (0..<8).map { NaiveEvent.payload(0x1000 + 8 * $0) }
    let partial: [NaiveEvent] = [
      .payload(), .payload(8), .barrier("dmb.st"), .payload(64), .barrier("dmb.st"),
      .payload(128), .load(HazardBench.bar + 136, 4), .payload(192),
    ]
    let found = try HazardBench().findings("PRF001", full + partial)
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .note)
    // Two by the barriers, one by the read, one at the end; the commonest cause first.
    #expect(finding.count == 4)
    #expect(finding.message.contains("by cause: barrier 2, end 1, read 1"))
    // The first to leave was last written by record 9.
    #expect(finding.firstRecord == 9 && finding.firstLine == 110)
    #expect(finding.region == "bar" && finding.vcpu == 0)
    #expect(try HazardBench().findings("PRF001", full).isEmpty)
  }

  @Test func `a barrier that is assumed is called so`() throws {
    // Each store but the second stands behind an assumed barrier, the last leaves at the end.
    let events: [NaiveEvent] = [.payload(), .payload(8), .payload(64), .payload(192)]
    for accessors in AccessorAssumption.allCases {
      let bench = HazardBench().with { $0.accessors = accessors }
      let message = try #require(try bench.findings("PRF001", events).first).message
      switch accessors {
      // Three lines, none of which anything makes leave ahead of the end.
      case .recorded, .relaxed: #expect(message.hasSuffix("by cause: end 3"))
      case .linuxWritel:
        #expect(message.hasSuffix("by cause: barrier 3 (assumed by linux-writel), end 1"))
      case .bursts: #expect(message.hasSuffix("by cause: barrier 2 (assumed by bursts), end 1"))
      }
    }
  }

  /// Nine of ten, of two blocks and causes, or fewer.
  @Test(arguments: [(9, 1, true), (8, 1, false), (1, 0, true), (0, 1, false)])
  func `lone stores are not told to fill lines`(lone: Int, pairs: Int, isLone: Bool) throws {
    var events: [NaiveEvent] = []
    for index in 0..<lone { events += [.payload(UInt64(64 * index)), .barrier("dmb.st")] }
    for index in 0..<pairs {
      let start = UInt64(0x2000 + 64 * index)
      events += [.payload(start), .payload(start + 8), .barrier("dmb.st")]
    }
    let bench = HazardBench().with { $0.cuts = events.count > 4 ? [3] : [] }
    let finding = try #require(try bench.findings("PRF001", events).first)
    #expect(finding.advice.hasPrefix("Nothing, where these are doorbells") == isLone)
    #expect(finding.advice.hasPrefix("Write whole lines") != isLone)
  }

  @Test func `all vCPUs that are counted are known, whatever is counted together`() throws {
    let events = [3, 0, 3, 0, 5, 3].enumerated().flatMap { index, vcpu in
      [
        NaiveEvent.payload(UInt64(64 * index)).on(vcpu: vcpu),
        .barrier("dmb.st").on(vcpu: vcpu),
      ]
    }
    let finding = try #require(try HazardBench().findings("PRF001", events).first)
    #expect(finding.count == 6 && finding.vcpu == 3)
    #expect(finding.vcpus == [0, 3, 5])
  }

  @Test func `Device stores gather nothing and lose nothing`() throws {
    let before = HazardBench().with { $0.policy = .kvmDevice }
    #expect(try before.findings("PRF001", [.payload(), .doorbell()]).isEmpty)
  }

  @Test func `the code that wrote the lines last is named, the two commonest places`() throws {
    // Six lines of one store each, left by barriers; code addresses A B B C A B.
    let places: [UInt64] = [0xa0, 0xb0, 0xb0, 0xc0, 0xa0, 0xb0]
    let events = (0..<6).flatMap { [NaiveEvent.payload(64 * $0), .barrier("dmb.st")] }
    let bench = HazardBench().with { $0.code = { $0 % 2 == 0 ? places[$0 / 2] : nil } }
    let found = try bench.findings("PRF001", events)
    #expect(
      found.first?.message.hasSuffix("last written most often at 0xb0 (3), 0xa0 (2)") == true)
  }

  @Test(arguments: 0...4)
  func `line and code are known wherever a block ends`(cut: Int) throws {
    // The line opened by record 0 leaves at record 2, the one of record 3 at the end of the trace.
    let events: [NaiveEvent] = [.payload(), .payload(8), .barrier("dmb.st"), .payload(64)]
    let bench = HazardBench().with {
      $0.code = { record in 0x100 + UInt64(record) }
      $0.cuts = cut == 0 ? [] : cut == 4 ? [1, 2, 3] : [cut]
    }
    let finding = try #require(try bench.findings("PRF001", events).first)
    #expect(finding.firstRecord == 1 && finding.firstLine == 102)
    #expect(finding.message.hasSuffix("at 0x101 (1), 0x103 (1)"))
  }
}
