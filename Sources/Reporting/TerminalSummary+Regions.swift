import Results
import TraceCore

// One line per region.
extension TerminalSummary {
  /// What a column shows; which columns there are depends on the width.
  enum Field {
    case region, shortRegion, type, tlps, shortTLPs, mean, gather, speedup, text, word, findings
    case shortFindings, rangedSpeedup
  }

  private var layouts: [[Field]] {
    guard comparison.before != nil else {
      return [
        [.region, .type, .tlps, .mean, .gather, .speedup, .text, .findings],
        [.region, .type, .shortTLPs, .mean, .gather, .findings],
        [.shortRegion, .shortTLPs, .mean, .gather, .shortFindings],
        [.shortRegion, .shortTLPs],
      ]
    }
    return rangedLayouts + [
      [.region, .tlps, .mean, .gather, .speedup, .text, .findings],
      [.region, .tlps, .mean, .gather, .speedup, .word, .findings],
      [.shortRegion, .shortTLPs, .mean, .speedup, .word, .shortFindings],
      [.shortRegion, .shortTLPs, .word, .shortFindings],
      [.shortRegion, .word],
    ]
  }

  func tableLines(limit: Int) -> [String] {
    guard !comparison.rows.isEmpty else { return ["no access to any region"] }
    let shown = comparison.rows.prefix(limit)
    let layouts = layouts
    let fields =
      layouts.first { table($0, shown, names: Self.shortNames).width <= width }
      ?? layouts[layouts.count - 1]
    // Names get what room there is.
    let limits = width < unlimitedWidth ? Self.nameLimits : [(.max, .max)]
    let tables = limits.map { table(fields, shown, names: $0) }
    let chosen = tables.first { $0.width <= width } ?? tables[tables.count - 1]
    let fits = chosen.width <= width
    let lines = chosen.lines(color: color && fits)
    return (fits ? lines : lines.map { cut($0) }) + moreRegions(after: shown.count) + guessedLines
      + (fields.contains(.speedup) || fields.contains(.rangedSpeedup) ? speedLines(shown) : [])
      + (comparison.fixedRegions { printable($0) }.map { [cut($0)] } ?? [])
  }

  /// Characters of a region's name: in a wide column, and in one where room is short.
  typealias NameLimit = (wide: Int, short: Int)
  private static let shortNames: NameLimit = (20, 14)
  private static let nameLimits: [NameLimit] = [(48, 32), (40, 28), (32, 24), (26, 20), shortNames]

  private func table(
    _ fields: [Field], _ rows: ArraySlice<Comparison.Row>, names: NameLimit
  ) -> TextTable {
    var table = TextTable(fields.map(column))
    let limit = fields.contains(.shortRegion) ? names.short : names.wide
    for (row, name) in zip(rows, self.names(rows, limit: limit)) {
      table.add(fields.map { cell($0, row, name) })
    }
    if comparison.rows.count > 1 { table.add(fields.map(totalCell)) }
    return table
  }

  private func column(_ field: Field) -> TextTable.Column {
    let compares = comparison.before != nil
    return switch field {
    case .region, .shortRegion: TextTable.Column(title: "region")
    case .type: TextTable.Column(title: "type")
    case .tlps, .shortTLPs: TextTable.Column(title: "write TLPs", right: true)
    case .mean: TextTable.Column(title: "mean B", right: true)
    case .gather: TextTable.Column(title: "gather", right: true)
    case .rangedSpeedup: TextTable.Column(title: "speed (range)", right: true)
    case .speedup: TextTable.Column(title: compares ? "speed" : "goodput", right: true)
    case .text, .word: TextTable.Column(title: compares ? "verdict" : "most lines left at")
    case .findings: TextTable.Column(title: "findings")
    case .shortFindings: TextTable.Column(title: "")
    }
  }

  private func cell(
    _ field: Field, _ row: Comparison.Row, _ name: String
  ) -> TextTable.Cell {
    switch field {
    case .region, .shortRegion: TextTable.Cell(text: name)
    case .type: TextTable.Cell(text: row.after.effective)
    case .text: TextTable.Cell(text: row.verdict?.text ?? topCause(row), style: style(row))
    case .word: TextTable.Cell(text: row.verdict?.word ?? "", style: style(row))
    case .findings: findingsCell(row)
    case .shortFindings: marksCell(row)
    case .rangedSpeedup: TextTable.Cell(text: row.rangedSpeedup ?? "-")
    case .speedup:
      TextTable.Cell(text: (row.before == nil ? row.goodput.map(rateText) : row.speedup) ?? "-")
    default: TextTable.Cell(text: number(field, row.before?.metrics, row.after.metrics))
    }
  }

  private func totalCell(_ field: Field) -> TextTable.Cell {
    switch field {
    case .region, .shortRegion: TextTable.Cell(text: "total", style: .dim)
    case .type, .text, .word, .findings, .shortFindings: TextTable.Cell(text: "")
    case .rangedSpeedup: TextTable.Cell(text: comparison.rangedSpeedup ?? "-", style: .dim)
    default:
      TextTable.Cell(
        text: number(field, comparison.before?.totals, comparison.after.totals), style: .dim)
    }
  }

  private func number(_ field: Field, _ before: Metrics?, _ after: Metrics) -> String {
    let both = [before, after].compactMap { $0 }
    guard both.contains(where: { $0.mwr > 0 }) else { return "-" }
    switch field {
    case .tlps: return both.map { grouped($0.mwr) }.joined(separator: " -> ")
    case .shortTLPs: return both.map { compact($0.mwr) }.joined(separator: " -> ")
    case .mean:
      return both.map { quotient($0.payloadBytes, $0.mwr, places: 1) ?? "-" }
        .joined(separator: " -> ")
    case .gather: return quotient(after.stores, after.mwr, places: 1, separators: true) ?? "-"
    default:
      guard let before else {
        return after.saturated.goodputBytesPerSecond.map(rateText) ?? "-"
      }
      return Gain(before: before, after: after).speedup ?? "-"
    }
  }

  private func topCause(_ row: Comparison.Row) -> String {
    let causes = row.after.metrics.flushCauses
    let sum = causes.reduce(0) { $0 + $1.flushes }
    guard let top = causes.max(by: { $0.flushes < $1.flushes }),
      let share = percent(top.flushes, of: sum)
    else { return "-" }
    return top.cause.name + " " + share
  }

  private func style(_ row: Comparison.Row) -> Style {
    switch row.verdict?.kind {
    case .mapWriteCombining, .needsNormalNC: .good
    case .blocked, .mixed, .ungathered, .losesGathering, .driverMapsDevice: .doubtful
    case .faults, .worse, .overwrites: .bad
    default: .plain
    }
  }

  private func names(_ rows: ArraySlice<Comparison.Row>, limit: Int) -> [String] {
    let marks = rows.map { $0.region.isGuessed ? " " + Self.guessedMark : "" }
    let names = zip(rows, marks).map { (printable($0.region.name), limit - $1.count) }
    return zip(shortenedApart(names), marks).map { $0 + $1 }
  }

  /// Behind the name of a region that nothing describes.
  private static let guessedMark = "?"

  /// Why a speed is left out, where one is.
  private func speedLines(_ rows: ArraySlice<Comparison.Row>) -> [String] {
    guard rows.contains(where: \.lacksOwnSpeed) else { return [] }
    let few = "fewer than \(Verdict.fewestStores) stores"
    let word = comparison.before == nil ? "goodput" : "speed"
    let lines = [
      "\(word) -: no \(word) of its own, \(few) or a time that other regions decide",
      "\(word) -: \(few), or others' time",
    ]
    return [cut(lines.first { $0.count <= width } ?? lines[1])]
  }

  private var guessedLines: [String] {
    guard comparison.rows.contains(where: \.region.isGuessed) else { return [] }
    let lines = [
      "\(Self.guessedMark): guessed from addresses, whatever is there; --map names it",
      "\(Self.guessedMark): guessed; --map names it",
    ]
    return [cut(lines.first { $0.count <= width } ?? lines[1])]
  }

  /// `2E 1W`.
  private func marksCell(_ row: Comparison.Row) -> TextTable.Cell {
    let counts = [(row.count(.error), "E"), (row.count(.warning), "W")].filter { $0.0 > 0 }
    return TextTable.Cell(
      text: counts.map { "\($0.0)\($0.1)" }.joined(separator: " "),
      style: row.count(.error) > 0 ? .bad : .doubtful)
  }

  /// `2 errors`, or `2 err, 1 warn`.
  private func findingsCell(_ row: Comparison.Row) -> TextTable.Cell {
    let errors = row.count(.error)
    let warnings = row.count(.warning)
    let style: Style = errors > 0 ? .bad : .doubtful
    switch (errors, warnings) {
    case (0, 0): return TextTable.Cell(text: "")
    case (_, 0): return TextTable.Cell(text: counted(UInt64(errors), "error"), style: style)
    case (0, _): return TextTable.Cell(text: counted(UInt64(warnings), "warning"), style: style)
    default: return TextTable.Cell(text: "\(errors) err, \(warnings) warn", style: style)
    }
  }

  private func moreRegions(after shown: Int) -> [String] {
    let rest = comparison.rows.dropFirst(shown)
    guard !rest.isEmpty else { return [] }
    let bytes = rest.reduce(0) { $0 + $1.storeBytes }
    let all = comparison.rows.reduce(0) { $0 + $1.storeBytes }
    let share = percent(bytes, of: all).map { ", \($0) of store bytes" } ?? ""
    return [cut(counted(UInt64(rest.count), "more region") + share)]
  }
}
