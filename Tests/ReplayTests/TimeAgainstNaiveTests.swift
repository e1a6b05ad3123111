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
  private func mismatch(_ program: NaiveProgram, _ timing: NaiveTiming, cutSeed: UInt64)
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
          steps, buffers: program.settings.buffers, timing: timing, isPaced: isPaced) {
          Int(rate.serialisationPs($0))
        }
        found += differences(naive, result, isPaced: isPaced)
      }
      return found.isEmpty ? nil : found.joined(separator: "\n")
    } catch {
      return "the engine threw: \(error)"
    }
  }

  private func differences(_ naive: NaiveTimes, _ result: ScenarioResult, isPaced: Bool)
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

  @Test(arguments: 0..<8)
  func `the engine's clocks say what the naive clock says`(part: UInt64) {
    check(part * 250..<part * 250 + 250) { generateProgram(seed: $0) }
  }
}
