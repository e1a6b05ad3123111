import Results

/// RST007: a load returned all ones after a reset.
struct AllOnesAfterReset: HazardRule {
  let code = "RST007"
  let meaning = "a load returned all ones after a reset"
  let severity = Finding.Severity.note
  let rule =
    "Most root complexes answer a load that failed with all ones, which is no proof: a register "
    + "may hold them, and some hosts answer otherwise (PCI Express Base Specification 5.0, 2.3.2; "
    + "AMD PG194)"
  let advice = "Ask config space whether the function is there and Command.MEM on"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    tally.add(each: log[.allOnes], detail: ())
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "loads returned all ones after a reset, and before the first that did not (first: "
          + "the reset at record \(row.first.first))",
        earlierRecord: row.first.first)
    }
  }
}
