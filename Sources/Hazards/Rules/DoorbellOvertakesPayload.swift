import Results

/// ORD001: a Device store follows a gathered store to the same function with no barrier between.
struct DoorbellOvertakesPayload: HazardRule {
  let code = "ORD001"
  let meaning =
    "a Device store follows a gathered store to the same function with no barrier between"
  let severity = Finding.Severity.warning
  let rule =
    "No arrival order between Normal-NC or GRE and nGnRE stores without a barrier "
    + "(Arm ARM DDI 0487 B2.4.1 Peripheral arrival order, rules A to C)"
  let advice = "Put a DMB ST (dma_wmb, or writel instead of writel_relaxed) before the Device store"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.deviceStoreUnordered] { tally.add(incident, count: 1, detail: ()) }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "a Device store may arrive before gathered stores of the same function "
          + "(first after record \(row.first.first))",
        earlierRecord: row.first.first)
    }
  }
}
