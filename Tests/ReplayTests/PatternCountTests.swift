import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// Runs, overlaps, assumed barriers, config accesses, and what is said of an occurrence.
struct PatternCountTests {
  typealias Event = PatternEvent
  static let doorbell = PatternCriteriaTests.doorbell
  static let payload = PatternCriteriaTests.payload
  static let ring = PatternCriteriaTests.ring

  // MARK: Runs

  static let pairOfStores: [AccessPattern.Step] = [.store(0, .normalNC), .store(8, .normalNC)]

  @Test(arguments: [
    ("one store", [Event.store(0)], 0),
    ("two", [.store(0), .store(8)], 1),
    ("five", [.store(0), .store(8), .store(16), .store(24), .store(32)], 1),
    ("two runs", [.store(0), .store(8), .store(64), .store(72)], 2),
    ("a gap", [.store(0), .store(16)], 0),
    ("descending", [.store(8), .store(0)], 0),
    ("another size", [.store(0), .store(8, size: 4)], 0),
    ("another type", [.store(0), .store(8, .deviceGRE)], 0),
    ("a barrier that orders no stores", [.store(0), .barrier(.dmbLD), .store(8)], 0),
    ("a hint", [.store(0), .barrier(.dgh), .store(8)], 1),
    ("another vCPU between", [.store(0), .store(8, vcpu: 1), .store(8)], 1),
    ("two vCPUs", [.store(0), .store(8, vcpu: 1)], 0),
    ("a load between", [.store(0), .load(64), .store(8)], 0),
    ("a hole between", [.store(0), .lost, .store(8)], 0),
    ("releases", [.store(0, flags: .release), .store(8, flags: .release)], 0),
  ])
  func `a run of stores is one access, as long as the program's`(
    what: String, events: [Event], expected: Int
  ) throws {
    let pattern = AccessPattern(name: "P", Self.pairOfStores)
    #expect(pattern.steps.count == 1 && pattern.steps[0].stores == 2)
    #expect(try count(Self.pairOfStores, in: events) == expected, "\(what)")
    let cuts = Set(0..<events.count)
    let cut = try occurrences(Self.pairOfStores, in: events, cuts: cuts)
    #expect(cut.patterns[0].total == UInt64(expected), "\(what), a block a record")
  }

  @Test func `a barrier in the program parts its run`() {
    let steps: [AccessPattern.Step] = [
      .store(0, .normalNC), .store(8, .normalNC, behind: BarrierSet(Barrier(.dmbST))),
    ]
    #expect(AccessPattern(name: "P", steps).steps.count == 2)
  }

  // MARK: Overlaps

  /// Five stores to two registers in turn hold four pairs of neighbours, two of them disjoint.
  @Test func `occurrences do not overlap`() throws {
    let steps: [AccessPattern.Step] = [.store(0, .deviceNGnRE), .store(0x40, .deviceNGnRE)]
    let events = (0..<5).map { Event.store($0 % 2 == 0 ? 0 : 0x40, .deviceNGnRE) }
    #expect(try count(steps, in: events) == 2)
  }

  @Test func `a first access may come again before the second`() throws {
    let events = [Self.payload, Self.ring, Self.ring, Self.payload, Self.payload, Self.ring]
    #expect(try count(Self.doorbell, in: events) == 2)
  }

  // MARK: Accessors

  static let ordered: [AccessPattern.Step] = [
    .store(0, .normalNC),
    .store(0x40, .deviceNGnRE, size: 4, behind: BarrierSet(Barrier(.dmbST, .outerShareable))),
  ]

  @Test(arguments: [
    (AccessorAssumption.recorded, 1, 0), (.relaxed, 1, 0), (.linuxWritel, 0, 1), (.bursts, 0, 1),
  ])
  func `the accessor assumption adds barriers`(
    accessors: AccessorAssumption, plain: Int, ordered: Int
  ) throws {
    let events = [Self.payload, .store(0x1008), Self.ring]
    #expect(try count(Self.doorbell, in: events, accessors: accessors) == plain)
    #expect(try count(Self.ordered, in: events, accessors: accessors) == ordered)
  }

  /// writel in a copy loop has a DMB ST before each store; the bursts assumption has not.
  @Test func `writel makes no runs, a burst does`() throws {
    let events: [Event] = [.store(0), .store(8)]
    #expect(try count(Self.pairOfStores, in: events, accessors: .linuxWritel) == 0)
    #expect(try count(Self.pairOfStores, in: events, accessors: .bursts) == 1)
  }

  @Test func `readl is followed by a DMB LD`() throws {
    let barrier = BarrierSet(Barrier(.dmbLD, .outerShareable))
    let steps: [AccessPattern.Step] = [
      .init(isStore: false, target: .mmio(.normalNC), start: 0, size: 4),
      .store(0x40, .normalNC, behind: barrier),
    ]
    #expect(try count(steps, in: [.load(0), .store(0x40)], accessors: .linuxWritel) == 1)
    #expect(try count(steps, in: [.load(0), .store(0x40)], accessors: .recorded) == 0)
  }

  @Test func `without a choice the capture's barriers decide, wherever they stand`() throws {
    let events = [Self.payload, Self.ring]
    let bare = try occurrences(Self.doorbell, in: events, accessors: nil)
    #expect(bare.accessors == "bursts" && bare.patterns[0].total == 0)
    let late = try occurrences(
      Self.doorbell, in: events + [.barrier(.isb, vcpu: 3)], cuts: [1, 2], accessors: nil)
    #expect(late.accessors == "recorded" && late.patterns[0].total == 1)
  }

  // MARK: Config accesses

  /// Device Control of the capability at 0x40 is at 0x48, Initiate FLR its bit 15; Command is at
  /// 4, Memory Space Enable its bit 1 (PCI Express Base Specification 5.0, 7.5.3.4 and 7.5.1.1.3).
  @Test(arguments: [
    (AccessPattern.ConfigEffect.reset, Event.configWrite(0x48, 0x8000), 1),
    (.reset, .configWrite(0x48, 0x10), 0),
    (.reset, .configWrite(0x48, 0x8000, PatternTrace.otherFunction), 0),
    (.reset, .configWrite(4, 0), 0), (.memoryDisable, .configWrite(4, 0), 1),
    (.memoryDisable, .configWrite(4, 6), 0), (.none, .configWrite(0x48, 0x10), 1),
    (.none, .configWrite(0x48, 0x8000), 0),
  ])
  func `a config write does what the program's does, to the function`(
    effect: AccessPattern.ConfigEffect, write: Event, expected: Int
  ) throws {
    let steps: [AccessPattern.Step] = [
      .store(0, .normalNC, function: 0),
      .init(
        isStore: true, target: .config(effect), peripheral: 1, function: 0, start: 0, size: 2),
    ]
    #expect(try count(steps, in: [.store(0), write]) == expected)
    let read = Event.load(0x10_0010, .deviceNGnRnE, .ecam)
    #expect(try count(steps, in: [.store(0), read, write]) == 0)
    #expect(try count(steps, in: [.store(0), .barrier(.dmbST), write]) == 0)
  }

  /// Bus 1 lies 1 MiB into the window (PCI Express Base Specification 5.0, 7.2.2).
  @Test func `a store to ECAM is a config write of its function`() throws {
    let steps: [AccessPattern.Step] = [
      .store(0, .normalNC, function: 0),
      .init(isStore: true, target: .config(.none), peripheral: 1, function: 0, start: 0, size: 2),
    ]
    let near = Event.store(0x10_0010, .deviceNGnRnE, .ecam, size: 4)
    let far = Event.store(0x20_0010, .deviceNGnRnE, .ecam, size: 4)
    #expect(try count(steps, in: [.store(0), near]) == 1)
    #expect(try count(steps, in: [.store(0), far]) == 0)
  }

  // MARK: What is said of them

  @Test(arguments: [Set<Int>(), [1], [2], [1, 2, 3, 4, 5, 6, 7, 8]])
  func `counts stand by region and vCPU, with the first record and its line`(
    cuts: Set<Int>
  ) throws {
    let events: [Event] = [
      .mark, Self.payload, .store(0x1008), Self.ring, Self.payload, Self.ring,
      .store(0x40, .normalNC, .bar2, vcpu: 5),
      .store(0x80, .deviceNGnRE, .bar0, size: 4, vcpu: 5), .mark,
    ]
    let result = try occurrences(Self.doorbell, in: events, cuts: cuts)
    #expect(result.records == 9 && result.trace == "pattern" && result.policy == "none")
    #expect(
      result.patterns[0].rows == [
        .init(region: "bar 0", vcpu: 0, count: 2, firstRecord: 1, firstLine: 101),
        .init(region: "bar 2", vcpu: 5, count: 1, firstRecord: 6, firstLine: 106),
      ])
    #expect(result.patterns[0].total == 3)
  }

  @Test func `several patterns are counted in one pass`() throws {
    let patterns = [
      AccessPattern(name: "plain", Self.doorbell), AccessPattern(name: "ordered", Self.ordered),
    ]
    let events = [Self.payload, Self.ring, Self.payload, .barrier(.dmbST), Self.ring]
    let result = try PatternSearch(
      PatternTrace(events).source, .plain(accessors: .recorded), patterns
    ).run()
    #expect(result.patterns.map(\.pattern) == ["plain", "ordered"])
    #expect(result.patterns.map(\.total) == [1, 1])
    #expect(
      result.patterns.map(\.summary) == [
        "store normal-nc, store device-ngnre", "store normal-nc, barrier, store device-ngnre",
      ])
  }

  @Test func `a trace that no importer writes is refused`() {
    var event = Event.store(0)
    event.place = nil
    event.address = .max - 7
    #expect(throws: TraceError.self) { try count(Self.doorbell, in: [event]) }
  }

  /// Random records, against a matcher that keeps the whole trace and knows no blocks.
  @Test(arguments: 0..<60)
  func `blocks and the other vCPUs do not matter`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let choices: [Event] = [
      .store(0), .store(8), .store(0x40, .deviceNGnRE), .store(0x40, .deviceNGnRE), .load(0x40),
      .barrier(.dmbST), .mark, .lost,
    ]
    let events = (0..<120).map { _ in
      var event = choices[Int(random.next() % UInt64(choices.count))]
      if event.entry.operation != .lost { event.entry.vcpu = UInt16(random.next() % 2) }
      return event
    }
    let cuts = Set((0..<120).filter { _ in random.chance(30) })
    let expected = Self.naive(events, vcpu: 0) + Self.naive(events, vcpu: 1)
    let result = try occurrences(Self.doorbell, in: events, cuts: cuts)
    #expect(result.patterns[0].total == expected)
  }

  /// Payloads whose vCPU's next access is the doorbell, with no DMB ST between; these two cannot
  /// overlap, and how long a run is does not matter to their number.
  private static func naive(_ events: [Event], vcpu: UInt16) -> UInt64 {
    var text = ""
    for event in events where event.entry.vcpu == vcpu || event.entry.operation == .lost {
      switch event.entry.operation {
      case .store: text += event.entry.attribute == 0x44 ? "P" : "D"
      case .load: text += "L"
      case .barrier: text += "b"
      case .lost: text += "x"
      default: break
      }
    }
    return UInt64(text.indices.dropLast().count { text[$0...].hasPrefix("PD") })
  }
}
