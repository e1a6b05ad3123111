import Results

/// RST009: a BAR is rewritten while bytes for it are under way.
struct MovedWithBytesPending: HazardRule {
  let code = "RST009"
  let meaning = "a BAR is rewritten while bytes for it are under way"
  let severity = Finding.Severity.error
  let rule =
    "A write that arrives after its BAR has moved meets another target, or none (PCI Express Base "
    + "Specification 5.0, 7.5.1.2.1; Arm ARM DDI 0487 B2.10.2: nothing orders it before the config "
    + "write)"
  let advice = "Put a DSB, and a read of the device, before the BAR is written"

  private var gathered = RegionTally<UInt64>()
  private var posted = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.movedPending] where incident.second == 1 {
      gathered.add(incident, count: 1, detail: 0) { $0 = max($0, incident.first) }
    }
    posted.add(recordsOf: log[.movedPending].filter { $0.second != 1 }, detail: ())
  }

  var tallyCount: Int { gathered.rows.count + posted.rows.count }

  func tallies() -> [HazardTally] {
    gathered.sorted().map { row in
      HazardTally(
        row,
        message: row.count == 1
          ? "\(row.detail) gathered bytes are pending when a BAR is rewritten"
          : "up to \(row.detail) gathered bytes are pending when BARs are rewritten",
        of: HazardKind("gathered bytes are pending when a BAR is rewritten"))
    }
      + posted.sorted().map { row in
        HazardTally(
          row,
          message: "a BAR is rewritten with no DSB behind the last store (first: the store at "
            + "record \(row.first.first))"
            + (isKnown(row.first) ? "" : "; the capture holds no barriers to show one"),
          of: HazardKind("a BAR is rewritten with no DSB behind the last store"),
          severity: isKnown(row.first) ? nil : .warning, earlierRecord: row.first.first)
      }
  }

  /// A barrier that is not in the capture may have been there.
  private func isKnown(_ incident: Incident) -> Bool { incident.second == 0 }
}
