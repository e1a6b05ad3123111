/// A number with a fixed count of decimals, rounded half away from zero.
///
/// - Parameters:
///   - value: Not negative, below 1e12.
///   - places: Decimals, 0 to 6.
/// - Returns: Digits and a point, `-` where the value is no such number.
func decimal(_ value: Double, _ places: Int) -> String {
  guard value.isFinite, value >= 0, value < 1e12 else { return "-" }
  var scale = 1
  for _ in 0..<places { scale *= 10 }
  let scaled = Int((value * Double(scale)).rounded())
  guard places > 0 else { return "\(scaled)" }
  let digits = String(scaled % scale)
  let zeros = String(repeating: "0", count: places - digits.count)
  return "\(scaled / scale).\(zeros)\(digits)"
}

/// A number with about three digits that count.
func significant(_ value: Double) -> String {
  value >= 99.95 ? decimal(value, 0) : value >= 9.995 ? decimal(value, 1) : decimal(value, 2)
}

/// Seconds in a unit that suits them.
func duration(_ seconds: Double) -> String {
  seconds < 0.1 ? significant(seconds * 1e3) + " ms" : significant(seconds) + " s"
}

/// A count with commas between thousands.
func grouped(_ value: Int) -> String {
  var digits = Array(String(value))
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  return String(digits)
}

/// A Markdown table: its first column to the left, the others to the right.
func markdownTable(_ header: [String], _ rows: [[String]]) -> String {
  let lines = [header, ["---"] + header.dropFirst().map { _ in "---:" }] + rows
  return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
}
