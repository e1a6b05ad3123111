import ArmMemory
import Profiles
import Results
import TestSupport
import Testing
import TraceCore

@testable import Replay

/// A point among others gives what a run of its own gives, on any number of cores.
@Suite struct SweepTests {
  /// Grids that differ in counts, in times alone, and in both.
  static let grids = [
    ["cpu.buffers=1,2,4", "rc.split=runs,minimal", "link=gen1x1,gen5x16"],
    [
      "cpu.device_ack_ns=0,100", "cpu.device_writes_in_flight=1,4", "link.credit_loop_ns=0,700",
      "link.ph=1,64",
    ],
    ["cpu=generic-arm64,neoverse-n1,neoverse-v2,x86-wc", "cpu.drain_after_ns=never,40"],
    [
      "link=gen4x8,mps=128,gen6x4,gen3x2,mps=512", "rc.ecrc=true,false", "cpu.line_bytes=32,64",
      "device.read_latency_ns=1,900",
    ],
    ["cpu.nc_load=access,line", "cpu.load_breaks_gather=true,false", "cpu.lse2=true,false"],
    ["link.gen=1,5", "cpu.single_stream=true,false", "cpu.device_bus_bytes=1,8"],
  ]
  static let policies: [KVMPolicy] = [.kvmDevice, .kvmNormalNC, .none]

  static func settings(_ texts: [String]) throws -> [ModelSettings] {
    let library = ProfileLibrary()
    let grid = try SweepGrid(texts, library: library)
    return try (0..<grid.count).map { try grid.settings(grid.places($0), library: library) }
  }

  private func configuration(
    _ program: NaiveProgram, _ policy: KVMPolicy, _ settings: ModelSettings,
    _ clocks: ScenarioConfiguration.Clocks = .both
  ) -> ScenarioConfiguration {
    var configuration = program.configuration(clocks: clocks)
    configuration.name = policy.rawValue
    configuration.policy = policy
    configuration.settings = settings
    return configuration
  }

  /// Each point of a sweep, by policy.
  private func sweep(
    _ program: NaiveProgram, _ points: [ModelSettings], cutSeed: UInt64?, threads: Int,
    _ clocks: ScenarioConfiguration.Clocks = .both
  ) throws -> [[ScenarioResult]] {
    var base = points[0]
    base.variants = points.dropFirst().map { SettingsVariant(changes: [], settings: $0) }
    let driver = ReplayDriver(
      program.source(cutSeed: cutSeed),
      Self.policies.map { policy in
        var scenario = configuration(program, policy, base, clocks)
        scenario.variantClocks = clocks
        scenario.measures = false
        return scenario
      })
    driver.threads = threads
    let run = try driver.run()
    return [run.scenarios] + run.variations.map(\.scenarios)
  }

  /// A result without what a sweep leaves out.
  private func counted(_ result: ScenarioResult) -> ScenarioResult {
    func plain(_ metrics: Metrics) -> Metrics {
      var metrics = metrics
      for path in [\Metrics.saturated, \Metrics.paced] {
        metrics[keyPath: path].storeLatency = Latency()
        metrics[keyPath: path].loadLatency = Latency()
        metrics[keyPath: path].timeParts = []
      }
      return metrics
    }
    var result = result
    (result.saturatedUse, result.pacedUse) = (LinkUse(), LinkUse())
    result.totals = plain(result.totals)
    for index in result.regions.indices {
      result.regions[index].metrics = plain(result.regions[index].metrics)
    }
    return result
  }

  @Test(arguments: grids.indices, 0..<4)
  func `a point is the run with its settings`(grid: Int, part: UInt64) throws {
    let points = try Self.settings(Self.grids[grid])
    for seed in part * 3..<part * 3 + 3 {
      let program = generateProgram(seed: seed)
      let swept = try sweep(program, points, cutSeed: seed, threads: 1 + Int(seed % 3))
      #expect(swept.count == points.count)
      for (settings, results) in zip(points, swept) {
        let own = try ReplayDriver(
          program.source(cutSeed: seed),
          Self.policies.map { configuration(program, $0, settings) }
        ).run().scenarios.map(counted)
        let isSame = results.map(counted) == own
        #expect(isSame, "seed \(seed), \(settings.values.filter { $0.status == .user })")
      }
    }
  }

  @Test(arguments: grids.indices)
  func `points differ`(grid: Int) throws {
    // Else the test above would pass for a sweep that has one point for all.
    let points = try Self.settings(Self.grids[grid])
    var different = 0
    for seed in 0..<8 as Range<UInt64> {
      let totals = try sweep(generateProgram(seed: seed), points, cutSeed: nil, threads: 1)
        .map { $0.map(\.totals) }
      different += totals.contains { $0 != totals[0] } ? 1 : 0
    }
    #expect(different > 1, "\(different) of 8 programs")
  }

  @Test(arguments: grids.indices)
  func `the number of cores makes no difference`(grid: Int) throws {
    let points = try Self.settings(Self.grids[grid])
    for seed in 40..<43 as Range<UInt64> {
      let program = generateProgram(seed: seed)
      let one = try sweep(program, points, cutSeed: seed, threads: 1)
      for threads in [2, 5] {
        let more = try sweep(program, points, cutSeed: seed, threads: threads)
        #expect(more == one, "seed \(seed), \(threads) threads")
      }
    }
  }

  @Test(arguments: ScenarioConfiguration.Clocks.allCases)
  func `only the clocks that are wanted are run`(clocks: ScenarioConfiguration.Clocks) throws {
    let points = try Self.settings(Self.grids[1])
    let program = generateProgram(seed: 3)
    for result in try sweep(program, points, cutSeed: 1, threads: 2, clocks).joined() {
      #expect(result.clocks == clocks.rawValue)
      #expect((result.totals.saturated.timePs > 0) == (clocks != .paced))
      #expect((result.totals.paced.timePs > 0) == (clocks != .saturated))
    }
  }

  private func replays(
    _ texts: [String], _ policy: KVMPolicy, parts: Int = 1
  ) throws -> [Int] {
    let points = try Self.settings(texts)
    var base = points[0]
    base.variants = points.dropFirst().map { SettingsVariant(changes: [], settings: $0) }
    var configuration = configuration(generateProgram(seed: 1), policy, base)
    configuration.variantClocks = .both
    configuration.measures = false
    return VariedScenario(
      configuration, accessors: .recorded, context: TraceContext(name: "", format: ""),
      parts: parts
    ).replays.map(\.clockCount)
  }

  /// Clocks come in pairs, a saturated and a paced one.
  @Test func `points share a replay until they part, and clocks that cannot differ yet are one`()
    throws
  {
    // 3 buffers x 2 splits, each with 2 links: a clock for each buffers and link.
    #expect(try replays(Self.grids[0], .kvmNormalNC) == [12])
    // Device does not know of buffers.
    #expect(try replays(Self.grids[0], .kvmDevice) == [4])
    // 2 x 2 CPUs; with 64 headers both loops share a clock, with 1 none do.
    #expect(try replays(Self.grids[1], .kvmNormalNC) == [24])
    // Two spellings of one link.
    #expect(try replays(["link=gen4x8,gen4x8,mps=256", "link.mps=256"], .none) == [2])
    #expect(try replays(["cpu.buffers=1,2,3,4,5"], .kvmDevice) == [2])
    #expect(try replays(["cpu.buffers=1,2,3,4,5"], .none) == [10])
    // Lines of other sizes part at the first store.
    #expect(try replays(["cpu.line_bytes=32,64"], .none) == [2, 2])
  }

  @Test func `clocks are spread over as many replays as there are cores for`() throws {
    #expect(try replays(Self.grids[1], .none, parts: 2) == [12, 12])
    #expect(try replays(Self.grids[1], .none, parts: 5) == [4, 4, 6, 4, 6])
    // Two pairs a replay at least.
    #expect(try replays(Self.grids[1], .none, parts: 64) == [4, 4, 4, 4, 4, 4])
    #expect(try replays(Self.grids[0], .none, parts: 2) == [6, 6])
  }

  @Test func `a fault is that of one thread`() throws {
    // A store of no bytes, which no importer writes.
    var trace = DriverTrace()
    trace.append(RecordClass(.store, size: 0, region: trace.region), address: DriverTrace.base)
    let points = try Self.settings(Self.grids[0])
    for threads in [1, 4] {
      var base = points[0]
      base.variants = points.dropFirst().map { SettingsVariant(changes: [], settings: $0) }
      var scenario = ScenarioConfiguration.plain()
      scenario.settings = base
      scenario.measures = false
      let driver = ReplayDriver(trace.source(), [scenario])
      driver.threads = threads
      let error = #expect(throws: TraceError.self) { try driver.run() }
      #expect(error?.code == .badRecord && error?.message == "an access of 0 bytes")
    }
  }
}
