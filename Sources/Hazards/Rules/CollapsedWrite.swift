import Results

/// ORD004: a pending byte is overwritten before it leaves the CPU.
struct CollapsedWrite: HazardRule {
  let code = "ORD004"
  let meaning = "a pending byte is overwritten before it leaves the CPU"
  let severity = Finding.Severity.warning
  let rule =
    "Stores to the same bytes of a gathering type may become one transaction "
    + "(Arm ARM DDI 0487 B2.10.2, Gathering)"
  let advice = "Map registers Device, or put a DMB ST between two stores to the same bytes"

  private var tally = RegionTally<(bytes: UInt64, sideEffect: Bool)>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.collapse] {
      tally.add(incident, count: 1, detail: (0, false)) { detail in
        detail.bytes += incident.first
        detail.sideEffect = detail.sideEffect || incident.second == 1
      }
    }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row,
        message: "stores overwrite \(row.detail.bytes) bytes still pending: the device sees one "
          + "write where the guest made two"
          + (row.detail.sideEffect ? ", on a register with side effects" : ""),
        severity: row.detail.sideEffect ? .error : nil)
    }
  }
}
