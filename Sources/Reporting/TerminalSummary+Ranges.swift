import Results
import TraceCore

// How far speeds may lie apart, and whether the verdicts hold for all values tried.
extension TerminalSummary {
  /// Tried before the others where other values were tried.
  var rangedLayouts: [[Field]] {
    guard comparison.range != nil else { return [] }
    return [
      [.region, .tlps, .mean, .gather, .rangedSpeedup, .text, .findings],
      [.region, .tlps, .mean, .rangedSpeedup, .word, .findings],
      [.shortRegion, .shortTLPs, .rangedSpeedup, .word, .shortFindings],
      [.shortRegion, .rangedSpeedup, .word],
    ]
  }

  /// Lines at most; the rest is in the report.
  static let rangeLimit = 2

  /// One line where all verdicts hold, else one for each that does not, the largest region first.
  func rangeLines(limit: Int) -> [String] {
    guard let whole = comparison.range else { return [] }
    let count = counted(UInt64(whole.tried), "combination") + " tried"
    let flipping = comparison.rows.filter { $0.range.map { !$0.holds } ?? false }
    let mattering = flipping.filter { $0.range?.matters ?? false }
    var flips = mattering.compactMap { row in
      row.range.flatMap { flipLine("verdict of ", rangeName(row), $0) }
    }
    if flips.isEmpty, let line = flipLine("speed of ", "the whole trace", whole) { flips = [line] }
    guard !flips.isEmpty else {
      let subject = comparison.rows.count == 1 ? "verdict holds" : "every verdict holds"
      let small = flipping.count - mattering.count
      let except =
        small == 0 ? "" : ", except of \(counted(UInt64(small), "region")) with hardly a store"
      return [cut("\(subject) for all values in range (\(count))\(except)")]
    }
    let shown = flips.count <= limit ? flips.count : max(1, limit - 1)
    var lines = Array(flips.prefix(shown))
    if shown < flips.count, lines.count < limit {
      lines.append("\(counted(UInt64(flips.count - shown), "more verdict")) not certain (\(count))")
    }
    return lines.map { Style.doubtful.applied(to: cut($0), color: color) }
  }

  /// `verdict of bar2 flips to "no gain" at link.credit_loop_ns=1000`, shorter where there is no
  /// room; nil where it does not.
  private func flipLine(_ subject: String, _ name: String, _ range: VerdictRange) -> String? {
    guard let flip = range.flips.first else { return nil }
    let others = range.flips.count - 1
    let more = others > 0 ? ", and at \(counted(UInt64(others), "other value"))" : ""
    let note = range.flipNote.map { " (\($0))" } ?? ""
    let line = "\(subject)\(name) flips to \"\(flip.word)\" at \(flip.valueText)\(more)\(note)"
    return line.count <= width ? line : "\(name): \(flip.word) at \(flip.valueText)\(more)\(note)"
  }

  private func rangeName(_ row: Comparison.Row) -> String {
    clipped(printable(row.region.name), to: 20, ellipsis: "...")
  }
}

extension Comparison.Row {
  /// `2.5x (1.9x to 4.0x)`, or one value where the range is none.
  var rangedSpeedup: String? {
    speedup.map { $0 + (range?.speedup.flatMap(\.bracketed) ?? "") }
  }
}

extension Comparison {
  /// The same of the whole trace.
  var rangedSpeedup: String? {
    gain?.speedup.map { $0 + (range?.speedup.flatMap(\.bracketed) ?? "") }
  }
}

extension RatioRange {
  /// ` (1.9x to 4.0x)`; nil where the ends are written alike.
  var bracketed: String? { isWide ? " (\(text))" : nil }
}
