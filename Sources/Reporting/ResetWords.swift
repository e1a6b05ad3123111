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

extension ResetEntry {
  /// Why nothing is known of the MMIO before it; nil where the capture is whole.
  var holeWords: String? {
    mayResetOthers
      ? "which functions \(function) resets is not known: \(Self.missingBuses)"
      : hole.map { "the capture lost events at record \($0); what was under way is not known" }
  }

  /// Functions with MMIO in the capture that it resets, in words.
  var functionWords: String {
    if !functions.isEmpty { return listed(functions) }
    return mayResetOthers ? "not known: \(Self.missingBuses)" : "no function with MMIO here"
  }

  private static let missingBuses =
    "the capture does not show the bus numbers below the bridge, which an lspci dump in the map would"

  /// Deviations of all scenarios, each once, with the scenarios that have it where not all do.
  var labelledDeviations: [(deviation: ResetDeviation, label: String)] {
    labelled { $0 }.map { ($0.value, $0.label) }
  }

  /// Codes of ``labelledDeviations``: `no-readback, no-dsb (kvm-normal-nc)`.
  var labelledCodes: String {
    labelled(\.code).map { $0.value + $0.label }.joined(separator: ", ")
  }

  private func labelled<Value: Equatable>(
    _ value: (ResetDeviation) -> Value
  ) -> [(value: Value, label: String)] {
    let lists = verdicts.map { $0.deviations.map(value) }
    var all: [Value] = []
    for one in lists.joined() where !all.contains(one) { all.append(one) }
    return all.map { one in
      let names = verdicts.indices.filter { lists[$0].contains(one) }.map { verdicts[$0].scenario }
      return (one, names.count == verdicts.count ? "" : " (\(listed(names)))")
    }
  }
}

/// An audit in sentences.
struct ResetHeadline {
  let audit: ResetAudit

  private typealias Counts = KeyPath<ResetTally, [ResetVerdict.Answer: Int]>

  private func has(_ answer: ResetVerdict.Answer, _ counts: Counts) -> Bool {
    audit.tallies.contains { $0[keyPath: counts][answer] ?? 0 > 0 }
  }

  /// `3 | 1`: a count for each scenario.
  private func counts(_ answer: ResetVerdict.Answer, _ counts: Counts) -> String {
    audit.tallies.map { grouped(UInt64($0[keyPath: counts][answer] ?? 0)) }
      .joined(separator: " | ")
  }

  /// The claim that resets need no help, confirmed or refuted.
  var claim: String {
    guard !audit.resets.isEmpty else { return Self.none }
    let total = counted(UInt64(audit.resets.count), "reset")
    // The same under every scenario: which MMIO there is does not hang on its mapping.
    let judged = audit.tallies.map(\.withMMIOBefore).max() ?? 0
    guard judged > 0 else {
      return lost.isEmpty
        ? "\(total), and no MMIO before any: nothing to order."
        : "\(total), and no MMIO before any is shown\(lost)."
    }
    let all = judged == audit.resets.count ? "" : " (\(total) in all)"
    let some =
      "\(counted(UInt64(judged), "reset")) with MMIO before \(judged == 1 ? "it" : "them")\(all)"
    let opening =
      !has(.no, \.natural) && !has(.hostDependent, \.natural)
      ? "Resets are naturally ordered " + (lost.isEmpty ? "here" : "as far as the capture shows")
      : has(.no, \.natural)
        ? "Resets are not naturally ordered"
        : "Whether resets are naturally ordered hangs on the host"
    return "\(opening): of \(some), the mapping and PCIe alone keep it in order for"
      + " \(named(.yes, \.natural))\(undecided)\(lost)."
  }

  /// `3 under kvm-device and 1 under kvm-normal-nc`.
  private func named(_ answer: ResetVerdict.Answer, _ counts: Counts) -> String {
    listed(
      zip(audit.scenarios, audit.tallies).map { name, tally in
        grouped(UInt64(tally[keyPath: counts][answer] ?? 0)) + " under " + name
      })
  }

  private var undecided: String {
    guard has(.hostDependent, \.natural) else { return "" }
    return "; for \(named(.hostDependent, \.natural)) that hangs on the host"
  }

  /// Resets before which nothing is known.
  private var lost: String {
    let holes = audit.tallies.map(\.withHole).max() ?? 0
    let bridges = audit.tallies.map(\.withUnknownScope).max() ?? 0
    return (holes > 0 ? "; the capture lost events before \(grouped(UInt64(holes)))" : "")
      + (bridges > 0 ? "; whom \(grouped(UInt64(bridges))) at a bridge hit is not shown" : "")
  }

  /// Under what it was asked, as `compare` says it.
  var setting: String {
    audit.scenarios.joined(separator: " -> ") + "; "
      + (audit.profiles + ["accessors " + audit.accessors]).joined(separator: ", ")
  }

  /// What a capture without barriers leaves open; nil where it holds some.
  var caveat: String? {
    guard !audit.holdsBarriers, !audit.resets.isEmpty else { return nil }
    let assumed =
      ["bursts", "linux-writel"].contains(audit.accessors)
      ? "; the DMBs that accessors \(audit.accessors) takes for granted are no DSBs" : ""
    return "The capture holds no barriers: where one, a DSB above all, would decide the order, the "
      + "answer is ?\(assumed)."
  }

  /// What the capture's own barriers, reads and unmaps make of it.
  var sentences: [String] {
    guard !audit.resets.isEmpty else { return [] }
    let hasBefore = audit.tallies.contains { $0.withMMIOBefore > 0 }
    var list =
      hasBefore
      ? [
        (audit.holdsBarriers
          ? "With the capture's barriers, reads and unmaps: "
          : "With the capture's reads and unmaps, and barriers that it does not show: ")
          + summary(of: \.before, "before")
      ] : []
    list.append("MMIO after: " + summary(of: \.after, "after"))
    if audit.total > audit.resets.count {
      list.append(
        "Only \(grouped(UInt64(audit.resets.count))) of "
          + "\(counted(UInt64(audit.total), "reset")) of the trace asked for.")
    }
    if audit.explored > 0 {
      list.append("\(counted(UInt64(audit.explored), "program")) explored, no row contradicted.")
    }
    return list
  }

  /// `the serialisation point: --set ...`, for each host value that a verdict hangs on.
  var openValues: [String] { audit.openValues.map { "\($0.name): \($0.option)" } }

  private func summary(of value: Counts, _ side: String) -> String {
    let parts: [(ResetVerdict.Answer, String)] = [
      (.yes, "ordered"), (.no, "not ordered"), (.hostDependent, "hang on the host"),
      (.notShown, "not shown by the capture"), (.doesNotArise, "without MMIO \(side)"),
    ]
    return parts.filter { has($0.0, value) }.map { counts($0.0, value) + " " + $0.1 }
      .joined(separator: ", ") + "."
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
