import Results
import TraceCore

// The first table: one row per region, at most twelve rows of eight columns.
extension MarkdownReport {
  static let verdictRows = 12

  var verdicts: String {
    let rows = comparison.rows
    let heading = comparison.before == nil ? "## At a glance\n\n" : "## Verdict\n\n"
    guard !rows.isEmpty else { return heading + "The trace holds no access to any region." }
    // The last row is the total; where not all fit, the one before counts the rest.
    let room = Self.verdictRows - 1
    let shown = rows.count <= room ? rows.count : room - 1
    var table = MarkdownTable(titles: headings)
    for row in rows.prefix(shown) { table.add(cells(row)) }
    if shown < rows.count { table.add(restCells(Array(rows.dropFirst(shown)))) }
    table.add(totalCells)
    return heading + table.text + (guessedNote.map { "\n\n" + $0 } ?? "")
  }

  private var guessedNote: String? {
    guard comparison.rows.contains(where: \.region.isGuessed) else { return nil }
    return
      "(guessed): a window cut around addresses that were accessed. Nothing says what is there;"
      + " `--map` names it."
  }

  private var headings: [String] {
    let names = comparison.scenarios.map { "TLPs, \(markdownProse($0.name, limit: 30))>" }
    guard comparison.before != nil else {
      return ["Region", "Type", "Accesses>"] + names + ["Stores per TLP>", "Goodput>", "Why"]
        + ["Findings"]
    }
    let found = "Findings, \(markdownProse(comparison.after.name, limit: 30))"
    return ["Region", "Accesses>"] + names + ["Speed>", "Verdict", "Why", found]
  }

  private func cells(_ row: Comparison.Row) -> [String] {
    let name = markdownCode(row.region.name, limit: 40) + (row.region.isGuessed ? " (guessed)" : "")
    let after = row.after.metrics
    let start = [grouped(max(accesses(row.before?.metrics ?? Metrics()), accesses(after)))]
    guard let before = row.before, let verdict = row.verdict else {
      return [name, markdownCode(row.after.effective)] + start + [tlps(after)]
        + single(after, goodput: row.goodput) + [topCause(after), findingsText(row)]
    }
    return [name] + start + [tlps(before.metrics), tlps(after), row.speedup ?? ""]
      + [
        verdictText(verdict, isGuessed: row.region.isGuessed),
        markdownProse(verdict.why, limit: 120), findingsText(row),
      ]
  }

  private func single(_ metrics: Metrics, goodput: UInt64?) -> [String] {
    [
      quotient(metrics.stores, metrics.mwr, places: 1, separators: true) ?? "",
      goodput.map(rateText) ?? "",
    ]
  }

  private func restCells(_ rows: [Comparison.Row]) -> [String] {
    let name = counted(UInt64(rows.count), "more region") + " (" + link("summary.csv") + ")"
    let before = rows.compactMap(\.before?.metrics)
    let after = rows.map(\.after.metrics)
    let count = grouped(after.reduce(0) { $0 + accesses($1) })
    guard comparison.before != nil else {
      return [name, "", count, tlps(sum(after)), "", "", "", ""]
    }
    return [name, count, tlps(sum(before)), tlps(sum(after)), "", "", "", ""]
  }

  private var totalCells: [String] {
    let after = comparison.after.totals
    let findings = comparison.run.findings.filter { $0.scenario == comparison.after.name }
    let found = severityText { FindingGroup.count(findings, $0) }
    guard let before = comparison.before?.totals else {
      return ["**total**", "", grouped(accesses(after)), tlps(after)]
        + single(after, goodput: after.saturated.goodputBytesPerSecond) + ["", found]
    }
    let count = grouped(max(accesses(before), accesses(after)))
    return ["**total**", count, tlps(before), tlps(after), comparison.gain?.speedup ?? "", "", ""]
      + [found]
  }

  /// Stores and loads, faulting ones too, and config accesses.
  private func accesses(_ metrics: Metrics) -> UInt64 {
    metrics.stores + metrics.loads + metrics.faultsAlignment + metrics.cfgReads
      + metrics.cfgWrites
  }

  /// `48,100,000 × 8.0 B`: memory writes and their mean payload.
  private func tlps(_ metrics: Metrics) -> String {
    guard let mean = quotient(metrics.payloadBytes, metrics.mwr, places: 1) else { return "" }
    return grouped(metrics.mwr) + " × " + mean + " B"
  }

  private func sum(_ metrics: [Metrics]) -> Metrics {
    metrics.reduce(into: Metrics()) {
      $0.mwr += $1.mwr
      $0.payloadBytes += $1.payloadBytes
    }
  }

  private func verdictText(_ verdict: Verdict, isGuessed: Bool) -> String {
    let text = markdownProse(verdict.text, limit: 100)
    switch verdict.kind {
    case .mapWriteCombining where isGuessed, .needsNormalNC where isGuessed: return text
    case .mapWriteCombining, .needsNormalNC:
      guard verdict.call != .none else { return "**\(text)**" }
      let call = verdict.call.rawValue
      // A mapping that KVM makes is no function to call.
      return "**\(text)** (" + (verdict.call == .stage2 ? call : "`\(call)`") + ")"
    case .blocked, .cannot: return text + "; keep `ioremap()`"
    default: return text
    }
  }

  private func topCause(_ metrics: Metrics) -> String {
    let flushes = metrics.flushCauses.reduce(0) { $0 + $1.flushes }
    guard let top = metrics.flushCauses.max(by: { $0.flushes < $1.flushes }),
      let share = percent(top.flushes, of: flushes)
    else { return "" }
    return "\(share) of lines left at: \(top.cause.name)"
  }

  private func findingsText(_ row: Comparison.Row) -> String {
    severityText { row.count($0) }
  }

  /// `**2 errors**, 1 warning, 3 notes`, without the zeros.
  private func severityText(_ count: (Finding.Severity) -> Int) -> String {
    Finding.Severity.allCases.compactMap { severity in
      let number = count(severity)
      guard number > 0 else { return nil }
      let text = counted(UInt64(number), severity.rawValue)
      return severity == .error ? "**\(text)**" : text
    }.joined(separator: ", ")
  }
}
