import ArmMemory
import Results
import TestSupport
import Testing
import TraceCore

/// Precision and recall over generated traces: each hazard is planted alone, beside a twin that
/// looks alike; what must be found follows from the plan (``ResetPlan/expected``), by the reasons
/// given there, not from the program.
@Suite struct `Resets: planted hazards and their harmless twins` {
  static let plans: [ResetPlan] = ResetPlan.Deviation.allCases.flatMap { deviation in
    [KVMPolicy.kvmDevice, .kvmNormalNC].flatMap { policy in
      [(false, false), (true, false), (true, true)].map {
        ResetPlan(deviation: deviation, policy: policy, isTrapped: $0.0, isVFIO: $0.1)
      }
    }
  }

  /// Where the host posts config writes, a read back is the only completion there is.
  @Test(arguments: [ResetPlan.Deviation.incomplete, .readBack], [0, 1, 2, 3] as [UInt64])
  func `posted config writes`(deviation: ResetPlan.Deviation, seed: UInt64) throws {
    let plan = ResetPlan(deviation: deviation, seed: seed, isPosted: true)
    #expect(try Set(found(plan).keys) == plan.expected)
  }

  private func found(_ plan: ResetPlan) throws -> [String: UInt64] {
    let findings = try plan.bench.run(plan.events()).findings
    return findings.filter { $0.code.hasPrefix("RST") }.reduce(into: [:]) {
      $0[$1.code, default: 0] += $1.count
    }
  }

  @Test(arguments: plans)
  func `what is planted is found, and nothing else`(plan: ResetPlan) throws {
    for seed in 0..<40 as Range<UInt64> {
      var plan = plan
      plan.seed = seed
      let found = try found(plan)
      #expect(Set(found.keys) == plan.expected, "\(plan) found \(found)")
    }
  }

  @Test(arguments: plans)
  func `each of several resets counts`(plan: ResetPlan) throws {
    for resets in [2, 5] {
      var plan = plan
      plan.seed = UInt64(resets)
      plan.resets = resets
      let found = try found(plan)
      #expect(Set(found.keys) == plan.expected)
      // A BAR is moved there and back.
      for code in plan.expected { #expect(found[code] == UInt64(resets), "\(plan) \(found)") }
    }
  }
}
