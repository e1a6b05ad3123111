public import Results
import Tables

/// A validation as CSV, one row a measurement; what the model cannot speak about is not in it.
public struct ValidationCSV {
  private static let header = [
    "id", "what", "source", "class", "unit", "published_low", "published_high", "predicted",
    "error_ratio", "range_low", "range_high", "inside", "hangs_on", "fitted", "status", "bound",
    "informed",
  ]

  public let text: String

  public init(_ result: ValidationResult) {
    var csv = CSVText(header: Self.header)
    for row in result.rows {
      csv.add([
        row.id, row.what, row.source, row.limit.rawValue, row.unit, Self.number(row.publishedLow),
        Self.number(row.publishedHigh), Self.number(row.predicted), Self.number(row.error),
        Self.number(row.rangeLow), Self.number(row.rangeHigh), ValidationCells(row: row).inside,
        row.hangsOn.joined(separator: " "), row.fits.map(\.assignment).joined(separator: " "),
        row.status.rawValue, row.bound?.rawValue, row.informed.joined(separator: " "),
      ])
    }
    text = csv.text
  }

  /// Six decimals; empty for an open end.
  private static func number(_ value: Double) -> String? {
    guard value.isFinite, abs(value) < 1e12 else { return nil }
    let digits = quotient(UInt64((abs(value) * 1e6).rounded()), 1_000_000, places: 6)
    return digits.map { (value < 0 && $0 != "0.000000" ? "-" : "") + $0 }
  }
}
