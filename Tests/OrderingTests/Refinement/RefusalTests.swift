import Ordering
import TestSupport
import Testing

/// The check of one sequence against the list of all of them.
@Suite struct RefusalTests {
  private func arrivals(_ outcome: Outcome) -> [[Transaction.Part]] {
    outcome.arrivals.map(\.parts)
  }

  /// Small traces whose outcomes can be listed.
  private func smallTraces(_ seeds: Range<UInt64>) throws -> [(NaiveProgram, Explorer)] {
    var result: [(NaiveProgram, Explorer)] = []
    for seed in seeds {
      let trace = generateProgram(seed: seed, maximumEvents: 4)
      let refinement = try Refinement(trace, cutSeed: seed)
      guard
        let explorer = try? Explorer(
          refinement.program,
          rules: .all.without("arm.forwarding"),
          options: refinement.options),
        refinement.arrivals.reduce(0, { $0 + $1.count }) <= 4
      else { continue }
      result.append((trace, explorer))
    }
    return result
  }

  @Test func `what is listed is allowed, and the engine's path is listed`() throws {
    var listed = 0
    for (trace, explorer) in try smallTraces(0..<40) {
      guard let all = try? explorer.outcomes(limit: 150), all.isComplete else { continue }
      let known = Set(all.outcomes.map(arrivals))
      for sequence in known.prefix(8) {
        #expect(try explorer.refusal(of: sequence) == nil, "seed \(trace.seed)")
      }
      let engine = try Refinement(trace, cutSeed: nil).arrivals
      #expect(known.contains(engine), "seed \(trace.seed): \(engine)")
      listed += known.count
    }
    #expect(listed > 100)
  }

  @Test func `what is not listed is refused`() throws {
    var refused = 0
    for (trace, explorer) in try smallTraces(0..<40) {
      guard let all = try? explorer.outcomes(limit: 150), all.isComplete else { continue }
      let known = Set(all.outcomes.map(arrivals))
      for sequence in known.prefix(4) where sequence.count > 1 {
        for index in sequence.indices.dropLast() {
          var other = sequence
          other.swapAt(index, index + 1)
          let isRefused = try explorer.refusal(of: other) != nil
          #expect(isRefused == !known.contains(other), "seed \(trace.seed): \(other)")
          if isRefused { refused += 1 }
        }
      }
    }
    #expect(refused > 5)
  }

  @Test func `a transaction too many, and one too few, are refused`() throws {
    let trace = generateProgram(seed: 3, maximumEvents: 5)
    let refinement = try Refinement(trace, cutSeed: nil)
    let explorer = try Explorer(refinement.program, options: refinement.options)
    let path = refinement.arrivals
    try #require(!path.isEmpty)
    #expect(try explorer.refusal(of: path) == nil)
    #expect(try explorer.refusal(of: Array(path.dropLast())) != nil)
    #expect(try explorer.refusal(of: path + [path[0]]) != nil)
  }
}
