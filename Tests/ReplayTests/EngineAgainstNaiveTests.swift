import ArmMemory
import Profiles
import Replay
import Results
import TestSupport
import Testing
import TraceCore

/// Runs a program through the engine, its blocks cut at random places.
func engineResult(
  of program: NaiveProgram, cutSeed: UInt64?
) throws(TraceError) -> ScenarioResult {
  let source = program.source(cutSeed: cutSeed)
  return try ReplayDriver(source, [program.configuration()]).run().scenarios[0]
}

/// The engine against an independent implementation of the same page, on generated programs.
@Suite struct EngineAgainstNaiveTests {
  /// What differs, or nil.
  private func mismatch(_ program: NaiveProgram, cutSeed: UInt64) -> String? {
    do {
      let result = try engineResult(of: program, cutSeed: cutSeed)
      return difference(program.naiveResult(), result)
    } catch {
      return "the engine threw: \(error)"
    }
  }

  @Test(arguments: 0..<8)
  func `the engine counts what the naive model counts`(part: UInt64) {
    for index in 0..<500 {
      let seed = part * 500 + UInt64(index)
      let program = generateProgram(seed: seed)
      guard let found = mismatch(program, cutSeed: seed) else { continue }
      let small = shrink(program) { mismatch($0, cutSeed: seed) != nil }
      Issue.record(
        """
        seed \(seed): \(found)
        smallest: \(mismatch(small, cutSeed: seed) ?? "")
        \(small.describe())
        """)
      return
    }
  }
}
