import Results
import Testing

@testable import Reporting

/// How every form of a reset audit says that the capture lost what came before a reset.
struct ResetHoleTests {
  private static let words =
    "MMIO before: ?, the capture lost events at record 90; what was under way is not known"

  private static func entry(_ hole: UInt64?) -> ResetEntry {
    let answer: ResetVerdict.Answer = hole == nil ? .doesNotArise : .notShown
    let row = ResetRow(
      segment: "link", answer: .no, rule: "pcie.D2b", source: "", reason: "", notExpressible: "")
    var entry = ResetEntry(
      number: 1, record: 100, timeNs: 100, vcpu: 0, function: "0000:01:00.0",
      functions: ["0000:01:00.0"], kind: "flr", path: "ecam", isAtBridge: false,
      method: "bare", methodID: "bare-write", methodSource: "none", first: 100, last: 100,
      steps: [],
      verdicts: [
        ResetVerdict(
          scenario: "kvm-device", before: answer, after: .doesNotArise, verdict: answer,
          natural: answer, gatheredBytes: 0, deviations: [], accesses: [], upstream: row)
      ])
    entry.hole = hole
    return entry
  }

  /// - Parameters:
  ///   - holes: Records of lost events; nil = a reset without.
  ///   - kept: Resets besides whose MMIO the mapping alone keeps in order.
  /// - Returns: The tally's audit.
  private static func audit(_ holes: [UInt64?], kept: Int = 0) -> ResetAudit {
    var tally = ResetTally()
    for hole in holes {
      tally.natural[hole == nil ? .doesNotArise : .notShown, default: 0] += 1
      tally.before[hole == nil ? .doesNotArise : .notShown, default: 0] += 1
      tally.after[.doesNotArise, default: 0] += 1
    }
    if kept > 0 { tally.natural[.yes] = kept }
    let entries = holes + Array(repeating: nil, count: kept)
    return ResetAudit(
      trace: SampleRun.trace, scenarios: ["kvm-device"], host: [],
      resets: ResetList(count: entries.count) { entry(entries[$0]) }, total: entries.count,
      tallies: [tally], notOrdered: [], openValues: [], otherSequences: [], leftOut: 0,
      explored: 0)
  }

  private func joined(_ text: some StringProtocol) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  @Test func `the claim does not say that there is nothing to order`() {
    #expect(
      ResetHeadline(audit: Self.audit([nil, nil])).claim
        == "2 resets, and no MMIO before any: nothing to order.")
    #expect(
      ResetHeadline(audit: Self.audit([nil, 90])).claim
        == "2 resets, and no MMIO before any is shown; the capture lost events before 1.")
    let some = ResetHeadline(audit: Self.audit([90], kept: 2)).claim
    #expect(
      some
        == "Resets are naturally ordered as far as the capture shows: of 2 resets with MMIO before "
        + "them (3 resets in all), the mapping and PCIe alone keep it in order for 2 under "
        + "kvm-device; the capture lost events before 1.")
    #expect(
      ResetHeadline(audit: Self.audit([], kept: 1)).claim
        == "Resets are naturally ordered here: of 1 reset with MMIO before it, the mapping and PCIe "
        + "alone keep it in order for 1 under kvm-device.")
  }

  @Test func `the reset in full has the record, on a screen and in Markdown`() {
    let audit = Self.audit([90])
    let screen = resetSummary(audit, isFull: true, width: 80, color: false)
    #expect(joined(screen).contains(Self.words))
    #expect(resetMarkdown(audit).contains(Self.words + "."))
    let whole = Self.audit([nil])
    #expect(!resetSummary(whole, isFull: true, width: 80, color: false).contains("lost"))
    #expect(!resetMarkdown(whole).contains("lost"))
  }

  @Test func `lists have a question mark, tables the words`() {
    var (csv, json) = ("", "")
    resetsCSV(Self.audit([90, nil])) { csv += $0 }
    let lines = csv.split(separator: "\n")
    #expect(lines[1].hasSuffix(",not-shown,not-shown,does-not-arise,not-shown,0,"))
    #expect(lines[2].hasSuffix(",does-not-arise,does-not-arise,does-not-arise,does-not-arise,0,"))
    csv = ""
    resetRowsCSV(Self.audit([90, nil])) { csv += $0 }
    let rows = csv.split(separator: "\n").filter { $0.contains(",before,") }
    #expect(
      rows == [
        "1,100,kvm-device,before,90,,,,not-shown,,,not-shown,,the capture lost events at record 90; "
          + "what was under way is not known,,"
      ])
    resetJSON(Self.audit([90])) { json += $0 }
    #expect(json.contains("\"lost_record\" : 90") && json.contains("\"before\" : \"not-shown\""))
    let row = resetMarkdown(Self.audit([90])).split(separator: "\n").first { $0.contains("`flr`") }
    #expect(row.map(joined)?.contains("| ? | ? | - |") == true)
    let screen = resetSummary(Self.audit([90]), isFull: false, width: 100, color: false)
    #expect(screen.split(separator: "\n").contains { $0.contains("flr") && $0.contains("?") })
  }

  @Test func `a bridge without bus numbers is told as such`() {
    var bridge = Self.entry(nil)
    bridge.mayResetOthers = true
    bridge.functions = []
    let entry = bridge
    var audit = Self.audit([90])
    audit.tallies[0].withUnknownScope = 1
    audit.resets = ResetList(count: 1) { _ in entry }
    #expect(
      ResetHeadline(audit: audit).claim
        == "1 reset, and no MMIO before any is shown; whom 1 at a bridge hit is not shown.")
    let screen = joined(resetSummary(audit, isFull: true, width: 80, color: false))
    #expect(screen.contains("resets: not known: the capture does not show the bus numbers"))
    #expect(!screen.contains("no function with MMIO"))
    #expect(resetMarkdown(audit).contains("MMIO before: ?, which functions 0000:01:00.0 resets"))
  }
}
