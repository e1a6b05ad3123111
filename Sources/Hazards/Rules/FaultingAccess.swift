import Results

/// FLT001: an access faults under the scenario's type.
struct FaultingAccess: HazardRule {
  let code = "FLT001"
  let meaning = "an access faults under the scenario's type"
  let severity = Finding.Severity.error
  let rule =
    "An unaligned access to a Device type takes an Alignment fault "
    + "(Arm ARM DDI 0487 B2.10.2 and R_HMNDG)"
  let advice =
    "Align the access, or map the BAR Normal-NC where it is prefetchable memory and VFIO may map it so"

  var others: [HazardKind] {
    Outcome.all.map(\.kind).filter { $0.rule != nil }
  }

  private var rows = Outcome.all.map { _ in RegionTally<Void>() }

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.fault] {
      let outcome = Outcome.all.firstIndex {
        $0.fault.rawValue == incident.second && $0.stage == incident.first
      }
      guard let outcome else { continue }
      rows[outcome].add(incident, count: 1, detail: ())
    }
  }

  var tallyCount: Int { rows.reduce(0) { $0 + $1.rows.count } }

  func tallies() -> [HazardTally] {
    zip(rows, Outcome.all).flatMap { tally, outcome in
      tally.sorted().map { row in
        HazardTally(row, message: outcome.kind.meaning, of: outcome.kind)
      }
    }
  }
}

/// A way to fault at one stage, in words.
private struct Outcome {
  var fault: AccessFault
  var stage: UInt64
  var kind: HazardKind

  init(
    fault: AccessFault, stage: UInt64, message: String, rule: String? = nil, advice: String? = nil
  ) {
    self.fault = fault
    self.stage = stage
    kind = HazardKind(message, rule: rule, advice: advice)
  }

  private static let guest = "fault at stage 1: the guest takes the fault"

  static let all: [Outcome] = [
    Outcome(fault: .deviceAlignment, stage: 1, message: "unaligned accesses " + guest),
    Outcome(
      fault: .deviceAlignment, stage: 2,
      message: "unaligned accesses fault at stage 2: KVM cannot handle it, the VM dies"),
    Outcome(
      fault: .singleCopyAlignment, stage: 1,
      message: "LD64B or ST64B that are not 64-byte aligned " + guest,
      rule: "LD64B and ST64B check their alignment themselves, on every memory type "
        + "(Arm ARM DDI 0487 C3.2, single-copy atomic 64-byte load/store)",
      advice: "Align the access to 64 bytes"),
    Outcome(
      fault: .orderedAlignment, stage: 1,
      message: "unaligned load-acquire or store-release accesses " + guest,
      rule: "An unaligned load-acquire or store-release takes an Alignment fault on every memory "
        + "type without FEAT_LSE2 (cpu.lse2), and with it where it crosses 16 bytes, SCTLR_ELx.nAA "
        + "taken as 0 (Arm ARM DDI 0487, shared pseudocode, UnalignedAccessFaults)",
      advice: "Align the access, or use a plain access and a barrier"),
    Outcome(
      fault: .unsupported64, stage: 1,
      message: "LD64B or ST64B to cacheable memory abort (DFSC 0x35) at stage 1: the guest takes "
        + "the fault",
      rule: "LD64B and ST64B need Device or Normal-NC memory, FEAT_LS64WB taken as absent "
        + "(Arm ARM DDI 0487 C3.2, single-copy atomic 64-byte load/store)",
      advice: "Map the BAR Normal-NC or Device"),
  ]
}
