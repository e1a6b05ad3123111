import Results

/// RST001: gathered bytes are still in the CPU when a reset is issued.
struct GatheredAtReset: HazardRule {
  let code = "RST001"
  let meaning = "gathered bytes are still in the CPU when a reset is issued"
  let severity = Finding.Severity.error
  let rule =
    "A store still gathered is not ordered before a config write: different memory type and "
    + "address region (Arm ARM DDI 0487 B2.10.2; PCIe orders only what has reached it)"
  let advice = "Put a DSB, then a read of the device, before the config write that resets it"

  private var tally = RegionTally<UInt64>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.reset] where incident.first > 0 {
      tally.add(incident, count: 1, detail: 0) { $0 += incident.first }
    }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: row.count == 1
          ? "\(row.detail) gathered bytes are pending when a reset is issued; they may arrive after it"
          : "\(row.detail) gathered bytes in all are pending at \(row.count) resets; they may arrive "
            + "after them")
    }
  }
}
