// How the values of a validation row are written, in every form of output.

import Results

/// A validation row's cells as text.
struct ValidationCells {
  let row: ValidationRow

  /// `9.2 to 9.6 GB/s`, `at least 2 us`.
  var published: String {
    let low = significant(row.publishedLow)
    let unit = " " + row.unit
    if row.publishedHigh == .infinity { return "at least " + low + unit }
    if row.publishedLow == row.publishedHigh { return low + unit }
    return low + " to " + significant(row.publishedHigh) + unit
  }

  var predicted: String {
    let sign = row.bound.map { $0 == .upper ? "<= " : ">= " } ?? ""
    return sign + significant(row.predicted)
  }

  /// `+10.7 %`; `0 %` inside a published interval.
  var error: String { signedPercent(row.error) }

  /// `2.03 to 11.36`; empty where nothing assumed moves the prediction.
  var range: String {
    guard row.hasRange else { return "" }
    return significant(row.rangeLow) + " to " + significant(row.rangeHigh)
  }

  /// `yes` or `no`; nil where there is no range and the prediction is no bound, unless it is met.
  var inside: String? {
    row.isInside ? "yes" : row.hasRange || row.bound != nil ? "no" : nil
  }

  /// Keys, `*` behind those whose value or range comes from this very measurement, be it that they
  /// have no range.
  var hangsOn: [String] {
    row.hangsOn.map { row.informed.contains($0) ? $0 + "*" : $0 }
      + row.informed.filter { !row.hangsOn.contains($0) }.map { $0 + "*" }
  }

  /// A fit is part of what a value hangs on.
  var fitted: [String] { row.fits.map { "fitted " + $0.assignment } }
}

/// Four digits, or all of a whole number, without zeros at the end: `11.36`, `1,807`, `0.5`.
///
/// - Parameter value: 0 to 10^12.
/// - Returns: The digits; `-` for anything else.
func significant(_ value: Double) -> String {
  guard value.isFinite, value >= 0, value < 1e12 else { return "-" }
  let places = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3
  let text =
    quotient(UInt64((value * 1e6).rounded()), 1_000_000, places: places, separators: true) ?? ""
  guard places > 0 else { return text }
  var digits = Substring(text)
  while digits.hasSuffix("0") { digits = digits.dropLast() }
  return String(digits.hasSuffix(".") ? digits.dropLast() : digits)
}

/// `+12.5 %`, `-3.0 %`, `0 %`.
func signedPercent(_ share: Double) -> String {
  guard share.isFinite, abs(share) < 1e9 else { return "-" }
  let tenths = UInt64((abs(share) * 1000).rounded())
  guard tenths > 0 else { return "0 %" }
  return (share < 0 ? "-" : "+") + (quotient(tenths, 10, places: 1, separators: true) ?? "") + " %"
}
