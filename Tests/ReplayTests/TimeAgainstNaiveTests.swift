import ArmMemory
import PCIeModel
import Profiles
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// The engine's clocks against an independent implementation of the same page, to the picosecond.
@Suite struct TimeAgainstNaiveTests {
  /// What differs, or nil.
  private func mismatch(
    _ program: NaiveProgram, _ timing: NaiveTiming, cutSeed: UInt64
  )
    -> String?
  {
    do {
      var configuration = program.configuration()
      timing.apply(to: &configuration.settings)
      let source = program.source(cutSeed: cutSeed)
      let result = try ReplayDriver(source, [configuration]).run().scenarios[0]
      let rate = LinkRate(configuration.settings.link)
      let steps = NaiveModel.steps(
        program.events, regions: program.regions, settings: program.settings)
      var found: [String] = []
      for isPaced in [false, true] {
        let naive = NaiveClock.run(
          steps, buffers: program.settings.buffers, timing: timing, isPaced: isPaced
        ) {
          Int(rate.serialisationPs($0))
        }
        found += differences(naive, result, isPaced: isPaced)
      }
      return found.isEmpty ? nil : found.joined(separator: "\n")
    } catch {
      return "the engine threw: \(error)"
    }
  }

  private func differences(
    _ naive: NaiveTimes, _ result: ScenarioResult, isPaced: Bool
  )
    -> [String]
  {
    let rows = result.regions.map { ($0.region.name, naive[$0.region.name], $0.metrics) }
    return ([("totals", naive.total, result.totals)] + rows).compactMap { name, time, metrics in
      let engine = isPaced ? metrics.paced.timePs : metrics.saturated.timePs
      guard engine != UInt64(time) else { return nil }
      return "\(name), \(isPaced ? "paced" : "saturated"): naive \(time), engine \(engine)"
    }
  }

  private func check(_ seeds: Range<UInt64>, _ generate: (UInt64) -> NaiveProgram) {
    for seed in seeds {
      let program = generate(seed)
      let timing = NaiveTiming(seed: seed, for: program.settings)
      guard let found = mismatch(program, timing, cutSeed: seed) else { continue }
      let small = shrink(program) { mismatch($0, timing, cutSeed: seed) != nil }
      Issue.record(
        """
        seed \(seed): \(found)
        smallest: \(mismatch(small, timing, cutSeed: seed) ?? "")
        \(timing.described)
        \(small.describe())
        """)
      return
    }
  }

  /// Long bursts from few buffers, with partial lines, loads and config accesses between them.
  private func heavyProgram(seed: UInt64) -> NaiveProgram {
    var random = SplitMix64(seed: seed)
    let region = NaiveRegion("bar", base: ClockRig.base, size: 0x10_0000)
    let settings = NaiveSettings().with {
      $0.buffers = random.inRange(1...3)
      $0.split = random.pick(["runs", "aligned", "qword"])
      $0.generation = random.inRange(1...7)
    }
    let vcpus = random.inRange(1...3)
    var time: UInt64 = 0
    var events: [NaiveEvent] = []
    for _ in 0..<random.inRange(1...12) {
      let vcpu = random.below(vcpus)
      var address = region.base + UInt64(64 * random.below(1000))
      let (size, stride) = random.pick([(8, 8), (8, 8), (16, 16), (8, 16), (4, 12), (8, 64)])
      let type: UInt8 = random.pick([0x00, 0x04, 0x08, 0x0c, 0x44, 0x44])
      let isLoad = random.chance(20)
      let gap = UInt64(random.pick([0, 0, 0, 1, 30]))
      for _ in 0..<random.pick([1, 5, 20, 60]) {
        time += gap
        let event: NaiveEvent = isLoad ? .load(address, size) : .store(address, size)
        events.append(
          event.with {
            $0.vcpu = vcpu
            $0.time = time
            $0.attribute = type
          })
        address += UInt64(stride)
      }
      time += UInt64(random.pick([0, 0, 100, 5_000]))
      switch random.below(6) {
      case 0: events.append(.barrier(random.pick(["dmb.st", "dsb.sy"]), time: time, vcpu: vcpu))
      case 1:
        let op = random.pick(["config_read", "config_write"])
        events.append(.config(op, "0000:01:00.0", 0, 4).with { $0.vcpu = vcpu })
      default: break
      }
    }
    return NaiveProgram(seed: seed, regions: [region], settings: settings, events: events)
  }

  @Test(arguments: 0..<4)
  func `nor do long bursts part them`(part: UInt64) {
    check(part * 120..<part * 120 + 120, heavyProgram)
  }

  @Test func `a write passes requests behind one that waits for credits`() throws {
    // Two NPH: the third load waits until 7 us, and the fourth behind it, whose own credit is back
    // just as the third has left. The store has two requests before it.
    let rig = ClockRig(generation: 1, lanes: 1).with {
      $0.nonPosted = .init(headers: 2, data: 0)
      $0.creditLoopPs = 7_000_000
      $0.deviceLoads = 8
    }
    for loads in [2, 3, 4] as [UInt64] {
      let events = (0..<loads).map { NaiveEvent.load(ClockRig.base + 8 * $0, 8) }
      let result = try rig.run(events + [.store(ClockRig.base + 0x100, 8)])
      let waited = Double(result.totals.saturated.storeLatency.maxPs)
      let isAsStated = isWithin(0.001, waited, 2 * rig.requestPs)
      #expect(isAsStated, "\(loads) loads: \(waited)")
    }
  }

  @Test(arguments: [64, 66])
  func `a write passes any number of requests that wait for credits`(held: Int) throws {
    let rig = ClockRig(generation: 1, lanes: 1).with {
      $0.nonPosted = .init(headers: 1, data: 0)
      $0.creditLoopPs = 7_000_000
      $0.deviceLoads = 100
    }
    // The first request does not wait.
    let events = (0...UInt64(held)).map { NaiveEvent.load(ClockRig.base + 8 * $0, 8) }
    let result = try rig.run(events + [.store(ClockRig.base + 0x1000, 8)])
    let waited = Double(result.totals.saturated.storeLatency.maxPs)
    let isAsStated = isWithin(0.001, waited, rig.requestPs)
    #expect(isAsStated, "\(waited)")
  }

  @Test func `a completion takes a data credit for each 16 bytes begun`() throws {
    // Around 4 KiB a read is two requests of 32 bytes: 2 credits each, so 8 for two reads.
    let plain = ClockRig(type: .normalNC, generation: 1, lanes: 1, normalLoads: 8)
    let events = [NaiveEvent](repeating: .load(ClockRig.base + 0xfe0, 64), count: 2)
    let unlimited = try plain.time(events)
    let limited = try plain.with {
      $0.completion = .init(headers: 0, data: 8)
      $0.creditLoopPs = 7_000_000
    }.time(events)
    #expect(limited == unlimited)
  }

  @Test func `a region's time does not depend on where blocks end`() throws {
    // The last 48 bytes of the line are the other region's.
    let base = ClockRig.base
    let program = NaiveProgram(
      regions: [
        NaiveRegion("first", base: base, size: 0x1010),
        NaiveRegion("second", base: base + 0x1010, size: 0x1000),
      ], settings: NaiveSettings(),
      events: [.store(base + 0x1000, 8)]
        + (0..<5).map { .store(base + 0x1010 + 8 * $0, 8) })
    let times = try (0..<9).map { cut in
      try engineResult(of: program, cutSeed: cut).regions.map(\.metrics.saturated.timePs)
    }
    #expect(Set(times).count == 1)
  }

  @Test(arguments: 0..<8)
  func `the engine's clocks say what the naive clock says`(part: UInt64) {
    check(part * 200..<part * 200 + 200) { generateProgram(seed: $0) }
  }
}
