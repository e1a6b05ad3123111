public import Resets

/// What is proven of one access next to a reset, over every host that the reading leaves possible.
public struct AccessProof: Sendable, Equatable {
  public var role: ResetPair.Role
  public var access: MMIOAccess
  /// A row for each segment, then what no program can ask.
  public var rows: [ProofRow]
  /// The access and the reset keep their order.
  public var verdict: Answer
  /// Words for the host values that the verdict hangs on; empty where it does not.
  public var hangsOn: [String]
  /// The programs asked, one for each way the hosts differ.
  public var programs: [AskedProgram]
}

/// A program that the explorer was asked, and what it said.
public struct AskedProgram: Sendable, Equatable {
  public var program: PairProgram
  public var isKept: Bool
}

/// What is proven of one reset, under one mapping.
public struct CaseProof: Sendable, Equatable {
  /// In the order of ``ResetPair/Role``; accesses that the capture lacks are left out.
  public var accesses: [AccessProof]
  /// Whether DMA and interrupts of before the reset are behind it; not part of the verdicts.
  public var upstream: ProofRow

  /// The MMIO before the reset arrives before it takes effect.
  public var before: Answer { Self.worst(accesses.filter(\.role.isBefore)) }
  /// The MMIO after it meets a function that is ready.
  public var after: Answer { Self.worst(accesses.filter { !$0.role.isBefore }) }
  public var verdict: Answer { Self.worst(accesses) }

  /// The first of: no, host-dependent, not shown, yes; without any access the question does not
  /// arise.
  private static func worst(_ accesses: [AccessProof]) -> Answer {
    for answer in [Answer.no, .hostDependent, .notShown, .yes]
    where accesses.contains(where: { $0.verdict == answer }) {
      return answer
    }
    return .doesNotArise
  }
}
