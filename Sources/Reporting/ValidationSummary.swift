// The counts under a validation's table, and what is to be said about single rows.

import Results

/// A validation in a few sentences.
struct ValidationSummary {
  let result: ValidationResult
  /// No measurements: what a vendor calculated or assumed, and what repeats another row.
  let calculated: [ValidationRow]
  /// All others.
  let measured: [ValidationRow]
  private let wire: [ValidationRow]
  private let bounds: [ValidationRow]
  private let fitted: [ValidationRow]
  private let others: [ValidationRow]

  init(result: ValidationResult) {
    self.result = result
    calculated = result.rows.filter { $0.limit == .calculated }
    measured = result.rows.filter { $0.limit != .calculated }
    wire = measured.filter { $0.limit == .wire }
    let rest = measured.filter { $0.limit != .wire }
    bounds = rest.filter { $0.bound != nil }
    fitted = rest.filter { $0.bound == nil && !$0.fits.isEmpty }
    others = rest.filter { $0.bound == nil && $0.fits.isEmpty }
  }

  /// One sentence for each group of rows.
  var sentences: [String] {
    var lines: [String] = []
    if !wire.isEmpty { lines.append("wire-limited rows: " + Self.closeness(wire)) }
    if !others.isEmpty {
      let dependent = others.filter { !$0.informed.isEmpty }
      let inside = others.count { $0.isInside }
      lines.append(
        "other rows: \(inside) of \(others.count) inside the range of the prediction; of the"
          + " \(others.count - dependent.count) that hang on no value taken from the row itself,"
          + " \(inside - dependent.count { $0.isInside })")
    }
    if !fitted.isEmpty { lines.append("rows with a fitted value: " + Self.closeness(fitted)) }
    if !bounds.isEmpty {
      lines.append("bounds: \(bounds.count { $0.isInside }) of \(bounds.count) kept")
    }
    if !calculated.isEmpty {
      lines.append("calculated, not measured, or said twice: " + Self.closeness(calculated))
    }
    lines.append("published values that the model cannot speak about: \(result.unmodelled.count)")
    return lines
  }

  /// `21 of 27 within 10 %, worst NAME +17.4 %`.
  private static func closeness(_ rows: [ValidationRow]) -> String {
    let close = rows.count { abs($0.error) <= ValidationRow.aim }
    let aim = UInt64((ValidationRow.aim * 100).rounded())
    let worst = rows.max { abs($0.error) < abs($1.error) }
    return "\(close) of \(rows.count) within \(aim) %"
      + (worst.map { ", worst \($0.id) \(signedPercent($0.error))" } ?? "")
  }

  /// What is to be said, with the rows that it is about: misses, fits, bounds, odd sources.
  var remarks: [(ids: [String], text: String)] {
    var remarks: [(ids: [String], text: String)] = []
    for row in result.rows {
      let fits = row.fits.map { "\($0.assignment) is fitted: \($0.reason)" }
      var text = (fits + [row.note].compactMap { $0 }).joined(separator: ". ")
      if text.isEmpty, !row.meetsAim { text = "misses its aim; nobody knows why" }
      if text.isEmpty { continue }
      if let index = remarks.firstIndex(where: { $0.text == text }) {
        remarks[index].ids.append(row.id)
      } else {
        remarks.append(([row.id], text))
      }
    }
    return remarks
  }
}
