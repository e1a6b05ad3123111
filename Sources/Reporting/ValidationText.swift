public import Results

/// A validation as a table for the terminal.
public struct ValidationText {
  private let result: ValidationResult
  private let color: Bool
  private let width: Int

  /// - Parameters:
  ///   - result: What to show.
  ///   - width: Characters of a line; more where a table's words need them.
  ///   - color: Whether to use ANSI escape codes.
  public init(_ result: ValidationResult, width: Int = unlimitedWidth, color: Bool) {
    self.result = result
    self.width = width
    self.color = color
  }

  /// Lines of the table, of the summary and of the remarks.
  public var lines: [String] {
    let summary = ValidationSummary(result: result)
    var lines = block(table(summary.measured))
    if !summary.calculated.isEmpty {
      lines += ["", "Calculated, not measured, or said twice:"]
      lines += block(table(summary.calculated))
    }
    lines += [
      "", "* the profile takes this value or its range from the row itself: no evidence", "",
    ]
    lines +=
      width < unlimitedWidth
      ? summary.sentences.flatMap { wrapped($0, width: width) } : summary.sentences
    lines += ["", "Remarks:"]
    for (ids, text) in summary.remarks { lines += entry(ids.joined(separator: ", "), text) }
    lines += ["", "What the model cannot speak about:"]
    for item in result.unmodelled {
      lines += entry(item.id, "\(item.what): \(item.published); \(item.reason)")
    }
    return lines
  }

  private func block(_ table: TextTable) -> [String] {
    Array(table.blocks(color: color, within: width).joined())
  }

  private func table(_ rows: [ValidationRow]) -> TextTable {
    var table = TextTable([
      .init(title: "id"), .init(title: "what", wraps: true), .init(title: "limit"),
      .init(title: "published", right: true), .init(title: "predicted", right: true),
      .init(title: "error", right: true), .init(title: "range", right: true, wraps: true),
      .init(title: "inside"), .init(title: "hangs on", wraps: true),
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
  private func entry(_ id: String, _ text: String) -> [String] {
    var lines: [String] = []
    var line = "  \(id):"
    for word in text.split(separator: " ") {
      if line.count + 1 + word.count > min(width, 100) {
        lines.append(line)
        line = "   "
      }
      line += " " + word
    }
    return lines + [line]
  }
}
