import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// A use of the line at the start of the payload window, whose stage-1 byte the capture holds.
private func use(
  _ op: String, _ attribute: UInt8, vcpu: Int = 0, at offset: UInt64 = 0
) -> NaiveEvent {
  NaiveEvent.store(HazardBench.bar + offset, 8).with {
    $0.op = op
    $0.attribute = attribute
    $0.vcpu = vcpu
  }
}

private let nc: UInt8 = 0x44
private let nGnRE: UInt8 = 0x04

/// A program, and whether a granule is used through two types with nothing to order the uses.
private struct Alias: CustomTestStringConvertible, Sendable {
  var testDescription: String
  var events: [NaiveEvent]
  var count: UInt64
  var accessors = AccessorAssumption.recorded

  init(
    _ name: String, _ count: UInt64, _ events: [NaiveEvent],
    accessors: AccessorAssumption = .recorded
  ) {
    testDescription = name
    self.count = count
    self.events = events
    self.accessors = accessors
  }
}

@Suite struct `MAP001: one granule, two memory types` {
  /// Arm ARM DDI 0487 B2.11: mismatched attributes, harmless with a DMB between the accesses.
  ///
  /// Which barrier orders which pair: B2.3, barrier-ordered-before.
  @Test(arguments: [
    Alias("store, store", 1, [use("store", nc), use("store", nGnRE)]),
    Alias("other bytes of the line", 1, [use("store", nc), use("store", nGnRE, at: 56)]),
    Alias("two Device types", 1, [use("load", 0x0c), use("load", nGnRE)]),
    Alias("back and forth", 3, (0..<4).map { use("store", $0 % 2 == 0 ? nc : nGnRE) }),
    Alias("the next line", 0, [use("store", nc), use("store", nGnRE, at: 64)]),
    Alias("one type", 0, [use("store", nc), use("load", nc)]),
    Alias(
      "a copy loop over two lines, then one Device store in each", 2,
      (0..<16).map { use("store", nc, at: 8 * $0) } + [0, 64].map { use("store", nGnRE, at: $0) }),
    // Barriers.
    Alias("DMB SY", 0, [use("store", nc), .barrier("dmb.sy"), use("load", nGnRE)]),
    Alias("DSB SY", 0, [use("load", nc), .barrier("dsb.sy"), use("store", nGnRE)]),
    Alias("DMB ST, two stores", 0, [use("store", nc), .barrier("dmb.st"), use("store", nGnRE)]),
    Alias("DMB ST, then a load", 1, [use("store", nc), .barrier("dmb.st"), use("load", nGnRE)]),
    Alias("DMB LD, a load first", 0, [use("load", nc), .barrier("dmb.ld"), use("store", nGnRE)]),
    Alias("DMB LD, a store first", 1, [use("store", nc), .barrier("dmb.ld"), use("store", nGnRE)]),
    Alias("a barrier too early", 1, [.barrier("dmb.sy"), use("store", nc), use("store", nGnRE)]),
    Alias("ISB", 1, [use("store", nc), .barrier("isb"), use("store", nGnRE)]),
    Alias(
      "a release behind it", 0,
      [use("store", nc), use("store", nGnRE).with { $0.release = true }]),
    Alias(
      "an acquire before it", 0, [use("load", nc).with { $0.acquire = true }, use("load", nGnRE)]),
    Alias(
      "release, then acquire", 0,
      [use("store", nc).with { $0.release = true }, use("load", nGnRE).with { $0.acquire = true }]),
    Alias("a hole", 0, [use("store", nc), NaiveEvent("lost"), use("store", nGnRE)]),
    Alias("writel", 0, [use("store", nc), use("store", nGnRE)], accessors: .linuxWritel),
    Alias("readl", 0, [use("load", nc), use("load", nGnRE)], accessors: .linuxWritel),
    // Two vCPUs: both have to take part.
    Alias("two vCPUs", 1, [use("store", nc), use("store", nGnRE, vcpu: 1)]),
    Alias(
      "only the first has a barrier", 1,
      [use("store", nc), .barrier("dmb.sy"), use("store", nGnRE, vcpu: 1)]),
    Alias(
      "only the second has a barrier", 1,
      [use("store", nc), .barrier("dmb.sy", vcpu: 1), use("store", nGnRE, vcpu: 1)]),
    Alias(
      "both have one", 0,
      [
        use("store", nc), .barrier("dmb.sy"), .barrier("dmb.sy", vcpu: 1),
        use("store", nGnRE, vcpu: 1),
      ]),
    Alias(
      "they take turns by a lock in RAM", 0,
      [
        use("store", nc), .barrier("rel"), .barrier("acq", vcpu: 1), use("store", nGnRE, vcpu: 1),
      ]),
    Alias(
      "a lock in RAM on one vCPU", 1,
      [use("store", nc), .barrier("rel"), .barrier("acq"), use("store", nGnRE)]),
    // What has no bus access, and types that are only assumed.
    Alias(
      "an access that faults", 0, [use("store", nc), use("store", nGnRE, at: 4)]),
    Alias(
      "a type that nothing asked for", 0, [.payload(), use("store", nGnRE)]),
  ])
  fileprivate func `verdicts`(alias: Alias) throws {
    let bench = HazardBench().with { $0.accessors = alias.accessors }
    let found = try bench.findings("MAP001", alias.events)
    #expect(found.map(\.count) == (alias.count == 0 ? [] : [alias.count]))
    // Under kvm-device both are nGnRE in the end, but for Device types that stage 1 asks for.
    guard !alias.events.contains(where: { $0.attribute == 0x0c }) else { return }
    #expect(try bench.with { $0.policy = .kvmDevice }.findings("MAP001", alias.events).isEmpty)
  }

  // 4,096 granules are remembered, in the order in which they came: of as many or fewer none is
  // missed, wherever they lie in the window of 256 MiB.
  @Test(arguments: [64, 4096, 0x8000] as [UInt64])
  func `no granule displaces another because of where it lies`(stride: UInt64) throws {
    func found(_ granules: UInt64) throws -> [UInt64] {
      let first = (0..<granules).map { use("store", nc, at: stride * $0) }
      let again = (0..<granules).map { use("store", nGnRE, at: stride * $0) }
      return try HazardBench().findings("MAP001", first + again).map(\.count)
    }
    #expect(try found(1024) == [1024])
    #expect(try found(4096) == [4096])
    // Each new granule displaces the one that would be next.
    #expect(try found(4097) == [])
  }

  @Test func `a hole in the capture takes all uses away`() throws {
    func found(_ events: [NaiveEvent]) throws -> [UInt64] {
      try HazardBench().findings("MAP001", events).map(\.count)
    }
    let uses = (0..<100).map { use("store", nc, at: 0x10_0000 * $0) }
    let again = (0..<100).map { use("store", nGnRE, at: 0x10_0000 * $0) }
    let hole = [use("lost", nc)]
    #expect(try found(uses + again) == [100])
    #expect(try found(uses + hole + again) == [])
    #expect(try found(uses + hole + uses + again) == [100])
  }

  @Test func `a finding names both uses and their types`() throws {
    let events = [NaiveEvent.status(), use("store", nc), use("load", nGnRE, vcpu: 5)]
    let found = try HazardBench().findings("MAP001", events)
    #expect(found.count == 1)
    let finding = try #require(found.first)
    #expect(finding.severity == .warning && finding.region == "bar" && finding.vcpu == 5)
    #expect(finding.firstRecord == 2 && finding.firstLine == 103)
    #expect(finding.message.contains("as device-ngnre, at record 1 as normal-nc"))
    #expect(finding.message.contains("1 of these by two vCPUs"))
    #expect(finding.rule.contains("B2.11") && finding.advice.contains("DMB SY"))
  }

  @Test(arguments: 0..<3)
  func `windows that share a granule are two types of it, wherever a block ends`(cut: Int) throws {
    // A BAR of 0x1010 bytes and another window behind it, in the same 64 bytes.
    func found(_ second: UInt64, _ types: (UInt8?, UInt8?)) throws -> [UInt64] {
      let context = TraceContext(name: "overlap", format: "generated")
      let base: UInt64 = 0x10_0000_0000
      for (name, start, type) in [("low", base, types.0), ("high", second, types.1)] {
        context.regions.add(
          Region(name: name, base: start, size: 0x1010, stage1: type, origin: .map))
      }
      var blocks = [Block()]
      var builder = BlockBuilder(blocks[0])
      for (record, address) in [base + 0x1008, second].enumerated() {
        if record == cut, record > 0 {
          blocks.append(Block())
          builder = BlockBuilder(blocks[1])
          builder.reset(firstRecord: UInt64(record))
        }
        builder.append(
          RecordClass(.store, size: 4, region: RegionID(rawValue: UInt16(record))),
          address: address, time: 0)
      }
      let bench = HazardBench()
      let source = ArrayBlockSource(context: context, blocks: blocks)
      return try ReplayDriver(source, [bench.configuration("one", bench.policy)]).run().findings
        .filter { $0.code == "MAP001" }.map(\.count)
    }
    let base: UInt64 = 0x10_0000_0000
    #expect(try found(base + 0x1010, (nc, nGnRE)) == [1])
    #expect(try found(base + 0x1010, (nc, nc)).isEmpty)
    #expect(try found(base + 0x1040, (nc, nGnRE)).isEmpty)
    // The first window's type is only assumed.
    #expect(try found(base + 0x1010, (nil, nGnRE)).isEmpty)
  }
}

@Suite struct `MAP002: Normal memory where KVM keeps Device` {
  private func found(
    _ region: Region, _ attribute: UInt8?, _ policy: KVMPolicy = .kvmNormalNC,
    all: UInt8? = nil
  ) throws -> [Finding] {
    let context = TraceContext(name: "denied", format: "generated")
    let id = context.regions.add(region)
    let builder = BlockBuilder(Block())
    builder.append(RecordClass(.mark), time: 0)
    for index in 0..<3 as Range<UInt64> {
      builder.append(
        RecordClass(.store, size: 4, attribute: attribute, region: id),
        address: region.base + 16 * index, time: 0)
    }
    builder.append(
      RecordClass(.load, size: 4, attribute: attribute, region: id), address: region.base, time: 0)
    var configuration = HazardBench().configuration("one", policy)
    configuration.stage1ForAll = all
    let source = ArrayBlockSource(context: context, blocks: [builder.block])
    return try ReplayDriver(source, [configuration]).run().findings.filter { $0.code == "MAP002" }
  }

  private func window(
    _ kind: Region.Kind, stage1: UInt8? = nil, vfio: Bool? = nil, origin: Region.Origin = .map
  ) -> Region {
    Region(
      name: "window", base: 0x900_0000, size: 0x1000, kind: kind, stage1: stage1,
      vfioEligible: vfio, origin: origin)
  }

  @Test func `the finding counts accesses, names the first and says why`() throws {
    let reasons: [(Region, String)] = [
      (window(.platform), "platform window"), (window(.ecam), "ECAM window"),
      (window(.bar, vfio: false), "vfio: false"),
      (window(.bar, vfio: false, origin: .capture), "does not let the region be mapped"),
    ]
    for (region, reason) in reasons {
      let found = try found(region, 0x44)
      #expect(found.count == 1)
      let finding = try #require(found.first)
      #expect(finding.severity == .note && finding.count == 4 && finding.firstRecord == 1)
      #expect(finding.region == "window" && finding.message.contains(reason))
      #expect(finding.rule.contains("VM_ALLOW_ANY_UNCACHED") && finding.rule.contains("-EINVAL"))
    }
  }

  @Test func `the map and the option ask as well, for write-back too`() throws {
    #expect(try found(window(.platform, stage1: 0xff), nil).map(\.count) == [4])
    #expect(try found(window(.bar, vfio: false), nil, all: 0x44).map(\.count) == [4])
    // The map wins over the access, the option over the map.
    #expect(try found(window(.platform, stage1: 0x04), 0x44).isEmpty)
    #expect(try found(window(.platform, stage1: 0x44), nil, all: 0x04).isEmpty)
  }

  @Test func `none where nothing asked, for Device types, and where KVM may give it`() throws {
    // A BAR is taken as Normal-NC where nothing says what it is: nobody asked.
    #expect(try found(window(.bar, vfio: false), nil).isEmpty)
    #expect(try found(window(.platform), 0x0c).isEmpty)
    #expect(try found(window(.bar), 0x44).isEmpty)
    #expect(try found(window(.platform, vfio: true), 0x44).isEmpty)
    for policy in [KVMPolicy.none, .kvmDevice] {
      #expect(try found(window(.platform), 0x44, policy).isEmpty)
    }
  }
}

@Suite struct `Accesses without a memory type` {
  /// `plain-bar` has no type in the map: two stores carry one, three do not.
  @Test func `they are counted where others of their region have one`() throws {
    func store(_ attribute: UInt8?, _ offset: UInt64, at base: UInt64) -> NaiveEvent {
      NaiveEvent.store(base + offset, 8).with { $0.attribute = attribute }
    }
    let typed = [nGnRE, nGnRE].enumerated().map {
      store($1, UInt64($0) * 64, at: HazardBench.plainBar)
    }
    let untyped = (0..<3).map { store(nil, 0x1000 + UInt64($0) * 64, at: HazardBench.plainBar) }
    let others = (0..<4).map { store(nil, UInt64($0) * 64, at: HazardBench.otherBar) }
    let mixed = try HazardBench().run(typed + untyped + others)
    #expect(mixed.trace.counters.first { $0.name == "memory_type_missing" }?.count == 3)
    #expect(
      mixed.trace.assumptions.contains {
        $0.hasPrefix("3 accesses to plain-bar hold no memory type")
      })
    let region = mixed.scenarios[0].regions.first { $0.region.name == "plain-bar" }
    #expect(region?.metrics.gatheringStores == 3)
    for events in [typed + others, untyped + others] {
      let run = try HazardBench().run(events)
      #expect(!run.trace.counters.contains { $0.name == "memory_type_missing" })
    }
  }
}
