public import Results
import Tables
import TraceCore

/// `ranges.csv`: how far speed-up and TLP ratio lie apart over the values tried, and whether the
/// verdict holds.
///
/// - Parameter run: Any run.
/// - Returns: CSV with a header; a row per region, largest first, and last one for the whole trace
///   with an empty region; no rows where nothing was tried. Quotients with six decimals, empty
///   where unknown; `flips_on` is `KEY=VALUE`, several values of one combination joined by `&`, and
///   several such by `|`.
public func rangesCSV(_ run: RunResult) -> String {
  var csv = CSVText(header: [
    "region", "speedup", "speedup_low", "speedup_high", "tlp_ratio_low", "tlp_ratio_high",
    "verdict", "combinations", "holds", "flips_on", "flips_to",
  ])
  let comparison = Comparison(run)
  for row in comparison.rows {
    guard let range = row.range else { continue }
    let speedup = range.speedup == nil ? nil : row.gain?.speedRatio
    csv.add([row.region.name] + cells(range, speedup, row.verdict?.word))
  }
  if let range = comparison.range {
    csv.add([""] + cells(range, comparison.gain?.speedRatio, comparison.gain?.speedWord))
  }
  return csv.text
}

private func cells(_ range: VerdictRange, _ speedup: Ratio?, _ verdict: String?) -> [String?] {
  [
    speedup.flatMap(decimal), range.speedup.flatMap { decimal($0.low) },
    range.speedup.flatMap { decimal($0.high) }, range.tlps.flatMap { decimal($0.low) },
    range.tlps.flatMap { decimal($0.high) }, verdict, String(range.tried),
    range.holds ? "true" : "false",
    range.flips.map { flip in
      flip.changes.map { $0.key + "=" + $0.value.shownText }.joined(separator: "&")
    }.joined(separator: "|"),
    range.flips.map(\.word).joined(separator: "|"),
  ]
}

private func decimal(_ ratio: Ratio) -> String? {
  quotient(ratio.numerator, ratio.denominator, places: 6)
}
