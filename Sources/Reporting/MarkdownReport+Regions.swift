import Results
import TraceCore

// The detail of each region, folded.
extension MarkdownReport {
  /// Rows of a table of TLP sizes.
  static let sizeRows = 8

  var regions: [String] {
    let shown = comparison.rows.prefix(bounds.sections)
    guard !shown.isEmpty else { return [] }
    let rest = comparison.rows.count - shown.count
    let counted = counted(UInt64(rest), "more region")
    let more = rest > 0 ? ["\(counted) in \(link("summary.csv")) and the files beside it."] : []
    let fixed = comparison.fixedRegions { markdownCode($0) }.map {
      [
        $0 + ": only vfio-pci sets VM_ALLOW_ANY_UNCACHED, on BARs, and KVM itself maps a GICv2 CPU"
          + " interface (GICV) as device memory."
      ]
    }
    return ["## Regions"] + (fixed ?? []) + shown.map(section) + more
  }

  private func section(_ row: Comparison.Row) -> String {
    let words = row.verdict.map { htmlText($0.text) } ?? row.after.effective
    let parts =
      [
        "<details>\n<summary>\(htmlCode(row.region.name)): \(words)</summary>", facts(row),
        action(row), metricsTable(row), sizesTable(row), causesTable(row), latencyTable(row),
        timeTable(row), codes(row),
        "</details>",
      ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private func htmlText(_ text: String) -> String {
    var result = ""
    for scalar in clipped(printable(text), to: 120).unicodeScalars {
      switch scalar {
      case "<", ">", "&": result += "&#\(scalar.value);"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  func results(_ row: Comparison.Row) -> [RegionResult] {
    [row.before, row.after].compactMap { $0 }
  }

  /// Where the region is, and how its memory type came about.
  private func facts(_ row: Comparison.Row) -> String {
    let region = row.region
    var facts: [String] = []
    if region.kind != .config {
      facts.append("0x" + hex(region.base))
      facts.append(region.size > 0 ? bytesText(region.size) : "size unknown")
    }
    if let function = region.function { facts.append("function \(function)") }
    if let bar = region.bar { facts.append("BAR \(bar)") }
    if let prefetchable = region.prefetchable {
      facts.append(prefetchable ? "prefetchable" : "not prefetchable")
    }
    if region.kind != .bar { facts.append(region.kind.rawValue) }
    if region.origin == .inferred { facts.append("cut around addresses that nothing describes") }
    let place = facts.joined(separator: ", ") + "."
    return place + " " + types(row)
  }

  private func types(_ row: Comparison.Row) -> String {
    guard row.after.stage1 != "-" else { return "" }
    let source = stage1Source(row.after.stage1Source)
    let ways = zip(comparison.scenarios, results(row)).map { scenario, result in
      "\(markdownCode(scenario.name)): stage 2 `\(result.stage2)`, effective `\(result.effective)`"
    }
    return "Stage 1 `\(row.after.stage1)` (\(source)). " + ways.joined(separator: "; ") + "."
  }

  private func stage1Source(_ source: String) -> String {
    switch source {
    case "option": "from `--stage1`"
    case "map": "from the map"
    case "access": "recorded with the accesses"
    case "mixed": "recorded with some accesses, assumed for the others"
    case "default": "assumed: nothing in the capture says what the driver asked for"
    default: markdownProse(source, limit: 60)
    }
  }

  private func action(_ row: Comparison.Row) -> String {
    guard let verdict = row.verdict else { return "" }
    return "**Do:** \(markdownProse(verdict.action, limit: 200)). "
      + "**Why:** \(markdownProse(verdict.why, limit: 200))."
  }

  func titles(_ first: String) -> [String] {
    [first] + comparison.scenarios.map { markdownProse($0.name, limit: 30) + ">" }
  }

  private func metricsTable(_ row: Comparison.Row) -> String {
    var table = MarkdownTable(titles: titles("Counts"))
    for line in MetricLine.all {
      let cells = line.texts(zip(comparison.scenarios, results(row)).map { ($1.metrics, $0) })
      // A quantity that neither scenario has is left out.
      if cells.contains(where: { $0 != nil }) { table.add([line.title] + cells.map { $0 ?? "" }) }
    }
    return table.text
  }

  private func sizesTable(_ row: Comparison.Row) -> String {
    let histograms = results(row).map(\.metrics.mwrPayloadHistogram)
    let sizes = Set(histograms.joined().map(\.payloadBytes))
    guard !sizes.isEmpty else { return "" }
    let counts = histograms.map { histogram in
      Dictionary(histogram.map { ($0.payloadBytes, $0.tlps) }, uniquingKeysWith: { $0 + $1 })
    }
    let ranked = sizes.sorted { (largest(counts, $1), $0) < (largest(counts, $0), $1) }
    var table = MarkdownTable(titles: titles("TLP payload>"))
    for size in ranked.prefix(Self.sizeRows).sorted() {
      let cells = zip(counts, results(row)).map { counts, result in
        share(counts[size] ?? 0, of: result.metrics.mwr)
      }
      table.add(["\(grouped(UInt64(clamping: size))) B"] + cells)
    }
    let rest = sizes.count - Self.sizeRows
    let more =
      rest > 0 ? "\n\n\(counted(UInt64(rest), "rarer size")) in \(link("tlp_sizes.csv"))." : ""
    return table.text + more
  }

  private func largest(_ counts: [[Int: UInt64]], _ size: Int) -> UInt64 {
    counts.reduce(0) { max($0, $1[size] ?? 0) }
  }

  /// `6,100,000 (98 %)`; empty for none.
  func share(_ part: UInt64, of whole: UInt64) -> String {
    guard part > 0 else { return "" }
    return grouped(part) + (percent(part, of: whole).map { " (\($0))" } ?? "")
  }

  private func causesTable(_ row: Comparison.Row) -> String {
    let results = results(row)
    let causes = FlushCause.allCases.filter { cause in
      results.contains { $0.metrics.flushCauses.contains { $0.cause == cause } }
    }
    guard !causes.isEmpty else { return "Nothing gathered: no line was opened." }
    var table = MarkdownTable(titles: ["Lines left at", "Meaning"] + titles("").dropFirst())
    for cause in causes {
      table.add([cause.name, cause.meaning] + results.map { flushes(cause, $0.metrics) })
    }
    return table.text
  }

  private func flushes(_ cause: FlushCause, _ metrics: Metrics) -> String {
    guard let row = metrics.flushCauses.first(where: { $0.cause == cause }) else { return "" }
    let all = metrics.flushCauses.reduce(0) { $0 + $1.flushes }
    return share(row.flushes, of: all) + ", " + grouped(row.bytes) + " B"
  }

  private func codes(_ row: Comparison.Row) -> String {
    let codes = Set(row.findings.map(\.code)).sorted()
    guard !codes.isEmpty else { return "" }
    let shown = codes.prefix(20).map { markdownProse($0, limit: 20) }
    let under = comparison.before == nil ? "" : " under \(markdownCode(comparison.after.name))"
    return "Findings\(under): " + shown.joined(separator: ", ") + "."
  }
}
