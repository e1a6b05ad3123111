import Results

/// RST006: FLR is issued while the function may have transactions pending.
struct PendingTransactions: HazardRule {
  let code = "RST006"
  let meaning = "FLR is issued while the function may have transactions pending"
  let severity = Finding.Severity.warning
  let rule =
    "Completions for requests of before the reset may be taken for those of new ones: software "
    + "waits for Transactions Pending to be 0 first (PCI Express Base Specification 5.0, 6.6.2; "
    + "Linux drivers/pci/pci.c, pci_wait_for_pending_transaction)"
  let advice = "Stop issuing to the function, then read Device Status until bit 5 is 0, then reset"

  let needsReads = true

  private var never = RegionTally<Void>()
  private var stale = RegionTally<(read: UInt64, store: UInt64)>()

  mutating func consume(_ log: IncidentLog, _ scene: any HazardScene) {
    for incident in log[.transactionsPending] {
      if incident.first == 0 {
        never.add(incident, count: 1, detail: ())
      } else {
        stale.add(incident, count: 1, detail: (incident.first - 1, incident.second - 1))
      }
    }
  }

  var tallyCount: Int { never.rows.count + stale.rows.count }

  func tallies() -> [HazardTally] {
    never.sorted().map { row in
      let message = "FLR without a read since the last reset that shows Transactions Pending as 0"
      return HazardTally(row, message: message, of: HazardKind(message))
    }
      + stale.sorted().map { row in
        HazardTally(
          row,
          message: "FLR with stores behind the read that showed Transactions Pending as 0 (first: "
            + "the read at record \(row.detail.read), the store at record \(row.detail.store))",
          of: HazardKind("FLR with stores behind the read that showed Transactions Pending as 0"),
          earlierRecord: row.detail.read)
      }
  }
}
