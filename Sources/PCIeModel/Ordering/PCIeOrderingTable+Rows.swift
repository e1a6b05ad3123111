import Tables

extension PCIeOrderingTable {
  /// The table as printed: rows are the later TLP, columns the earlier one.
  public static let rows: [OrderingEntry] = [
    OrderingEntry(
      code: "A2a", row: .posted, column: .posted, verdict: .no, condition: .otherwise,
      text: "a posted request must not pass another posted request"),
    OrderingEntry(
      code: "A2b", row: .posted, column: .posted, verdict: .free, condition: .relaxedOrIndependent,
      text: "unless it has RO or has IDO and another Requester ID or PASID"),
    OrderingEntry(
      code: "A3", row: .posted, column: .read, verdict: .yes, condition: .otherwise,
      text: "a posted request must be able to pass a read or there could be a deadlock"),
    OrderingEntry(
      code: "A4", row: .posted, column: .nonPostedWithData, verdict: .yes, condition: .otherwise,
      text: "a posted request must be able to pass a non-posted write or there could be a deadlock"),
    OrderingEntry(
      code: "A5a", row: .posted, column: .completion, verdict: .free, condition: .otherwise,
      text: "a posted request may pass a completion"),
    OrderingEntry(
      code: "A5b", row: .posted, column: .completion, verdict: .yes,
      condition: .conventionalBridge,
      text: "inside a bridge towards conventional PCI it must be able to"),
    OrderingEntry(
      code: "B2a", row: .read, column: .posted, verdict: .no, condition: .otherwise,
      text: "a read must not pass a posted request even with RO"),
    OrderingEntry(
      code: "B2b", row: .read, column: .posted, verdict: .free, condition: .independent,
      text: "unless it has IDO and another Requester ID or PASID"),
    OrderingEntry(
      code: "B3", row: .read, column: .read, verdict: .free, condition: .otherwise,
      text: "a read may pass another read"),
    OrderingEntry(
      code: "B4", row: .read, column: .nonPostedWithData, verdict: .free, condition: .otherwise,
      text: "a read may pass a non-posted write"),
    OrderingEntry(
      code: "B5", row: .read, column: .completion, verdict: .free, condition: .otherwise,
      text: "a read may pass a completion"),
    OrderingEntry(
      code: "C2a", row: .nonPostedWithData, column: .posted, verdict: .no, condition: .otherwise,
      text: "a non-posted write must not pass a posted request"),
    OrderingEntry(
      code: "C2b", row: .nonPostedWithData, column: .posted, verdict: .free,
      condition: .relaxedOrIndependent,
      text: "unless it has RO or has IDO and another Requester ID or PASID"),
    OrderingEntry(
      code: "C3", row: .nonPostedWithData, column: .read, verdict: .free, condition: .otherwise,
      text: "a non-posted write may pass a read"),
    OrderingEntry(
      code: "C4", row: .nonPostedWithData, column: .nonPostedWithData, verdict: .free,
      condition: .otherwise, text: "a non-posted write may pass another one"),
    OrderingEntry(
      code: "C5", row: .nonPostedWithData, column: .completion, verdict: .free,
      condition: .otherwise, text: "a non-posted write may pass a completion"),
    OrderingEntry(
      code: "D2a", row: .completion, column: .posted, verdict: .no, condition: .otherwise,
      text: "a completion must not pass a posted request"),
    OrderingEntry(
      code: "D2b", row: .completion, column: .posted, verdict: .free,
      condition: .writeCompletionOrRelaxed,
      text: "unless it is of a configuration or I/O write or has RO or has IDO and comes from "
        + "another Function"),
    OrderingEntry(
      code: "D3", row: .completion, column: .read, verdict: .yes, condition: .otherwise,
      text: "a completion must be able to pass a read or there could be a deadlock"),
    OrderingEntry(
      code: "D4", row: .completion, column: .nonPostedWithData, verdict: .yes,
      condition: .otherwise,
      text: "a completion must be able to pass a non-posted write or there could be a deadlock"),
    OrderingEntry(
      code: "D5a", row: .completion, column: .completion, verdict: .free, condition: .otherwise,
      text: "completions of different requests may pass each other"),
    OrderingEntry(
      code: "D5b", row: .completion, column: .completion, verdict: .no,
      condition: .sameTransaction, text: "completions of one request stay in order"),
  ]

  /// The entries as CSV with a header: `code,row,column,verdict,condition,text,source`.
  public func csv() -> String {
    var csv = CSVText(
      header: ["code", "row", "column", "verdict", "condition", "text", "source"])
    for entry in entries {
      csv.add([
        entry.code, entry.row.name, entry.column.name, entry.verdict.rawValue,
        entry.condition.rawValue, entry.text, entry.source,
      ])
    }
    return csv.text
  }
}
