import Results
import TraceCore

// Findings by code, and what the numbers rest on.
extension TerminalSummary {
  func findingLines(limit: Int) -> [String] {
    let codes = codeGroups
    guard !codes.isEmpty, limit > 0 else { return [] }
    let shown = codes.count <= limit ? codes.count : limit - 1
    var lines = codes.prefix(shown).map(findingLine)
    if shown < codes.count {
      let word = shown == 0 ? "kind" : "more kind"
      let rest = codes.dropFirst(shown)
      let severities = Finding.Severity.allCases.compactMap { severity in
        let kinds = rest.count { $0.first?.severity == severity }
        return kinds > 0 ? counted(UInt64(kinds), severity.rawValue) : nil
      }
      lines.append(
        cut(
          counted(UInt64(rest.count), word) + " of findings ("
            + severities.joined(separator: ", ") + "); -o DIR writes all"))
    }
    return lines
  }

  /// Lines that it takes to show every kind of error, and to count the rest.
  var errorLines: Int {
    let codes = codeGroups
    let errors = codes.count { $0.first?.severity == .error }
    return errors < codes.count ? errors + 1 : errors
  }

  /// Groups of one code, severity and kind, in the order of ``FindingGroup/all(_:)``.
  private var codeGroups: [[FindingGroup]] {
    var result: [[FindingGroup]] = []
    for group in FindingGroup.all(comparison) {
      let place = result.firstIndex {
        $0[0].code == group.code && $0[0].severity == group.severity
          && $0[0].sample.kind == group.sample.kind
      }
      if let place { result[place].append(group) } else { result.append([group]) }
    }
    return result
  }

  private func findingLine(_ groups: [FindingGroup]) -> String {
    let first = groups[0]
    // One region's sentence does not stand for several.
    let isOne = groups.count == 1 || first.sample.kind.isEmpty
    let sentence = isOne ? first.message : first.sample.kind
    let place = groups.count > 1 ? "\(groups.count) regions" : first.sample.region ?? "trace"
    // The line only where enough room is left for the message.
    let isWide = width >= 110
    let line = first.first.firstLine.flatMap { isWide ? ", line \(grouped($0))" : nil } ?? ""
    let scenario = FindingGroup.shortScenario(groups, comparison).map { " under " + $0 } ?? ""
    let site = shortenedInside(printable(place), to: limit(20))
    let head = padded(first.severity.rawValue, to: 7) + " " + first.code
    let record = ", record \(grouped(first.first.firstRecord))"
    let tail = " \(FindingGroup.countText(groups))x \(site)\(scenario)\(record)\(line): "
    let text = cut(head + tail + sentence)
    let styled = style(first.severity).applied(to: String(text.prefix(head.count)), color: color)
    return styled + text.dropFirst(head.count)
  }

  private func style(_ severity: Finding.Severity) -> Style {
    switch severity {
    case .error: .bad
    case .warning: .doubtful
    case .note: .dim
    }
  }

  var captureLines: [String] {
    let assumptions = comparison.run.trace.assumptions
    let damaged = comparison.run.trace.counters.filter { $0.severity != .info }
    var lines: [String] = []
    if let worst = damaged.first {
      let more = damaged.count > 1 ? " (and \(damaged.count - 1) more)" : ""
      lines.append(cut("capture: \(grouped(worst.count))x \(worst.meaning)\(more)"))
    }
    // Nothing else matters where it is the BARs that are missing.
    if let first = assumptions.first(where: { $0 == TraceContext.hiddenBARs }) ?? assumptions.first
    {
      let more = assumptions.count > 1 ? " (and \(assumptions.count - 1) more in the report)" : ""
      let room = max(8, width - more.count)
      lines.append(clipped(printable("capture: " + first), to: room, ellipsis: "...") + more)
    }
    return lines.map { Style.dim.applied(to: $0, color: color) }
  }
}
