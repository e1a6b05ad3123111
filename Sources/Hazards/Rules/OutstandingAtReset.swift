import Results

/// RST008: a load is outstanding at a reset, or upstream traffic is not flushed after it.
struct OutstandingAtReset: HazardRule {
  let code = "RST008"
  let meaning = "a load is outstanding at a reset, or upstream traffic is not flushed after it"
  let severity = Finding.Severity.note
  let rule =
    "A completion that a reset cuts off ends in a timeout, or is unexpected (PCI Express Base "
    + "Specification 5.0, 2.8 and 6.6.2)"
  let advice = "Wait for the data of every load before the config write: DMB LD, DSB or an acquire"

  let needsReads = true

  private static let unflushed = HazardKind(
    "the function is used again with no read since its reset",
    rule: "The completion of a config write may pass the function's earlier writes to memory; that "
      + "of a read may not (PCI Express Base Specification 5.0, Table 2-40, D2a and D2b)",
    advice: "Read a register of the function, config space will do, before its memory is used again"
  )

  var others: [HazardKind] { [Self.unflushed] }

  private var loads = RegionTally<Void>()
  private var upstream = RegionTally<Void>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    loads.add(recordsOf: log[.outstandingAtReset], detail: ())
    upstream.add(each: log[.upstreamUnflushed], detail: ())
  }

  var tallyCount: Int { loads.rows.count + upstream.rows.count }

  func tallies() -> [HazardTally] {
    loads.sorted().map { row in
      HazardTally(
        row,
        message:
          "a reset is issued while a load may be without its data (first: the load at record "
          + "\(row.first.first))",
        of: HazardKind("a reset is issued while a load may be without its data"),
        earlierRecord: row.first.first)
    }
      + upstream.sorted().map { row in
        HazardTally(
          row,
          message: "the function is used again with no read since its reset: what it wrote to "
            + "memory before may still arrive (first: the reset at record \(row.first.first))",
          of: Self.unflushed, earlierRecord: row.first.first)
      }
  }
}
