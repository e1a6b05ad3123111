import Results

/// RST003: MMIO is issued between a config write and its completion.
struct AccessBeforeConfigCompletion: HazardRule {
  let code = "RST003"
  let meaning = "MMIO is issued between a config write and its completion"
  let severity = Finding.Severity.warning
  let rule =
    "A posted write must be able to pass an earlier config write "
    + "(PCI Express Base Specification 5.0, Table 2-40, entry A4)"
  let advice =
    "Wait for the config write: Device-nGnRnE mapping and a DSB, or read a config register back"

  private static let unshown = HazardKind(
    "MMIO may pass a config write whose completion nothing shows")
  private static let hostPosted = HazardKind(
    "MMIO may pass a config write that the host posts",
    advice: "Read a config register back: a DSB does not wait for a config write that is posted")

  var others: [HazardKind] { [Self.hostPosted] }

  let needsReads = true

  private var tally = RegionTally<Void>()
  private var posted = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.configIncomplete] {
      if incident.second & 1 == 0 {
        tally.add(incident, count: incident.first, detail: ())
      } else {
        posted.add(incident, count: incident.first, detail: ())
      }
    }
  }

  var tallyCount: Int { tally.rows.count + posted.rows.count }

  func tallies() -> [HazardTally] {
    rows(tally, Self.unshown) + rows(posted, Self.hostPosted)
  }

  private func rows(_ tally: RegionTally<Void>, _ kind: HazardKind) -> [HazardTally] {
    tally.sorted().map { row in
      let write = row.first.second >> 1
      return HazardTally(
        row, message: "\(kind.meaning) (first: the write at record \(write))", of: kind,
        earlierRecord: write)
    }
  }
}
