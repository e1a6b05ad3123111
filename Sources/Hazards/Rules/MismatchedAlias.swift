import ArmMemory
import Results

/// MAP001: a granule is used through two memory types with nothing to order both uses.
struct MismatchedAlias: HazardRule {
  let code = "MAP001"
  let meaning = "a granule is used through two memory types with nothing to order both uses"
  let severity = Finding.Severity.warning
  let rule =
    "Accesses to one location with mismatched memory types may lose the types' properties and be "
    + "reordered; a DMB between them avoids it (Arm ARM DDI 0487 B2.11)"
  let advice = "Use one memory type for a location, or put a DMB SY between uses of both types"

  private var tally = RegionTally<UInt64>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.mismatchedAlias] {
      let crosses = TypePair(rawValue: incident.second)?.crosses ?? false
      tally.add(incident, count: 1, detail: 0) { $0 += crosses ? 1 : 0 }
    }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      HazardTally(
        row, message: Self.message(row),
        earlierRecord: row.first.first)
    }
  }

  private static func message(_ row: RegionTally<UInt64>.Row) -> String {
    let types = TypePair(rawValue: row.first.second)
    let names = types.map {
      " as \($0.after.name), at record \(row.first.first) as \($0.before.name)"
    }
    return "one line is used through two memory types with nothing to order both uses (first"
      + (names ?? "") + ")"
      + (row.detail == 0 ? "" : "; \(row.detail) of these by two vCPUs")
  }
}
