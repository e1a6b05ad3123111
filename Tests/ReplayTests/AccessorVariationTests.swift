import ArmMemory
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// Where a capture holds no barriers and nobody said which there are, other assumptions are tried.
@Suite struct AccessorVariationTests {
  /// Before and after, of which one keeps all memory Device.
  private func configurations(
    _ program: NaiveProgram, _ accessors: AccessorAssumption?
  ) -> [ScenarioConfiguration] {
    [KVMPolicy.kvmDevice, .kvmNormalNC, .none].map { policy in
      var configuration = program.configuration()
      configuration.name = policy.rawValue
      configuration.policy = policy
      configuration.accessors = accessors
      configuration.triesAccessors = true
      return configuration
    }
  }

  /// What variations keep: counts, and times under the saturated clock.
  private func kept(_ result: ScenarioResult) -> [String: [UInt64]] {
    let rows = [("", result.totals)] + result.regions.map { ($0.region.name, $0.metrics) }
    return Dictionary(
      rows.map { name, metrics in
        (
          name,
          [
            metrics.stores, metrics.mwr, metrics.payloadBytes, metrics.wireDownBytes,
            metrics.collapsedBytes, metrics.saturated.timePs,
          ]
        )
      }, uniquingKeysWith: { a, _ in a })
  }

  /// Each variation is the run that `--accessors` gives; also of Device mappings, which are not run again.
  @Test func `the variations are the runs under other assumptions`() throws {
    var runs = 0
    for seed in 0..<60 as Range<UInt64> {
      var program = generateProgram(seed: seed)
      program.events.removeAll { $0.op == "barrier" }
      let run = try ReplayDriver(
        program.source(cutSeed: seed), configurations(program, nil)
      ).run()
      #expect(run.scenarios.allSatisfy { $0.accessors == "bursts" })
      #expect(
        run.variations.map { $0.changes.map(\.value.text) } == [["linux-writel"], ["relaxed"]])
      for (variation, accessors) in zip(run.variations, [AccessorAssumption.linuxWritel, .relaxed])
      {
        let alone = try ReplayDriver(
          program.source(cutSeed: seed), configurations(program, accessors)
        ).run()
        #expect(alone.variations.isEmpty)
        for (tried, own) in zip(variation.scenarios, alone.scenarios) {
          #expect(tried.accessors == accessors.rawValue && tried.name == own.name)
          #expect(kept(tried) == kept(own), "seed \(seed), \(accessors), \(own.name)")
          runs += 1
        }
      }
    }
    #expect(runs == 360)
  }

  @Test func `nothing is tried where the capture holds a barrier, or where one was asked for`()
    throws
  {
    for seed in 0..<20 as Range<UInt64> {
      var program = generateProgram(seed: seed)
      program.events.removeAll { $0.op == "barrier" }
      // The last record decides, when all else has been replayed.
      program.events.append(.barrier("dmb.ld"))
      let run = try ReplayDriver(
        program.source(cutSeed: seed), configurations(program, nil)
      ).run()
      #expect(run.variations.isEmpty && run.scenarios.allSatisfy { $0.accessors == "recorded" })
      let asked = try ReplayDriver(
        program.source(cutSeed: seed), configurations(program, .bursts)
      ).run()
      #expect(asked.variations.isEmpty)
    }
  }
}
