import ArmMemory
import ResetProof
import Resets
import Results

/// A scenario's resets, to be put in words one by one.
struct ScenarioView: Sendable {
  var name: String
  var cases: [ResetCase]
  /// It has judged every case, so that nothing is left to explore.
  var prover: Prover
  /// Names of the regions that the cases speak of.
  var regions: [Int: String]

  func verdict(_ place: Int, _ sequence: ResetSequence?) -> ResetVerdict {
    let reset = cases[place]
    var prover = prover
    guard let proof = try? prover.prove(reset), let natural = try? prover.naturalOrder(reset) else {
      preconditionFailure("a reset that was judged cannot be proven")
    }
    let answer = ResetAuditor.answer
    return ResetVerdict(
      scenario: name, before: answer(proof.before), after: answer(proof.after),
      verdict: answer(proof.verdict), natural: answer(natural),
      gatheredBytes: reset.gatheredBytes,
      deviations: Deviation.all(reset, sequence, showsBarriers: prover.showsBarriers).map {
        ResetDeviation(code: $0.kind.rawValue, detail: $0.detail, risk: $0.kind.risk)
      },
      accesses: proof.accesses.map { access in
        ResetAccess(
          role: access.role.rawValue, record: access.access.record,
          timeNs: access.access.timeNs, vcpu: access.access.vcpu,
          region: regions[access.access.region] ?? "", isStore: access.access.isStore,
          type: access.access.type.name, verdict: answer(access.verdict),
          hangsOn: access.hangsOn.map(\.name), rows: access.rows.map(ResetAuditor.row))
      }, upstream: ResetAuditor.row(proof.upstream))
  }
}
