import ArmMemory
import Ordering
import ResetProof
import Resets
import Testing

/// Every pair on every host: what the rows say together against what the explorer finds.
@Suite struct ExhaustiveTests {
  static let hosts: [Host] = HostReading.Serialisation.allCases.flatMap { serialisation in
    (0..<32).map { bits in
      Host(
        serialisation: serialisation, configWritesArePosted: bits & 1 != 0,
        ecamSharesRegion: bits & 2 != 0, configOvertakes: bits & 4 != 0,
        serialisesConfig: bits & 8 != 0, zapDrains: bits & 16 == 0)
    }
  }

  static let types: [MemoryType] = [
    .deviceNGnRnE, .deviceNGnRE, .deviceNGRE, .deviceGRE, .normalNC,
  ]

  static func pairs(isBefore: Bool) -> [ResetPair] {
    var pairs: [ResetPair] = []
    for isStore in [true, false] {
      for type in types {
        for isSameCPU in [true, false] {
          for evidence in ResetPair.Evidence.allCases {
            for path in ConfigPath.allCases {
              guard isPossible(isBefore, evidence, path) else { continue }
              for isAtBridge in [false, true] {
                pairs.append(
                  ResetPair(
                    isStore: isStore, type: type, isBefore: isBefore, isSameCPU: isSameCPU,
                    evidence: evidence, path: path, isAtBridge: isAtBridge))
              }
            }
          }
        }
      }
    }
    return pairs
  }

  /// What a case can show: only a config write returns, and after a trap it always has; a DMB behind
  /// a config write is not looked for.
  static func isPossible(
    _ isBefore: Bool, _ evidence: ResetPair.Evidence, _ path: ConfigPath
  ) -> Bool {
    if isBefore { return evidence != .returned && evidence != .expired }
    return path.returnsWhenDone
      ? evidence == .returned : evidence != .ordered && evidence != .pushed
  }

  @Test(arguments: [true, false])
  func `the rows together say what the explorer finds`(isBefore: Bool) throws {
    var kept: [PairKey: Bool] = [:]
    var seen: Set<Bool> = []
    for host in Self.hosts {
      for pair in Self.pairs(isBefore: isBefore) {
        let program = PairProgram(pair, host)
        let key = PairKey(program)
        let isKept = try kept[key] ?? program.isKept()
        kept[key] = isKept
        seen.insert(isKept)
        let rows = ProofRow.rows(pair, host)
        #expect(rows.map(\.segment) == Segment.allCases)
        // Every rule has its source; a name that the explorer does not know would have none.
        #expect(rows.allSatisfy { $0.rule == .nothing || !$0.rule.source.isEmpty })
        #expect(rows.expressesOrder == isKept, "\(pair) \(host)")
      }
    }
    #expect(seen == [true, false])
  }
}

/// Programs that are the same to the explorer.
struct PairKey: Hashable {
  private let text: String

  init(_ program: PairProgram) {
    text =
      "\(program.program) \(program.options) \(program.overtaking) \(program.withoutRules)"
  }
}
