import ArmMemory
import Replay
import Testing
import TraceCore

/// What makes accesses an occurrence, one criterion at a time; expected values by the definition
/// in the article on ordering.
struct PatternCriteriaTests {
  typealias Event = PatternEvent
  /// A payload, then a doorbell in the same peripheral, without a barrier.
  static let doorbell: [AccessPattern.Step] = [
    .store(0, .normalNC), .store(0x40, .deviceNGnRE, size: 4),
  ]
  /// The same in a trace: other addresses, and the doorbell in the function's other BAR.
  static let payload = Event.store(0x1000)
  static let ring = Event.store(0x80, .deviceNGnRE, .bar2, size: 4)

  @Test func `the accesses alone are an occurrence`() throws {
    #expect(try count(Self.doorbell, in: [Self.payload, Self.ring]) == 1)
  }

  @Test(arguments: [
    ("order", [ring, payload]),
    ("only the first", [payload]),
    ("direction of the second", [payload, .load(0x80, .deviceNGnRE, .bar2)]),
    ("direction of the first", [.load(0x1000), ring]),
    ("type of the first", [.store(0x1000, .deviceGRE), ring]),
    ("type of the second", [payload, .store(0x80, .deviceNGnRnE, .bar2, size: 4)]),
    ("function", [payload, .store(0x80, .deviceNGnRE, .other, size: 4)]),
    ("a region without a function", [payload, .store(0x80, .deviceNGnRE, .nowhere, size: 4)]),
    (
      "two regions without a function",
      [.store(0x1000, .normalNC, .nowhere), .store(0x80, .deviceNGnRE, .elsewhere, size: 4)]
    ),
    ("the same bytes", [payload, .store(0x1000, .deviceNGnRE, .bar0, size: 4)]),
    ("one byte in common", [payload, .store(0x1007, .deviceNGnRE, .bar0, size: 1)]),
    ("release", [payload, .store(0x80, .deviceNGnRE, .bar2, size: 4, flags: .release)]),
    ("single-copy", [.store(0x1000, size: 64, flags: .single64), ring]),
    ("alignment", [payload, .store(0x82, .deviceNGnRE, .bar2, size: 4)]),
    ("an access between", [payload, .load(0x2000), ring]),
    ("an access elsewhere between", [payload, .load(0x20, .deviceNGnRE, .other), ring]),
    ("a hole between", [payload, .lost, ring]),
    ("another vCPU", [payload, .store(0x80, .deviceNGnRE, .bar2, size: 4, vcpu: 1)]),
  ])
  func `an occurrence agrees in everything`(what: String, events: [Event]) throws {
    #expect(try count(Self.doorbell, in: events) == 0, "\(what)")
  }

  @Test(arguments: [
    ("the same BAR", [payload, .store(0x1008, .deviceNGnRE, .bar0, size: 4)]),
    (
      "one region without a function",
      [.store(0x1000, .normalNC, .nowhere), .store(0x80, .deviceNGnRE, .nowhere, size: 4)]
    ),
    ("sizes", [.store(0x1000, size: 2), .store(0x80, .deviceNGnRE, .bar2, size: 8)]),
    ("a mark between", [payload, .mark, ring]),
    ("ISB and DGH between", [payload, .barrier(.isb), .barrier(.dgh), ring]),
    ("a config access between", [payload, .configWrite(0x10, 0), ring]),
    ("ECAM between", [payload, .load(0x10_0000, .deviceNGnRnE, .ecam), ring]),
    ("another vCPU between", [payload, .load(0x2000, vcpu: 1), ring]),
    ("another vCPU's barrier", [payload, .barrier(.dsbSY, vcpu: 1), ring]),
    ("barriers around", [.barrier(.dsbSY), payload, ring, .barrier(.dsbSY)]),
    ("a run as payload", [payload, .store(0x1008), .store(0x1010), ring]),
    ("a second payload", [payload, .store(0x3000), ring]),
    ("more after a hole", [payload, .lost, payload, ring]),
  ])
  func `what the program does not say does not matter`(what: String, events: [Event]) throws {
    #expect(try count(Self.doorbell, in: events) == 1, "\(what)")
  }

  // MARK: Barriers

  private func counted(
    behind required: BarrierSet, _ between: [Barrier], ignoresDomains: Bool = false
  ) throws -> Int {
    let steps: [AccessPattern.Step] = [
      .store(0, .normalNC), .store(0x40, .deviceNGnRE, size: 4, behind: required),
    ]
    let barriers = between.map { Event.barrier($0.kind, $0.domain) }
    return try count(
      steps, in: [Self.payload] + barriers + [Self.ring], ignoresDomains: ignoresDomains)
  }

  /// Arm ARM DDI 0487, B2.3: only DMB and DSB of ST and SY order two stores.
  @Test(arguments: [
    (Barrier(.dmbST), false), (Barrier(.dmbSY), false), (Barrier(.dsbST), false),
    (Barrier(.dsbSY, .outerShareable), false), (Barrier(.dmbLD), true), (Barrier(.dsbLD), true),
    (Barrier(.dmbST, .innerShareable), true), (Barrier(.dsbSY, .nonShareable), true),
  ])
  func `without a barrier in the program none may order the stores`(
    barrier: Barrier, isCounted: Bool
  ) throws {
    #expect(try counted(behind: [], [barrier]) == (isCounted ? 1 : 0))
  }

  @Test func `where domains do not matter an Inner Shareable barrier orders`() throws {
    let barrier = Barrier(.dmbST, .innerShareable)
    #expect(try counted(behind: [], [barrier], ignoresDomains: true) == 0)
  }

  @Test(arguments: [
    (Barrier.Kind.dmbST, [Barrier.Kind](), false), (.dmbST, [.dmbST], true),
    (.dmbST, [.dmbSY], true), (.dmbST, [.dsbST], true), (.dmbST, [.dsbSY], true),
    (.dmbST, [.dmbLD], false), (.dmbST, [.dsbLD], false), (.dmbST, [.dmbLD, .dmbST], true),
    (.dsbST, [.dmbSY], false), (.dsbST, [.dsbST], true), (.dsbST, [.dsbSY], true),
    (.dsbST, [.dsbLD, .dmbSY], false), (.dsbSY, [.dsbST], false), (.dsbSY, [.dsbST, .dsbLD], true),
    (.dmbLD, [], false), (.dmbLD, [.dmbLD], true), (.dmbLD, [.dmbSY], false),
  ])
  func `with a barrier in the program it takes one as strong`(
    required: Barrier.Kind, between: [Barrier.Kind], isCounted: Bool
  ) throws {
    let counted = try counted(behind: BarrierSet(Barrier(required)), between.map { Barrier($0) })
    #expect(counted == (isCounted ? 1 : 0))
  }

  @Test func `an Outer Shareable barrier holds an Inner Shareable one, but orders more`() throws {
    let inner = Barrier(.dmbST, .innerShareable)
    let outer = Barrier(.dmbST, .outerShareable)
    #expect(try counted(behind: BarrierSet(outer), [inner]) == 0)
    #expect(try counted(behind: BarrierSet(outer), [outer]) == 1)
    #expect(try counted(behind: BarrierSet(inner), [inner]) == 1)
    #expect(try counted(behind: BarrierSet(inner), []) == 0)
    // The program's stores are not ordered; these would be.
    #expect(try counted(behind: BarrierSet(inner), [outer]) == 0)
    #expect(try counted(behind: BarrierSet(inner), [outer], ignoresDomains: true) == 1)
  }

  /// A DMB ST orders no load, but the stores around it.
  @Test func `accesses that are no neighbours are ordered as in the program`() throws {
    let load = AccessPattern.Step(
      isStore: false, target: .mmio(.normalNC), start: 0x40, size: 4)
    let barrier = BarrierSet(Barrier(.dmbST))
    let events: [Event] = [
      .store(0), .load(0x40), .barrier(.dmbST), .store(0x80),
    ]
    let plain: [AccessPattern.Step] = [.store(0, .normalNC), load, .store(0x80, .normalNC)]
    #expect(try count(plain, in: events) == 0)
    let ordered: [AccessPattern.Step] = [
      .store(0, .normalNC), load, .store(0x80, .normalNC, behind: barrier),
    ]
    #expect(try count(ordered, in: events) == 1)
  }

  // MARK: Places and bytes

  @Test func `two peripherals are two functions`() throws {
    let steps: [AccessPattern.Step] = [
      .store(0, .deviceNGnRE), .store(0, .deviceNGnRE, peripheral: 1),
    ]
    let first = Event.store(0, .deviceNGnRE)
    #expect(try count(steps, in: [first, .store(0, .deviceNGnRE, .other)]) == 1)
    #expect(try count(steps, in: [first, .store(0, .deviceNGnRE, .nowhere)]) == 1)
    #expect(try count(steps, in: [first, .store(0, .deviceNGnRE, .bar2)]) == 0)
    #expect(try count(steps, in: [first, .store(0x40, .deviceNGnRE)]) == 0)
  }

  @Test func `two peripherals of one function are two of its regions`() throws {
    let steps: [AccessPattern.Step] = [
      .store(0, .deviceNGnRE, function: 7), .store(0, .deviceNGnRE, peripheral: 1, function: 7),
    ]
    let first = Event.store(0, .deviceNGnRE)
    #expect(try count(steps, in: [first, .store(0, .deviceNGnRE, .bar2)]) == 1)
    #expect(try count(steps, in: [first, .store(0, .deviceNGnRE, .other)]) == 0)
    #expect(try count(steps, in: [first, .store(0x40, .deviceNGnRE)]) == 0)
  }

  @Test func `bytes in common in the program are in common in the trace`() throws {
    let steps: [AccessPattern.Step] = [.store(0, .normalNC), .store(0, .deviceNGnRnE, size: 4)]
    #expect(try count(steps, in: [.store(0), .store(0, .deviceNGnRnE)]) == 1)
    #expect(
      try count(steps, in: [.store(0), .store(7, .deviceNGnRnE, size: 1)]) == 1)
    #expect(try count(steps, in: [.store(0), .store(8, .deviceNGnRnE)]) == 0)
    #expect(try count(steps, in: [.store(0), .store(0, .deviceNGnRnE, .other)]) == 0)
  }

  @Test func `release, acquire and misalignment count where the program has them`() throws {
    let release: [AccessPattern.Step] = [
      .store(0, .normalNC), .store(0x40, .deviceNGnRE, flags: .release),
    ]
    #expect(
      try count(
        release, in: [.store(0), .store(0x40, .deviceNGnRE, flags: .release)]) == 1)
    let acquire = [
      AccessPattern.Step(
        isStore: false, flags: .acquire, target: .mmio(.normalNC), start: 0, size: 4)
    ]
    #expect(try count(acquire, in: [.load(0), .load(8, flags: .acquire)]) == 1)
    let unaligned: [AccessPattern.Step] = [.store(12, .normalNC, isAligned: false)]
    #expect(try count(unaligned, in: [.store(12), .store(64), .store(80)]) == 1)
  }
}
