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

  /// Whether all verdicts hold, and whether the whole trace's speed does; else a line for each
  /// verdict that does not, the largest region first.
  func rangeLines(limit: Int) -> [String] {
    guard let whole = comparison.range, comparison.rows.contains(where: { $0.storeBytes > 0 })
    else { return [] }
    let count = counted(UInt64(whole.tried), "combination") + " tried" + givenAccessors
    let flipping = comparison.rows.filter { $0.range.map { !$0.holds } ?? false }
    let mattering = flipping.filter { $0.range?.matters ?? false }
    let flips = mattering.compactMap { row in
      row.range.flatMap { flipLine("verdict of ", rangeName(row), $0) }
    }
    guard !flips.isEmpty else {
      let small = flipping.count - mattering.count
      let lines =
        [holdsLine(count, exceptSpeed: !whole.holds, exceptSmall: small)]
        + doubtful(
          [flipLine("speed of ", "the whole trace", whole)].compactMap { $0 })
      return Array(lines.prefix(limit))
    }
    let shown = flips.count <= limit ? flips.count : max(1, limit - 1)
    var lines = Array(flips.prefix(shown))
    if shown < flips.count, lines.count < limit {
      lines.append("\(counted(UInt64(flips.count - shown), "more verdict")) not certain (\(count))")
    }
    return doubtful(lines)
  }

  /// Other accessors were not tried, because these were asked for.
  private var givenAccessors: String {
    comparison.givenAccessors.map { ", all with \($0)" } ?? ""
  }

  private func doubtful(_ lines: [String]) -> [String] {
    lines.map { Style.doubtful.applied(to: cut($0), color: color) }
  }

  /// As the report words it, shorter where there is no room.
  private func holdsLine(_ count: String, exceptSpeed: Bool, exceptSmall small: Int) -> String {
    let subject = comparison.rows.count == 1 ? "verdict holds" : "every verdict holds"
    let except =
      small == 0 ? "" : ", except of \(counted(UInt64(small), "region")) with hardly a store"
    guard exceptSpeed else {
      return cut("\(subject) for all values in range (\(count))\(except)")
    }
    let speed = "but the speed of the whole trace does not"
    let lines = [
      "\(subject) for all values in range, \(speed) (\(count))\(except)",
      "\(subject) for all values in range, \(speed) (\(count))", "\(subject), \(speed) (\(count))",
      "\(subject), \(speed)",
    ]
    return cut(lines.first { $0.count <= width } ?? "\(subject), not the whole's speed")
  }

  /// `verdict of bar2 flips to "no gain" at link.credit_loop_ns=1000`, shorter where there is no
  /// room; nil where it does not.
  private func flipLine(_ subject: String, _ name: String, _ range: VerdictRange) -> String? {
    guard let flip = range.flips.first else { return nil }
    let places = placeTexts(range, flip)
    for start in ["\(subject)\(name) flips to \"\(flip.word)\" ", "\(name): \(flip.word) "] {
      if let line = places.map({ start + $0 }).first(where: { $0.count <= width }) { return line }
    }
    return places.last.map { "\(name): \(flip.word) \($0)" }
  }

  /// Which value it is; of several at once as many as there is room for, the longest text first.
  private func placeTexts(_ range: VerdictRange, _ flip: VerdictRange.Flip) -> [String] {
    let count = counted(UInt64(flip.changes.count), "value")
    if flip.changes.count > 1 {
      guard range.isNarrowed else {
        return ["with \(count) changed; a file instead of a pipe tells which"]
      }
      let together = "with \(count) together, none alone"
      return (1...3).reversed().map { "\(together) (\(flip.valueList(atMost: $0)))" } + [together]
    }
    let others = range.flips.count - 1
    return [
      "at " + flip.valueText
        + (others > 0 ? ", and at \(counted(UInt64(others), "other value"))" : "")
    ]
  }

  private func rangeName(_ row: Comparison.Row) -> String {
    shortenedInside(printable(row.region.name), to: limit(20))
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
