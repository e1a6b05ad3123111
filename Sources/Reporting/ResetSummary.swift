public import Results

/// A reset audit on a screen: the claim, a line a reset, and the first that are not ordered in full.
///
/// - Parameters:
///   - audit: The audit.
///   - isFull: Every reset in full and nothing else; otherwise the list.
///   - width: Characters of a line; less than 60 is taken as 60.
///   - color: Whether ANSI escape codes may be used.
/// - Returns: Lines that each end in a line feed.
public func resetSummary(
  _ audit: ResetAudit, isFull: Bool, width: Int, color: Bool
) -> String {
  let summary = ResetSummary(audit: audit, width: max(60, width), color: color)
  let lines = isFull ? summary.allInFull : summary.lines
  return lines.map { $0 + "\n" }.joined()
}

struct ResetSummary {
  /// Resets with a line of their own, and those shown in full.
  static let listLimit = 40
  static let fullLimit = 2

  var audit: ResetAudit
  var width: Int
  var color: Bool

  var lines: [String] {
    let headline = ResetHeadline(audit: audit)
    var lines = [
      "\(clipped(printable(audit.trace.name), to: limit(40))): "
        + "\(counted(audit.trace.records, "record")), \(printable(audit.trace.format))"
    ]
    lines += basis
    lines += wrapped(headline.claim, width: width).map {
      Style.strong.applied(to: $0, color: color)
    }
    guard !audit.resets.isEmpty else { return lines + others }
    lines += headline.sentences.flatMap { wrapped($0, width: width) }
    lines += [""] + table.blocks(color: color, within: width).joined()
    let hidden = audit.resets.count - Self.listLimit
    if hidden > 0 { lines.append("\(hidden) more: --csv -, or --reset N") }
    lines += legend + others + openValues
    for place in audit.notOrdered.prefix(Self.fullLimit) {
      lines += [""] + full(audit.resets[place])
    }
    return lines
  }

  var allInFull: [String] {
    audit.resets.enumerated().flatMap { ($0 == 0 ? [] : [""]) + full($1) } + [""] + basis
      + openValues
  }

  /// What the answers rest on.
  private var basis: [String] {
    let headline = ResetHeadline(audit: audit)
    return
      (wrapped(printable(headline.setting), width: width)
      + (headline.caveat.map { wrapped($0, width: width) } ?? []))
      .map { Style.dim.applied(to: $0, color: color) }
  }

  private var openValues: [String] {
    let values = ResetHeadline(audit: audit).openValues
    guard !values.isEmpty else { return [] }
    return ["", "What hangs on the host is settled by:"]
      + values.flatMap { wrapped($0, width: width - 2) }.map { "  " + $0 }
  }

  private var legend: [String] {
    let names = audit.scenarios.map { printable($0) }.joined(separator: " | ")
    return wrapped(
      "before, after: is the MMIO there ordered against the reset, under \(names); host = hangs on "
        + "what is not known of it; ? = the capture does not tell; off = steps that leave the safe "
        + "recipe.", width: width
    ).map { Style.dim.applied(to: $0, color: color) }
  }

  private var others: [String] {
    audit.otherSequences.map { "\($0.name): \(grouped($0.count))" }
      + audit.unrecognised.flatMap { wrapped($0, width: width) }
      + (audit.leftOut > 0 ? ["\(grouped(audit.leftOut)) more resets were left out"] : [])
  }

  private var table: TextTable {
    var table = TextTable([
      .init(title: "#", right: true), .init(title: "record", right: true),
      .init(title: "time", right: true), .init(title: "function"), .init(title: "kind"),
      .init(title: "path"), .init(title: "method", wraps: true), .init(title: "off", right: true),
      .init(title: "before"), .init(title: "after"),
    ])
    for reset in audit.resets.prefix(Self.listLimit) {
      let off = reset.verdicts.map { $0.deviations.count }
      table.add([
        .init(text: String(reset.number)), .init(text: grouped(reset.record)),
        .init(text: timeText(clamped(reset.timeNs))), .init(text: reset.function),
        .init(text: reset.kind), .init(text: reset.path),
        .init(text: clipped(reset.method, to: limit(44))),
        .init(text: Set(off).count == 1 ? "\(off[0])" : off.map { "\($0)" }.joined(separator: "|")),
        cell(reset.verdicts.map(\.before)), cell(reset.verdicts.map(\.after)),
      ])
    }
    return table
  }

  private func cell(_ answers: [ResetVerdict.Answer]) -> TextTable.Cell {
    let worst = answers.contains(.no) ? .no : answers.first { $0 != .yes } ?? .yes
    return .init(text: answers.map(\.word).joined(separator: " | "), style: worst.style)
  }

  private func limit(_ count: Int) -> Int { width < unlimitedWidth ? count : .max }

  // MARK: One in full

  func full(_ reset: ResetEntry) -> [String] {
    var lines = [
      Style.strong.applied(
        to: "reset \(reset.number): \(reset.kind) of \(reset.function), record "
          + "\(grouped(reset.record)), vCPU \(reset.vcpu), path \(reset.path)", color: color),
      "  \(reset.method), records \(grouped(reset.first)) to \(grouped(reset.last))",
    ]
    lines += paragraph("resets", reset.functionWords)
    lines += paragraph("source", reset.methodSource)
    lines += paragraph("steps", Self.steps(reset))
    for (deviation, label) in reset.labelledDeviations {
      lines += paragraph(
        deviation.code + printable(label), printable(deviation.detail) + "; " + deviation.risk)
    }
    if let hole = reset.holeWords { lines += paragraph("MMIO before", "?, " + hole) }
    for access in ResetComparison.all(reset) { lines += [""] + self.access(access, reset) }
    lines += [""] + upstream(reset)
    return lines
  }

  static func steps(_ reset: ResetEntry) -> String {
    reset.steps.map { step in
      guard let first = step.first else { return "\(step.name) missing" }
      return step.count > 1 ? "\(step.name) \(first) (\(step.count)x)" : "\(step.name) \(first)"
    }.joined(separator: ", ")
  }

  private func paragraph(_ head: String, _ text: String) -> [String] {
    let indent = "    "
    return wrapped(head + ": " + text, width: width - 4).enumerated().map {
      ($0 == 0 ? "  " : indent) + $1
    }
  }

  private func access(_ access: ResetComparison, _ reset: ResetEntry) -> [String] {
    var columns = [
      TextTable.Column(title: access.role.replacing("-", with: " "), wraps: true)
    ]
    for (index, one) in access.accesses.enumerated() {
      let name = reset.verdicts[index].scenario
      columns.append(
        .init(
          title: "\(name): " + (one.map { "\($0.type) \($0.verdict.word)" } ?? "-"), wraps: true))
      columns.append(.init(title: "by", wraps: true))
    }
    var table = TextTable(columns)
    var reasons: [String] = []
    for place in 0..<access.rowCount {
      let rows = access.accesses.indices.map { access.row(place, $0) }
      guard let first = rows.compactMap({ $0 }).first else { continue }
      table.add(
        [.init(text: "  " + first.segment)]
          + rows.flatMap { row in
            [
              TextTable.Cell(text: row?.answer.word ?? "-", style: row?.answer.style ?? .plain),
              TextTable.Cell(text: row.map(\.ruleWord) ?? "-"),
            ]
          })
      for (index, row) in rows.enumerated() {
        guard let row, !rows[..<index].contains(row) else { continue }
        let isShared = rows.allSatisfy { $0 == row }
        let whose = isShared ? "" : " (\(reset.verdicts[index].scenario))"
        let explorer = row.notExpressible.map { " [no program: \($0)]" } ?? ""
        reasons += paragraph("  \(row.segment)\(whose)", printable(row.reason) + explorer)
      }
    }
    return wrapped(access.title, width: width - 2).map { "  " + $0 }
      + table.blocks(color: color, within: width).joined() + reasons
  }

  private func upstream(_ reset: ResetEntry) -> [String] {
    guard let row = reset.verdicts.first?.upstream else { return [] }
    return paragraph(
      "DMA and interrupts of before", "\(row.answer.word), \(row.ruleWord): \(row.reason)")
  }
}

/// Nanoseconds as picoseconds, as far as they fit.
func clamped(_ nanoseconds: UInt64) -> UInt64 {
  let (product, overflow) = nanoseconds.multipliedReportingOverflow(by: 1000)
  return overflow ? .max : product
}
