import ConfigSpace
public import Resets
public import TraceCore

/// Proves resets, and holds each proof to the explorer.
///
/// Proofs are kept by what decides them, so that hundreds of resets cost a few explorations.
public struct Prover: Sendable {
  private struct Reply {
    var rows: [ProofRow]
    var asked: AskedProgram
  }

  /// What a pair comes to over every host, without records.
  struct PairAnswer {
    var rows: [ProofRow]
    var order: Answer
    var hangsOn: [HostValue]
    var asked: [AskedProgram]
  }

  public let reading: HostReading
  /// The captures hold barriers: where one has none, there was none.
  ///
  /// Otherwise an order that a barrier could have kept is not shown, instead of not kept.
  public let showsBarriers: Bool
  private let hosts: [Host]
  private var proofs: [ResetPair: PairAnswer] = [:]
  /// Programs explored so far.
  public private(set) var explored = 0

  public init(_ reading: HostReading, showsBarriers: Bool = true) {
    self.reading = reading
    self.showsBarriers = showsBarriers
    hosts = reading.hosts
  }

  /// Proves one reset.
  ///
  /// - Parameter reset: The reset and the MMIO next to it, under one mapping.
  /// - Returns: Rows for each access, and the verdicts.
  /// - Throws: `TraceError.internal` where rows and explorer disagree.
  public mutating func prove(_ reset: ResetCase) throws(TraceError) -> CaseProof {
    let accesses = try answers(reset).map { context, answer in
      AccessProof(
        role: context.role, access: context.access,
        rows: answer.rows.map(context.withRecords) + context.rowsOfTime,
        verdict: context.verdict(with: answer.order), hangsOn: answer.hangsOn,
        programs: answer.asked)
    }
    return CaseProof(
      accesses: accesses, upstream: Self.upstream(reset),
      isPartlyShown: reset.isPartlyShown, isPartlyShownAfter: reset.isPartlyShownAfter)
  }

  /// The verdicts of one reset, without the words of a proof.
  ///
  /// - Parameter reset: The reset and the MMIO next to it, under one mapping.
  /// - Returns: What ``prove(_:)`` and ``naturalOrder(_:)`` would answer.
  /// - Throws: `TraceError.internal` where rows and explorer disagree.
  public mutating func judge(_ reset: ResetCase) throws(TraceError) -> CaseVerdict {
    let known = proofs.count
    let answers = try answers(reset)
    let natural = try naturalAnswers(reset)
    let verdicts = answers.map { (isBefore: $0.role.isBefore, answer: $0.verdict(with: $1.order)) }
    let values = Set((answers.map(\.answer) + natural).flatMap(\.hangsOn))
    return CaseVerdict(
      before: .worst(verdicts.filter(\.isBefore).map(\.answer), hasHole: reset.isPartlyShown),
      after: .worst(
        verdicts.filter { !$0.isBefore }.map(\.answer),
        hasHole: reset.isPartlyShownAfter),
      natural: .worst(natural.map(\.order), hasHole: reset.isPartlyShown),
      hangsOn: HostValue.allCases.filter(values.contains), isNew: proofs.count > known)
  }

  /// Whether the mapping and PCIe alone keep the MMIO before a reset in order: no barrier, no read,
  /// no mapping that VFIO takes away.
  ///
  /// - Parameter reset: The reset and the MMIO next to it.
  /// - Returns: yes, no, host-dependent; does-not-arise without MMIO before it,
  ///   not-shown where the capture lost it.
  /// - Throws: `TraceError.internal` where rows and explorer disagree.
  public mutating func naturalOrder(_ reset: ResetCase) throws(TraceError) -> Answer {
    .worst(try naturalAnswers(reset).map(\.order), hasHole: reset.isPartlyShown)
  }

  private mutating func naturalAnswers(_ reset: ResetCase) throws(TraceError) -> [PairAnswer] {
    var answers: [PairAnswer] = []
    for role in ResetPair.Role.allCases where role.isBefore {
      guard var pair = ResetPair(reset, role) else { continue }
      pair.evidence = .none
      if pair.path == .vfio { pair.path = .trapped }
      answers.append(try answer(pair, reset.event.record))
    }
    return answers
  }

  /// Each access that the case has, in the order of the roles, and the answer to its pair.
  private mutating func answers(
    _ reset: ResetCase
  ) throws(TraceError) -> [(context: CaseContext, answer: PairAnswer)] {
    var answers: [(context: CaseContext, answer: PairAnswer)] = []
    for role in ResetPair.Role.allCases {
      guard let pair = ResetPair(reset, role, timeoutNs: reading.completionTimeoutNs) else {
        continue
      }
      let shown = try answer(pair, reset.event.record)
      let doubted = showsBarriers ? shown : try doubted(shown, pair, reset, role)
      answers.append((CaseContext(reset, role, pair), doubted))
    }
    return answers
  }

  /// An answer where any barrier may have been that the capture does not hold.
  ///
  /// What is kept without one is kept with one; what is not kept with the best of them is not kept.
  private mutating func doubted(
    _ shown: PairAnswer, _ pair: ResetPair, _ reset: ResetCase, _ role: ResetPair.Role
  ) throws(TraceError) -> PairAnswer {
    guard shown.order == .no || shown.rows.contains(where: { $0.answer == .no })
    else { return shown }
    var result = shown
    var best: (answer: PairAnswer, evidence: ResetPair.Evidence)?
    for evidence in pair.evidenceWithBarriers(reset.before(role)) {
      var other = pair
      other.evidence = evidence
      let answer = try answer(other, reset.event.record)
      result.asked += answer.asked.filter { !result.asked.contains($0) }
      if best.map({ answer.order.isAtLeast($0.answer.order) }) ?? true { best = (answer, evidence) }
    }
    guard let best else { return shown }
    if shown.order == .no, best.answer.order != .no { result.order = .notShown }
    result.rows = zip(shown.rows, best.answer.rows).map { row, kept in
      row.doubted(kept, with: best.evidence)
    }
    return result
  }

  /// The answer to a pair over every host, kept for the next reset that asks it.
  private mutating func answer(
    _ pair: ResetPair, _ record: UInt64
  ) throws(TraceError) -> PairAnswer {
    if let known = proofs[pair] { return known }
    var replies: [Reply] = []
    for host in hosts { replies.append(try reply(pair, host, record)) }
    let kept = replies.map(\.asked.isKept)
    let order: Answer = !kept.contains(false) ? .yes : !kept.contains(true) ? .no : .hostDependent
    var asked: [AskedProgram] = []
    for reply in replies where !asked.contains(reply.asked) { asked.append(reply.asked) }
    let proof = PairAnswer(
      rows: Segment.allCases.indices.map { index in
        Self.merged(replies.map { $0.rows[index] }, hosts)
      }, order: order, hangsOn: order == .hostDependent ? Self.hangsOn(hosts, kept) : [],
      asked: asked)
    proofs[pair] = proof
    return proof
  }

  private mutating func reply(
    _ pair: ResetPair, _ host: Host, _ record: UInt64
  ) throws(TraceError) -> Reply {
    let rows = ProofRow.rows(pair, host)
    let program = PairProgram(pair, host)
    let isKept: Bool
    do {
      isKept = try program.isKept()
    } catch {
      throw TraceError(.internal, "the explorer refuses a reset: \(error)", record: record)
    }
    guard isKept == rows.expressesOrder else {
      throw TraceError(
        .internal, "the explorer does not confirm the rows of a reset: \(pair), \(host)",
        record: record)
    }
    explored += 1
    return Reply(rows: rows, asked: AskedProgram(program: program, isKept: isKept))
  }

  // MARK: Hosts

  /// One row for all hosts.
  private static func merged(_ rows: [ProofRow], _ hosts: [Host]) -> ProofRow {
    var distinct: [ProofRow] = []
    for row in rows where !distinct.contains(row) { distinct.append(row) }
    guard distinct.count > 1 else { return rows[0] }
    let isKept = rows.map { $0.answer != .no }
    let reason = distinct.map(\.reason).joined(separator: "; or: ")
    guard isKept.contains(true), isKept.contains(false) else {
      var row = distinct[0]
      row.reason = reason
      return row
    }
    let keeping = rows.first { $0.answer != .no } ?? rows[0]
    return ProofRow(
      keeping.segment, .hostDependent, keeping.rule,
      "hangs on " + hangsOn(hosts, isKept).map(\.name).joined(separator: " and ") + ": " + reason)
  }

  /// Host values that change the answer alone, with the others as they are.
  private static func hangsOn(_ hosts: [Host], _ answers: [Bool]) -> [HostValue] {
    HostValue.allCases.filter { value in
      hosts.indices.contains { one in
        hosts.indices.contains { other in
          answers[one] != answers[other]
            && value.adopted(by: hosts[one], from: hosts[other]) == hosts[other]
        }
      }
    }
  }

  // MARK: Upstream

  /// DMA and interrupts that the device sent before the reset, against the reset's completion.
  private static func upstream(_ reset: ResetCase) -> ProofRow {
    let why = "the capture holds no DMA, and a program's device does not stop at a reset"
    if let record = reset.firstAfter?.readBack {
      return ProofRow(
        .link, .yes, .catalogue("pcie.D2a"),
        "the data of a read pushes them before it (record \(record))", notExpressible: why)
    }
    if reset.mayResetOthers {
      return ProofRow(
        .link, .notShown, .catalogue("pcie.D2b"),
        "whom the bridge resets is not known, and so not whether a read of it has come back since",
        notExpressible: why)
    }
    return ProofRow(
      .link, .no, .catalogue("pcie.D2b"),
      "a config write's completion may pass them, and no read has come back since",
      notExpressible: why)
  }
}

extension Answer {
  /// Of no, host-dependent and yes, one that keeps the order on as many hosts.
  fileprivate func isAtLeast(_ other: Answer) -> Bool {
    let ranks: [Answer] = [.no, .hostDependent, .yes]
    return ranks.firstIndex(of: self) ?? 0 >= ranks.firstIndex(of: other) ?? 0
  }
}

extension ProofRow {
  /// The row where the capture holds no barrier.
  ///
  /// - Parameters:
  ///   - kept: The segment's row with the best barriers.
  ///   - evidence: What they are.
  /// - Returns: Not shown where they change the answer, as it was otherwise.
  fileprivate func doubted(_ kept: ProofRow, with evidence: ResetPair.Evidence) -> ProofRow {
    guard answer == .no, kept.answer != .no else { return self }
    let then = kept.answer == .hostDependent ? "it would hang on the host" : kept.reason
    return ProofRow(
      segment, .notShown, kept.rule,
      "the capture holds no barriers; with \(evidence.barrierWords): \(then); without: \(reason)",
      notExpressible: "both ways are possible")
  }
}

extension ResetPair.Evidence {
  /// The barriers that make it.
  fileprivate var barrierWords: String {
    switch self {
    case .ordered: "a DMB"
    case .readBack, .pushed: "a DSB ahead of the read that comes later"
    default: "a DSB"
    }
  }
}
