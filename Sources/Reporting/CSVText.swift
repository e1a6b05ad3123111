/// A table as comma-separated values (RFC 4180, but with LF line ends).
struct CSVText {
  private(set) var text = ""

  /// - Parameter header: Column names.
  init(header: [String]) { add(header) }

  /// Appends a row; nil is an empty cell.
  mutating func add(_ cells: [String?]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { text.append(",") }
      text += Self.quoted(cell ?? "")
    }
    text.append("\n")
  }

  /// What has been added since the last time, so that a long table need not be held.
  mutating func take() -> String {
    defer { text = "" }
    return text
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else { return cell }
    var result = "\""
    for scalar in cell.unicodeScalars {
      if scalar == "\"" { result += "\"" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }
}
