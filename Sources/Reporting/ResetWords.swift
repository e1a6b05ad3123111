// Words that every form of a reset audit has in common.

import Results

extension ResetVerdict.Answer {
  /// A word for a table.
  var word: String {
    switch self {
    case .yes: "yes"
    case .no: "NO"
    case .hostDependent: "host"
    case .notShown: "?"
    case .doesNotArise: "-"
    }
  }

  var style: Style {
    switch self {
    case .yes: .good
    case .no: .bad
    case .hostDependent, .notShown: .doubtful
    case .doesNotArise: .plain
    }
  }
}

extension ResetRow {
  /// `arm.completion.dsb`, or nothing.
  var ruleWord: String { rule.isEmpty ? "nothing" : rule }

  /// What the explorer has to do with it.
  var explorerWord: String { notExpressible.map { "not expressible: \($0)" } ?? "confirms" }
}

/// An audit in sentences.
struct ResetHeadline {
  let audit: ResetAudit

  private func verdicts(_ scenario: Int) -> [ResetVerdict] {
    audit.resets.compactMap {
      $0.verdicts.indices.contains(scenario) ? $0.verdicts[scenario] : nil
    }
  }

  private func count(
    _ scenario: Int, _ answer: ResetVerdict.Answer,
    of value: (ResetVerdict) -> ResetVerdict.Answer
  ) -> Int {
    verdicts(scenario).count { value($0) == answer }
  }

  /// `3 | 1`: a count for each scenario.
  private func counts(
    _ answer: ResetVerdict.Answer, of value: (ResetVerdict) -> ResetVerdict.Answer
  ) -> String {
    audit.scenarios.indices.map { grouped(UInt64(count($0, answer, of: value))) }
      .joined(separator: " | ")
  }

  /// The claim that resets need no help, confirmed or refuted.
  var claim: String {
    guard !audit.resets.isEmpty else { return Self.none }
    let judged = audit.scenarios.indices.flatMap { verdicts($0) }
      .filter { $0.natural != .doesNotArise }
    let total = counted(UInt64(audit.resets.count), "reset")
    guard !judged.isEmpty else { return "\(total), and no MMIO before any: nothing to order." }
    let kept = "\(counts(.yes, of: \.natural)) of \(total)"
    let opening =
      judged.allSatisfy { $0.natural == .yes }
      ? "Resets are naturally ordered here"
      : judged.contains { $0.natural == .no }
        ? "Resets are not naturally ordered"
        : "Whether resets are naturally ordered hangs on the host"
    return "\(opening): the mapping and PCIe alone keep the MMIO before \(kept) in order"
      + " (\(audit.scenarios.joined(separator: " | "))\(undecided))."
  }

  private var undecided: String {
    let hosts = audit.scenarios.indices.contains { count($0, .hostDependent, of: \.natural) > 0 }
    return hosts ? "; \(counts(.hostDependent, of: \.natural)) hang on the host" : ""
  }

  /// What the capture's own barriers, reads and unmaps make of it.
  var sentences: [String] {
    guard !audit.resets.isEmpty else { return [] }
    return [
      "With its barriers, reads and unmaps: " + summary(of: \.before, "before"),
      "MMIO after: " + summary(of: \.after, "after"),
      "\(counted(UInt64(audit.explored), "program")) explored, no row contradicted.",
    ]
  }

  private func summary(
    of value: (ResetVerdict) -> ResetVerdict.Answer, _ side: String
  ) -> String {
    let parts: [(ResetVerdict.Answer, String)] = [
      (.yes, "ordered"), (.no, "not ordered"), (.hostDependent, "hang on the host"),
      (.notShown, "not shown by the capture"), (.doesNotArise, "without MMIO \(side)"),
    ]
    return parts.filter { part in
      audit.scenarios.indices.contains { count($0, part.0, of: value) > 0 }
    }.map { counts($0.0, of: value) + " " + $0.1 }.joined(separator: ", ") + "."
  }

  /// What a capture needs for this.
  static let none =
    "The trace has no reset. To see one a capture needs the config accesses (an ECAM region, or "
    + "QEMU's pci_cfg_* and vfio_pci_* events) or reset notices, and config space that shows the "
    + "capabilities: reads of it, or an lspci dump in the map."
}

/// One access under all scenarios, row by row.
struct ResetComparison {
  let role: String
  /// The access of each scenario; nil where it has none.
  let accesses: [ResetAccess?]

  static func all(_ reset: ResetEntry) -> [ResetComparison] {
    ["last-store", "weakest-store", "last-load", "first-after"].compactMap { role in
      let accesses = reset.verdicts.map { $0.accesses.first { $0.role == role } }
      return accesses.contains { $0 != nil }
        ? ResetComparison(role: role, accesses: accesses) : nil
    }
  }

  /// Rows of a segment, a list for each place: the device may have three.
  var rowCount: Int { accesses.compactMap { $0?.rows.count }.max() ?? 0 }

  func row(_ place: Int, _ scenario: Int) -> ResetRow? {
    guard let access = accesses[scenario], access.rows.indices.contains(place) else { return nil }
    return access.rows[place]
  }

  /// `store 123, vCPU 0, nvme bar 0`; both where scenarios differ.
  var title: String {
    var texts: [String] = []
    for access in accesses.compactMap({ $0 }) {
      let text =
        "\(access.isStore ? "store" : "load") \(access.record), vCPU \(access.vcpu), "
        + printable(access.region)
      if !texts.contains(text) { texts.append(text) }
    }
    return role.replacing("-", with: " ") + ": " + texts.joined(separator: " | ")
  }
}
