import Results

/// RST003: MMIO is issued between a config write and its completion.
struct AccessBeforeConfigCompletion: HazardRule {
  let code = "RST003"
  let severity = Finding.Severity.warning
  let rule =
    "A posted write must be able to pass an earlier config write "
    + "(PCI Express Base Specification 5.0, Table 2-40, entry A4)"
  let advice =
    "Wait for the config write: Device-nGnRnE mapping and a DSB, or read a config register back"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.configIncomplete] {
      tally.add(incident, count: incident.first, detail: ())
    }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        count: row.count, firstRecord: row.first.record, region: Int(row.first.region),
        vcpu: row.first.vcpu,
        message: "MMIO may pass a config write whose completion nothing shows "
          + "(first: the write at record \(row.first.second))")
    }
  }
}
