import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// Runs that the engine and the clocks take at once, against the same stores one by one.
///
/// What a single store takes is held against the naive clock elsewhere; here every figure that a
/// clock keeps must be the same both ways, latencies, shares and the link's use included.
@Suite struct TimeOfRunsTests {
  private static let device = NaiveRegion("device", base: ClockRig.base, size: 1 << 24).with {
    $0.stage1 = MemoryType.deviceNGnRE.attributeByte
  }
  private static let strict = NaiveRegion("strict", base: 0xffff_8000, size: 1 << 20).with {
    $0.stage1 = MemoryType.deviceNGnRnE.attributeByte
  }
  private static let gathering = NaiveRegion(
    "gathering", base: ClockRig.base + 0x1000_0000, size: 1 << 24
  ).with { $0.stage1 = MemoryType.normalNC.attributeByte }
  static let regions = [device, strict, gathering]

  /// Long and short runs of three types by a few vCPUs, some across 4 GiB, some with stamps that
  /// they fall behind, some with stamps that they wait for, and some with both.
  static func program(seed: UInt64) -> NaiveProgram {
    var random = SplitMix64(seed: seed)
    let settings = NaiveSettings().with {
      $0.policy = "none"
      $0.lineBytes = random.pick([32, 64, 128])
      $0.buffers = random.inRange(1...4)
      $0.generation = random.inRange(1...6)
    }
    let vcpus = random.inRange(1...3)
    let hasTimes = random.chance(60)
    var time: UInt64 = 1
    var events: [NaiveEvent] = []
    for _ in 0..<random.inRange(3...12) {
      let vcpu = random.below(vcpus)
      let region = random.pick(Self.regions)
      let size = random.pick([4, 8, 8, 8])
      let pace = random.pick([0, 0, 1, 7, 60, 400])
      var address = region.base + UInt64(random.below(1 << 12) * 64)
      if region == Self.strict, random.chance(50) { address = 0xffff_ffc0 }
      if random.chance(20) { address += UInt64(size) }
      let isUneven = random.chance(30)
      for _ in 0..<random.pick([1, 3, 20, 64, 130, 700]) {
        events.append(.store(address, size, time: hasTimes ? time : nil, vcpu: vcpu))
        address += UInt64(size)
        time += UInt64(isUneven ? random.pick([0, 0, 1, 1, pace, 400]) : pace)
      }
      if random.chance(50) {
        events.append(
          .barrier(random.pick(["dmb.st", "dsb.sy"]), time: hasTimes ? time : nil, vcpu: vcpu))
      }
      if random.chance(20) {
        events.append(.load(Self.device.base, 4, time: hasTimes ? time : nil, vcpu: vcpu))
      }
      time += UInt64(random.pick([0, 3, 900]))
    }
    return NaiveProgram(seed: seed, regions: Self.regions, settings: settings, events: events)
  }

  private func result(
    _ program: NaiveProgram, _ timing: NaiveTiming, oneByOne: Bool, measures: Bool
  ) throws -> ScenarioResult {
    var configuration = program.configuration()
    configuration.measures = measures
    timing.apply(to: &configuration.settings)
    let driver = ReplayDriver(program.source(cutSeed: nil), [configuration])
    driver.recordsPath = oneByOne
    return try driver.run().scenarios[0]
  }

  /// With all that is measured, and as the clocks that show no more than how long it took.
  @Test(arguments: 0..<60 as Range<UInt64>, [true, false])
  func `a run is timed as its stores one by one`(part: UInt64, measures: Bool) throws {
    for seed in part * 20..<part * 20 + 20 {
      let program = Self.program(seed: seed)
      var timing = NaiveTiming(seed: seed, for: program.settings)
      // Few in flight, so that a run is many times as long.
      var random = SplitMix64(seed: seed ^ 0x55)
      timing.writesInFlight = random.inRange(1...8)
      let whole = try result(program, timing, oneByOne: false, measures: measures)
      let single = try result(program, timing, oneByOne: true, measures: measures)
      #expect(whole == single, "seed \(seed): \(timing.described)")
      if whole != single { return }
    }
  }

  /// The link becomes free at times around those at which the run's first lines are full.
  @Test(arguments: 1...3, 1...3)
  func `lines are timed one by one behind another vCPU's stores`(
    buffers: Int, generation: Int
  ) throws {
    for stores in 0..<60 {
      let settings = NaiveSettings().with {
        $0.policy = "none"
        $0.buffers = buffers
        $0.generation = generation
      }
      var events: [NaiveEvent] = (0..<stores).map {
        .store(Self.device.base + UInt64($0) * 8, 8, time: nil, vcpu: 1)
      }
      events += (0..<8 * 40).map {
        .store(Self.gathering.base + UInt64($0) * 8, 8, time: nil, vcpu: 0)
      }
      let program = NaiveProgram(
        seed: 0, regions: Self.regions, settings: settings, events: events)
      // 8 ns for a line of 64 bytes: more than the link needs of the third generation only.
      var timing = NaiveTiming(seed: 0, for: settings)
      (timing.lanes, timing.issue, timing.writesInFlight) = (16, 1000, 64)
      (timing.ph, timing.pd) = (0, 0)
      let whole = try result(program, timing, oneByOne: false, measures: true)
      let single = try result(program, timing, oneByOne: true, measures: true)
      #expect(whole == single, "\(stores) stores: \(timing.described)")
    }
  }

  /// By hand: 4 in flight, 100 ns for an acknowledgement, so 4 stores every 100 ns; the last of
  /// 4000 starts in the thousandth of these.
  @Test func `four in flight: four stores an acknowledgement, however long the run`() throws {
    let rig = ClockRig(issuePs: 1, writesInFlight: 4, ackPs: 100_000)
    func time(_ count: Int) throws -> UInt64 {
      try rig.time(of: .store, size: 8, count: count)
    }
    #expect(try time(4000) - time(4) == 999 * 100_000)
    #expect(try time(40_000) - time(4000) == 9000 * 100_000)
  }
}

extension NaiveRegion {
  fileprivate func with(_ change: (inout NaiveRegion) -> Void) -> NaiveRegion {
    var copy = self
    change(&copy)
    return copy
  }
}
