import Results

/// RST004: posted writes may still be on their way below a bridge that resets what is there.
struct UnflushedAtBridge: HazardRule {
  let code = "RST004"
  let meaning = "posted writes may still be on their way below a bridge that resets what is there"
  let severity = Finding.Severity.error
  let rule =
    "A port consumes the config write that resets its link: no ordering rule holds it behind "
    + "posted writes that the port has passed on, and link down discards them (PCI Express Base "
    + "Specification 5.0, 2.9.1 and 6.6.1)"
  let advice =
    "Read a register of the device behind a DSB before the reset: its completion shows that the "
    + "writes have arrived"

  let needsReads = true

  private var tally = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    tally.add(recordsOf: log[.unflushedAtBridge], detail: ())
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "a reset at the bridge may discard posted writes that no read has flushed (first: "
          + "the store at record \(row.first.first), vCPU \(row.first.second & 0xffff))",
        earlierRecord: row.first.first)
    }
  }
}
