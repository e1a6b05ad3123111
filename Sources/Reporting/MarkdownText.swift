// GitHub-flavoured Markdown from text that may hold anything.

/// Prose with everything escaped that Markdown or HTML would take for mark-up, on one line.
func markdownProse(_ text: String, limit: Int = 400) -> String {
  let scalars = Array(clipped(printable(text), to: limit).unicodeScalars)
  var result = String.UnicodeScalarView()
  for (index, scalar) in scalars.enumerated() {
    if needsEscape(scalar, at: index, in: scalars) { result.append("\\") }
    result.append(scalar)
  }
  return String(result)
}

private func needsEscape(
  _ scalar: Unicode.Scalar, at index: Int, in scalars: [Unicode.Scalar]
) -> Bool {
  switch scalar {
  case "\\", "|", "`", "*", "<", "[", "]", "~", "&": true
  // An underscore inside a word is no emphasis.
  case "_":
    !(index > 0 && index + 1 < scalars.count && scalars[index - 1].properties.isAlphabetic
      && scalars[index + 1].properties.isAlphabetic)
  case "#", ">": index == 0
  case "+", "-": index == 0 && scalars.count > 1 && scalars[1] == " "
  default: false
  }
}

/// A name as code: between backticks where that is safe, else as HTML with entities, which is
/// right inside and outside of tables.
func markdownCode(_ text: String, limit: Int = 60) -> String {
  let shown = clipped(printable(text), to: limit)
  let isSafe =
    !shown.isEmpty && shown.first != " " && shown.last != " "
    && !shown.unicodeScalars.contains { "`|<>&\\".unicodeScalars.contains($0) }
  return isSafe ? "`" + shown + "`" : htmlCode(shown)
}

/// A name as code in HTML, for places where Markdown is not read, such as `<summary>`.
func htmlCode(_ text: String, limit: Int = 60) -> String {
  var result = "<code>"
  for scalar in clipped(printable(text), to: limit).unicodeScalars {
    let isPlain =
      scalar.value >= 0x80 || scalar.properties.isAlphabetic
      || ("0"..."9").contains(scalar) || " .:@/-+,()=_".unicodeScalars.contains(scalar)
    if isPlain { result.unicodeScalars.append(scalar) } else { result += "&#\(scalar.value);" }
  }
  return result + "</code>"
}

/// A pipe table, its narrow columns padded so that it also reads as plain text.
struct MarkdownTable {
  struct Column {
    var title: String
    var right = false
  }

  /// Columns whose widest cell is wider than this are not padded.
  static let paddedWidth = 40

  private var columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Columns by title; a trailing `>` aligns right.
  init(_ titles: String...) { self.init(titles: titles) }

  init(titles: [String]) {
    columns = titles.map {
      $0.hasSuffix(">") ? Column(title: String($0.dropLast()), right: true) : Column(title: $0)
    }
  }

  var isEmpty: Bool { rows.isEmpty }

  /// Appends a row of cells that are Markdown already.
  mutating func add(_ cells: String...) { add(cells) }

  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a cell per column")
    rows.append(cells.map { $0.isEmpty ? "–" : $0 })
  }

  var text: String {
    let widths = columns.indices.map { index -> Int in
      let widest = rows.reduce(max(3, columns[index].title.count)) { max($0, $1[index].count) }
      return widest <= Self.paddedWidth ? widest : columns[index].title.count
    }
    let rule = columns.indices.map { index in
      String(repeating: "-", count: max(2, widths[index] - (columns[index].right ? 1 : 0)))
        + (columns[index].right ? ":" : "")
    }
    let lines = [columns.map(\.title), rule] + rows
    return lines.map { line($0, widths) }.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let parts = cells.indices.map {
      padded(cells[$0], to: widths[$0], right: columns[$0].right)
    }
    return "| " + parts.joined(separator: " | ") + " |"
  }
}
