import ArmMemory
import Profiles
import Results
import TestSupport
import Testing
import TraceCore

@testable import Replay

/// Settings that share a replay or a clock until the trace makes a difference between them.
@Suite struct ForkTests {
  private static func configuration(
    _ policy: KVMPolicy, _ points: [ModelSettings], accessors: AccessorAssumption = .recorded
  ) -> ScenarioConfiguration {
    var configuration = ScenarioConfiguration.plain(policy, accessors: accessors)
    configuration.settings = points[0]
    configuration.settings.variants = points.dropFirst().map {
      SettingsVariant(changes: [], settings: $0)
    }
    configuration.variantClocks = .both
    configuration.measures = false
    return configuration
  }

  private static func consume(
    _ source: any BlockSource, _ configuration: ScenarioConfiguration
  ) throws -> VariedScenario {
    let scenario = VariedScenario(configuration, accessors: .recorded, context: source.context)
    let block = Block()
    var normalizer = TimeNormalizer()
    var counters = TraceCounters()
    var records: UInt64 = 0
    while try source.next(into: block) {
      normalizer.normalize(block, &counters)
      for replay in scenario.replays { try replay.consume(block) }
      records += UInt64(block.count)
    }
    try scenario.finish(records: records)
    return scenario
  }

  // MARK: Counts

  /// What a trace does, step by step.
  enum Event {
    /// A store of 8 bytes into a gathering line of 64.
    case store(line: UInt64, offset: UInt64)
    case deviceStore, load, deviceLoad, trappedConfig, barrier
  }

  private static func trace(_ events: [Event]) -> DriverTrace {
    var trace = DriverTrace()
    let device = MemoryType.deviceNGnRE.attributeByte
    let base = DriverTrace.base
    for event in events {
      switch event {
      case .store(let line, let offset): trace.store(line * 64 + offset)
      case .deviceStore:
        trace.append(
          RecordClass(.store, size: 4, attribute: device, region: trace.region),
          address: base + 0x10_0000)
      case .load:
        trace.append(RecordClass(.load, size: 4, region: trace.region), address: base + 0x20_0000)
      case .deviceLoad:
        trace.append(
          RecordClass(.load, size: 4, attribute: device, region: trace.region),
          address: base + 0x10_0000)
      case .trappedConfig:
        trace.append(
          RecordClass(
            .configRead, size: 4, function: PCIFunction(bus: 1, device: 0, function: 0),
            columns: [.configValue]),
          address: 0, value: 0)
      case .barrier: trace.append(RecordClass(.barrier, barrier: Barrier(.dsbSY)))
      }
    }
    return trace
  }

  /// Settings, a trace under which they count alike, and an event behind it that tells them apart.
  ///
  /// By hand, from the model's rules for each value.
  static let rows: [(settings: String, alike: [Event], difference: [Event])] = [
    (
      "cpu.buffers=2,8", [.store(line: 0, offset: 0), .store(line: 1, offset: 0)],
      [.store(line: 2, offset: 0)]
    ),
    (
      "cpu.evict=lru,fifo", (0..<4).map { .store(line: $0, offset: 0) },
      [.store(line: 4, offset: 0)]
    ),
    (
      "cpu.single_stream=true,false",
      [.store(line: 0, offset: 0), .barrier, .store(line: 1, offset: 0)],
      [.store(line: 2, offset: 0)]
    ),
    (
      "cpu.load_breaks_gather=true,false", [.load, .store(line: 0, offset: 0), .barrier, .load],
      [.store(line: 0, offset: 0), .load]
    ),
    (
      "cpu.device_drains_nc=true,false",
      [.deviceStore, .store(line: 0, offset: 0), .barrier, .deviceStore, .deviceLoad],
      [.store(line: 0, offset: 0), .deviceStore]
    ),
    (
      "cpu.device_drains_nc=true,false", [.store(line: 0, offset: 0), .barrier, .deviceLoad],
      [.store(line: 0, offset: 0), .deviceLoad]
    ),
    (
      "cpu.trap_drains=true,false", [.trappedConfig, .store(line: 0, offset: 0), .barrier],
      [.store(line: 0, offset: 0), .trappedConfig]
    ),
    ("cpu.nc_load=access,line", [.deviceLoad, .store(line: 0, offset: 0)], [.load]),
    (
      "rc.split=runs,aligned",
      // 8 and 16 bytes on their natural alignment, and a whole line.
      [.store(line: 0, offset: 8), .barrier, .store(line: 0, offset: 16)]
        + [.store(line: 0, offset: 24), .barrier]
        + (0..<8).map { .store(line: 1, offset: $0 * 8) },
      // 16 bytes at 8.
      [.store(line: 0, offset: 8), .store(line: 0, offset: 16), .barrier]
    ),
  ]

  @Test(arguments: rows.indices)
  func `settings part at the event that tells them apart`(index: Int) throws {
    let row = Self.rows[index]
    let points = try SweepTests.settings([row.settings])
    let configuration = Self.configuration(.none, points)
    for (events, isParted) in [(row.alike, false), (row.alike + row.difference, true)] {
      var trace = Self.trace(events)
      let scenario = try Self.consume(trace.source(), configuration)
      #expect(scenario.replays.count == (isParted ? 2 : 1), "\(row.settings), \(isParted)")
      // The difference itself, but for what only could have been.
      let other = scenario.variantResults()[0].totals
      let own = scenario.replay.result().totals
      if !isParted { #expect(own == other, "\(row.settings)") }
    }
  }

  // MARK: Times

  /// Values of which a clock sees nothing as long as nothing waits or comes back.
  static let times = [
    "link.ph=32,64,127", "link.pd=40,512", "link.credit_loop_ns=0,300,4000",
    "device.read_latency_ns=100,900",
  ]

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `a clock that is shared shows what each would show alone`(seed: UInt64) throws {
    let points = try SweepTests.settings(Self.times)
    let program = TimeOfRunsTests.program(seed: seed)
    let scenario = try Self.consume(
      program.source(cutSeed: seed), Self.configuration(.none, points))
    let results = [scenario.replay.result()] + scenario.variantResults()
    #expect(results.count == 36)
    for (settings, result) in zip(points, results) {
      let alone = try Self.consume(
        program.source(cutSeed: seed), Self.configuration(.none, [settings]))
      let isSame = alone.replay.result().totals == result.totals
      #expect(isSame, "\(settings.values.filter { $0.status == .user }.map(\.value.text))")
    }
  }

  /// In blocks, so that what is kept ahead of one is of clocks that parted in one before.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `a replay that parts takes its clocks as they have parted by then`(seed: UInt64) throws {
    let points = try SweepTests.settings(
      ["cpu.buffers=2,3,8", "link.ph=32,127", "link.credit_loop_ns=0,4000"])
    let program = TimeOfRunsTests.program(seed: seed)
    let scenario = try Self.consume(
      program.source(cutSeed: seed), Self.configuration(.none, points))
    let results = [scenario.replay.result()] + scenario.variantResults()
    #expect(results.count == 12)
    for (settings, result) in zip(points, results) {
      let alone = try Self.consume(
        program.source(cutSeed: seed), Self.configuration(.none, [settings]))
      let isSame = alone.replay.result().totals == result.totals
      #expect(isSame, "\(settings.values.filter { $0.status == .user }.map(\.value.text))")
    }
  }

  @Test func `clocks part at different times, some never`() throws {
    let points = try SweepTests.settings(Self.times)
    let clocks = try (0..<40 as Range<UInt64>).map { seed in
      try Self.consume(
        TimeOfRunsTests.program(seed: seed).source(cutSeed: seed),
        Self.configuration(.none, points)
      ).replays.reduce(0) { $0 + $1.clockCount }
    }
    // A saturated and a paced one where nothing ever waited; at most one of each a point.
    #expect(clocks.allSatisfy { $0 >= 2 && $0 <= 72 })
    #expect(Set(clocks).count > 5, "\(clocks)")
    #expect(clocks.contains { $0 < 12 } && clocks.contains { $0 > 24 }, "\(clocks)")
  }
}
