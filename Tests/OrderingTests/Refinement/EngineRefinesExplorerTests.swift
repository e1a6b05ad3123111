import Ordering
import TestSupport
import Testing
import TraceCore

/// The trace engine takes one path; the rules allow it, whatever the profile.
@Suite struct EngineRefinesExplorerTests {
  /// What is wrong with the engine's path; nil where nothing is, "big" where it cannot be told.
  private func violation(_ trace: NaiveProgram, _ rules: RuleSet = .all) -> String? {
    do {
      let refinement = try Refinement(trace, cutSeed: trace.seed)
      return judge(refinement, rules)
    } catch {
      return "the engine threw: \(error)"
    }
  }

  private func judge(_ refinement: Refinement, _ rules: RuleSet) -> String? {
    do throws(ProgramError) {
      let explorer = try Explorer(
        refinement.program, rules: rules, options: refinement.options)
      if let refusal = try explorer.refusal(of: refinement.arrivals) {
        return "transaction \(refusal.position): \(refusal.reason)"
      }
      return explorer.faults == refinement.faults
        ? nil : "faults \(refinement.faults), allowed \(explorer.faults)"
    } catch {
      return error.message.contains("at most") ? "big" : error.message
    }
  }

  @Test(arguments: 0..<8)
  func `the engine's path is one that the rules allow`(part: UInt64) {
    var checked = 0
    for index in 0..<600 {
      let trace = generateProgram(seed: part * 600 + UInt64(index), maximumEvents: 14)
      guard let found = violation(trace) else {
        checked += 1
        continue
      }
      if found == "big" { continue }
      let small = shrink(trace) { violation($0).map { $0 != "big" } ?? false }
      Issue.record(
        "seed \(trace.seed): \(found)\nsmallest: \(violation(small) ?? "")\n\(small.describe())")
      return
    }
    // Unaligned accesses to Normal memory count for each byte, which makes some traces too big.
    #expect(checked > 300, "\(checked) of 600")
  }
}
