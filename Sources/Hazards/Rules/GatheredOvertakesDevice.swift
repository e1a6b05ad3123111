import Results

/// ORD003: a gathered store follows a Device store to the same function with no barrier between.
struct GatheredOvertakesDevice: HazardRule {
  let code = "ORD003"
  let meaning =
    "a gathered store follows a Device store to the same function with no barrier between"
  let severity = Finding.Severity.note
  let rule =
    "No arrival order between a Device store and a later Normal-NC or GRE store without a barrier "
    + "(Arm ARM DDI 0487 B2.4.1 Peripheral arrival order, rules A to C)"
  let advice =
    "Where the device must see the Device store first, put a DMB ST (dma_wmb) behind it, or read "
    + "it back with readl, before the gathered stores"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    tally.add(each: log[.gatheredStoreUnordered], detail: ())
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "gathered stores may arrive before a Device store of the same function that "
          + "came first (first the one of record \(row.first.first))",
        earlierRecord: row.first.first)
    }
  }
}
