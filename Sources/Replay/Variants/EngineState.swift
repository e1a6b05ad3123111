import ArmMemory
import Profiles

/// What an engine has counted, and what its further counts hang on, at a block's first record.
final class EngineState {
  private(set) var gather: GatherBuffers
  private(set) var counters = RegionCounters(regions: 0)
  private(set) var bursts = BurstTracker()
  private(set) var vcpus = 0

  init(_ cpu: CPUProfile) { gather = GatherBuffers(profile: cpu, vcpus: 0) }

  /// Keeps an engine's state; `cpu` is the one that this was made for.
  func keep(_ engine: borrowing Engine) {
    vcpus = engine.vcpus
    gather.grow(vcpus: vcpus)
    gather.take(engine.gather)
    counters.take(engine.counters)
    bursts.take(engine.bursts)
  }
}
