import Ordering
import Testing

/// Values that loads return, against a second opinion: the external and internal visibility
/// requirements of Arm ARM DDI 0487, B2.3, written as axioms over whole executions.
struct AxiomaticTests {
  private func outcomes(_ generated: AxiomaticProgram) throws -> Set<[String]> {
    let states = try Explorer(generated.program).states(observing: generated.observed)
    return Set(states.map(\.values))
  }

  private func note(_ generated: AxiomaticProgram, _ outcomes: Set<[String]>) -> Comment {
    let lines = generated.program.agents.map { agent in
      agent.name + ": " + agent.instructions.map { "\($0)" }.joined(separator: "\n  ")
    }
    return
      "\(outcomes.sorted { $0.lexicographicallyPrecedes($1) })\n\(lines.joined(separator: "\n"))"
  }

  @Test(arguments: UInt64(0)..<4)
  func `memory returns what the axioms allow, all of it and no more`(part: UInt64) throws {
    for index in 0..<100 {
      let generated = AxiomaticProgram(seed: part * 100 + UInt64(index), isMemory: true)
      let (found, wanted) = (
        try outcomes(generated), AxiomaticModel(generated.program).outcomes()
      )
      guard found == wanted else {
        Issue.record("too many: \(note(generated, found.subtracting(wanted)))")
        Issue.record("too few: \(note(generated, wanted.subtracting(found)))")
        return
      }
    }
  }

  /// The external visibility requirement knows no memory types.
  ///
  /// A buffer that a barrier has emptied serves no load (B2.10.2.1), and accesses of an agent to one
  /// register arrive in order, so that there is less to return where an agent comes to a peripheral
  /// twice.
  @Test(arguments: UInt64(0)..<4)
  func `peripherals of any type return no more than the axioms allow`(part: UInt64) throws {
    var equal = 0
    for index in 0..<100 {
      let generated = AxiomaticProgram(seed: part * 100 + UInt64(index), isMemory: false)
      let (found, wanted) = (
        try outcomes(generated), AxiomaticModel(generated.program).outcomes()
      )
      let isRight = generated.visitsOnce ? found == wanted : found.isSubset(of: wanted)
      if generated.visitsOnce { equal += 1 }
      guard isRight else {
        Issue.record("too many: \(note(generated, found.subtracting(wanted)))")
        Issue.record("too few: \(note(generated, wanted.subtracting(found)))")
        return
      }
    }
    #expect(equal > 20)
  }
}
