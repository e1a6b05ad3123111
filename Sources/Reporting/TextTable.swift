/// Terminal colours; a role, not a colour, is what a cell asks for.
enum Style: String {
  case plain = ""
  case strong = "1"
  case dim = "2"
  case bad = "31"
  case good = "32"
  case doubtful = "33"

  /// The text in this style, by ANSI escape codes where colour is on.
  func applied(to text: String, color: Bool) -> String {
    guard color, self != .plain else { return text }
    return "\u{1b}[\(rawValue)m" + text + "\u{1b}[0m"
  }
}

/// A table for a terminal: padded columns, two spaces between them.
struct TextTable {
  struct Column {
    var title: String
    var right = false
    /// Its cells may take several lines; see ``blocks(color:within:)``.
    var wraps = false
  }
  struct Cell {
    var text: String
    var style = Style.plain
  }

  var columns: [Column]
  private(set) var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a cell per column")
    rows.append(cells)
  }

  private var widths: [Int] {
    columns.indices.map { index in
      rows.reduce(columns[index].title.count) { max($0, terminalColumns($1[index].text)) }
    }
  }

  /// Columns of the longest line.
  var width: Int { widths.reduce(0, +) + 2 * max(0, columns.count - 1) }

  /// The header and one line per row.
  func lines(color: Bool) -> [String] {
    let header = columns.map { Cell(text: $0.title, style: .strong) }
    return ([header] + rows).map { line($0, widths, color: color) }
  }

  /// Cells in columns of these widths.
  func line(_ cells: [Cell], _ widths: [Int], color: Bool) -> String {
    var text = ""
    // Spaces are held back until more text follows, so that no line ends in them.
    var space = 0
    for (index, cell) in cells.enumerated() {
      let gap = max(0, widths[index] - terminalColumns(cell.text))
      if columns[index].right { space += gap }
      if !cell.text.isEmpty {
        text += String(repeating: " ", count: space)
        text += cell.style.applied(to: cell.text, color: color)
        space = 0
      }
      if !columns[index].right { space += gap }
      space += 2
    }
    return text
  }
}
