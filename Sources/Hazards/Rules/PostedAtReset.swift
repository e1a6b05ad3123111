import Results

/// RST002: a store has left the CPU, and nothing orders it before the config write that resets.
struct PostedAtReset: HazardRule {
  let code = "RST002"
  let meaning =
    "a store has left the CPU, and nothing orders it before the config write that resets"
  let severity = Finding.Severity.warning
  let rule =
    "A BAR and the ECAM window are two peripherals, and may be two ordering regions of the "
    + "interconnect: even Device stores may arrive after the config write (Arm ARM DDI 0487 "
    + "B2.10.2; edk2 pull request 6031)"
  let advice =
    "Put a DSB, or a read of the device that is waited for, between the last store and the config "
    + "write"

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    tally.add(recordsOf: log[.postedAtReset], detail: ())
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "a reset is issued with no DSB behind the last store (first: the store at record "
          + "\(row.first.first), vCPU \(row.first.second & 0xffff))"
          + (row.first.second >> 16 == 0 ? "" : "; the capture holds no barriers to show one"),
        earlierRecord: row.first.first)
    }
  }
}
