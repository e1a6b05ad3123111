public import Results

/// A validation as a table for the terminal.
public struct ValidationText {
  private let result: ValidationResult
  private let color: Bool

  /// - Parameters:
  ///   - result: What to show.
  ///   - color: Whether to use ANSI escape codes.
  public init(_ result: ValidationResult, color: Bool) {
    self.result = result
    self.color = color
  }

  /// Lines of the table, of the summary and of the remarks.
  public var lines: [String] {
    let summary = ValidationSummary(result: result)
    var lines = table(summary.measured).lines(color: color)
    if !summary.calculated.isEmpty {
      lines += ["", "Calculated, not measured, or said twice:"]
      lines += table(summary.calculated).lines(color: color)
    }
    lines += [
      "", "* the profile takes this value or its range from the row itself: no evidence", "",
    ]
    lines += summary.sentences
    lines += ["", "Remarks:"]
    for (ids, text) in summary.remarks { lines += Self.entry(ids.joined(separator: ", "), text) }
    lines += ["", "What the model cannot speak about:"]
    for item in result.unmodelled {
      lines += Self.entry(item.id, "\(item.what): \(item.published); \(item.reason)")
    }
    return lines
  }

  private func table(_ rows: [ValidationRow]) -> TextTable {
    var table = TextTable([
      .init(title: "id"), .init(title: "what"), .init(title: "limit"),
      .init(title: "published", right: true), .init(title: "predicted", right: true),
      .init(title: "error", right: true), .init(title: "range", right: true),
      .init(title: "inside"), .init(title: "hangs on"),
    ])
    for row in rows {
      let cells = ValidationCells(row: row)
      let style: Style = row.meetsAim ? .plain : .bad
      let onWhat =
        cells.hangsOn + cells.fitted + (row.coversCombinations ? [] : ["(one at a time)"])
      let texts = [
        row.id, row.what, row.limit.rawValue, cells.published, cells.predicted, cells.error,
        cells.range, cells.inside ?? "-", onWhat.joined(separator: ", "),
      ]
      table.add(
        texts.enumerated().map { index, text in
          TextTable.Cell(text: text, style: index == 5 || index == 7 ? style : .plain)
        })
    }
    return table
  }

  /// `  id: text`, broken at spaces.
  private static func entry(_ id: String, _ text: String) -> [String] {
    var lines: [String] = []
    var line = "  \(id):"
    for word in text.split(separator: " ") {
      if line.count + 1 + word.count > 100 {
        lines.append(line)
        line = "   "
      }
      line += " " + word
    }
    return lines + [line]
  }
}
