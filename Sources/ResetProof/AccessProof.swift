public import Resets

/// What is proven of one access next to a reset, over every host that the reading leaves possible.
public struct AccessProof: Sendable, Equatable {
  public var role: ResetPair.Role
  public var access: MMIOAccess
  /// A row for each segment, then what no program can ask.
  public var rows: [ProofRow]
  /// The access and the reset keep their order.
  public var verdict: Answer
  /// The host values that the verdict hangs on; empty where it does not.
  public var hangsOn: [HostValue]
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
  /// There may be MMIO before the reset, or after it, that the capture does not show.
  var isPartlyShown = false
  var isPartlyShownAfter = false

  /// The MMIO before the reset arrives before it takes effect.
  public var before: Answer {
    .worst(accesses.filter(\.role.isBefore).map(\.verdict), hasHole: isPartlyShown)
  }
  /// The MMIO after it meets a function that is ready.
  public var after: Answer {
    .worst(accesses.filter { !$0.role.isBefore }.map(\.verdict), hasHole: isPartlyShownAfter)
  }
  public var verdict: Answer { .worst([before, after]) }
}

/// The verdicts of one reset under one mapping, without their words.
public struct CaseVerdict: Sendable, Equatable {
  public var before: Answer
  public var after: Answer
  /// Order before the reset by the mapping and PCIe alone.
  public var natural: Answer
  /// Host values that one of the answers hangs on.
  public var hangsOn: [HostValue]
  /// No reset before it asked the same questions.
  public var isNew: Bool

  public var verdict: Answer { .worst([before, after]) }
}

extension Answer {
  /// The first of: no, host-dependent, not shown, yes.
  ///
  /// Without any access the question does not arise. A hole in the capture has an access that is not shown.
  static func worst(_ answers: [Answer], hasHole: Bool = false) -> Answer {
    let answers = hasHole ? answers + [.notShown] : answers
    for answer in [Answer.no, .hostDependent, .notShown, .yes] where answers.contains(answer) {
      return answer
    }
    return .doesNotArise
  }
}
