import Results

/// PRF001: lines leave partially filled.
struct PartialLines: HazardRule {
  let code = "PRF001"
  let meaning = "lines leave partially filled"
  let severity = Finding.Severity.note
  let rule = "Implementation: what ends gathering is a property of the core (CPU profile)"
  let advice =
    "Write whole lines from registers, ascending, with no load, barrier or doorbell in between"

  /// Code addresses told apart at most; later ones are counted together.
  private static let codeAddressLimit = 4096

  private struct Detail {
    var causes = [UInt64](repeating: 0, count: FlushCause.allCases.count)
    /// Lines of one store.
    var lone: UInt64 = 0
    var code: [UInt64: UInt64] = [:]
  }
  private var tally = RegionTally<Detail>()
  private var barrierAssumption: String?

  /// Doorbells and registers, written one at a time, are no lines that a better loop would fill.
  private static let lone = HazardKind(
    "lines left partially filled, nearly all with one store",
    advice:
      "Nothing, where these are doorbells or registers: nearly all lines held one store, and a "
      + "lone store has nothing to gather with")

  var others: [HazardKind] { [Self.lone] }

  /// From this share of the lines on.
  private static let lonePercent: UInt64 = 90

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    barrierAssumption = scene.barrierAssumption
    let incidents = log[.partialFlush]
    var index = 0
    while index < incidents.count {
      // Neighbours of one region are common: look its row up once.
      let first = incidents[index]
      var end = index
      var lines: UInt64 = 0
      while end < incidents.count, incidents[end].region == first.region {
        lines += incidents[end].first
        end += 1
      }
      tally.add(incidents[index..<end], count: lines, detail: Detail()) { detail in
        for incident in incidents[index..<end] {
          detail.causes[Int(incident.second & 0xff)] += incident.first
          if incident.second >> 8 & 1 == 1 { detail.lone += incident.first }
          guard let address = scene.codeAddress(ofRecord: incident.record) else { continue }
          if detail.code[address] != nil || detail.code.count < Self.codeAddressLimit {
            detail.code[address, default: 0] += 1
          }
        }
      }
      index = end
    }
  }

  var tallyCount: Int { tally.rows.count }

  func tallies() -> [HazardTally] {
    tally.sorted().map { row in
      let isLone =
        UInt128(row.detail.lone) * 100 >= UInt128(row.count) * UInt128(Self.lonePercent)
      var tally = HazardTally(
        row, message: message(row.detail),
        of: HazardKind(meaning, advice: isLone ? Self.lone.advice : nil))
      tally.code = row.detail.code.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(2)
        .map { ($0.key, $0.value) }
      return tally
    }
  }

  private func message(_ detail: Detail) -> String {
    let causes = FlushCause.allCases
      .map { ($0.name, detail.causes[Int($0.rawValue)]) }
      .filter { $0.1 > 0 }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
      .map { "\($0.0) \($0.1)" + ($0.0 == FlushCause.barrier.name ? assumed : "") }
    return "lines left partially filled, by cause: " + causes.joined(separator: ", ")
  }

  private var assumed: String { barrierAssumption.map { " (assumed by \($0))" } ?? "" }
}
