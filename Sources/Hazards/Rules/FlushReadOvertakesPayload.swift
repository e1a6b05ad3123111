import Results

/// ORD002: a Device load follows a gathered store to the same function with no barrier between.
struct FlushReadOvertakesPayload: HazardRule {
  let code = "ORD002"
  let meaning =
    "a Device load follows a gathered store to the same function with no barrier between"
  let severity = Finding.Severity.warning
  let rule =
    "No arrival order between a Normal-NC or GRE store and a later Device load without a barrier "
    + "(Arm ARM DDI 0487 B2.4.1 Peripheral arrival order, rule C)"
  let advice = "Put a DMB SY or DSB (dma_mb, mb) between the stores and the read that flushes them"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.deviceLoadUnordered] { tally.add(incident, count: 1, detail: ()) }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "a Device load does not push gathered stores of the same function out first "
          + "(first after record \(row.first.first))",
        earlierRecord: row.first.first)
    }
  }
}
