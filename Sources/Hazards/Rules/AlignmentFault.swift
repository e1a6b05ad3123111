import Results

/// FLT001: an access faults under the scenario's type.
struct AlignmentFault: HazardRule {
  let code = "FLT001"
  let severity = Finding.Severity.error
  let rule =
    "An unaligned access to a Device type takes an Alignment fault "
    + "(Arm ARM DDI 0487 B2.10.2 and R_HMNDG)"
  let advice = "Align the access, or map the BAR Normal-NC where it is prefetchable memory"

  private var stages = [RegionTally<Void>(), RegionTally<Void>()]

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.fault] {
      stages[incident.second == 1 ? 0 : 1].add(incident, count: incident.first, detail: ())
    }
  }

  var tallyCount: Int { stages.reduce(0) { $0 + $1.rows.count } }

  func tallies() -> [HazardTally] {
    zip(
      stages, ["stage 1: the guest takes the fault", "stage 2: KVM cannot handle it, the VM dies"]
    )
    .flatMap { tally, outcome in
      tally.sorted().map { row in
        HazardTally(
          count: row.count, firstRecord: row.first.record, region: Int(row.first.region),
          vcpu: row.first.vcpu, message: "unaligned accesses fault at \(outcome)")
      }
    }
  }
}
