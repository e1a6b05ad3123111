public import Results

/// A validation as a Markdown page.
public struct ValidationMarkdown {
  public let text: String

  public init(_ result: ValidationResult) {
    let summary = ValidationSummary(result: result)
    var parts = ["# The model beside published measurements", Self.introduction]
    parts.append(summary.sentences.map { "- " + markdownProse($0) }.joined(separator: "\n"))
    for limit in MeasurementLimit.allCases {
      let rows = result.rows.filter { $0.limit == limit }
      guard !rows.isEmpty else { continue }
      parts += [Self.heading(limit), Self.table(rows)]
    }
    parts.append(
      "`*`: the profile takes this value or its range from the row itself; it is no evidence.")
    parts += ["## Remarks", Self.remarks(summary)]
    parts += ["## What the model cannot speak about", Self.unmodelled(result)]
    parts += ["## Sources and machines", Self.sources(result)]
    text = parts.joined(separator: "\n\n") + "\n"
  }

  private static let introduction = """
    `mmioscope validate --markdown` wrote this page. *Error* is against the nearer end of a \
    published interval. *Range* is the prediction over the ranges of the assumed settings that \
    move it, or an end of its range, by more than 1 %; *inside* says whether the measurement lies in it. `<=` and `>=` are \
    bounds: the model leaves out something that the remarks name.
    """

  private static func heading(_ limit: MeasurementLimit) -> String {
    limit == .calculated
      ? "## Calculated, not measured, or said twice" : "## Limit: \(limit.rawValue)"
  }

  private static func table(_ rows: [ValidationRow]) -> String {
    var table = MarkdownTable(
      "id", "what", "published>", "predicted>", "error>", "range>", "inside", "hangs on")
    for row in rows {
      let cells = ValidationCells(row: row)
      let keys = cells.hangsOn.map { markdownCode($0) } + cells.fitted.map { markdownProse($0) }
      let single = row.coversCombinations ? [] : ["(one at a time)"]
      table.add([
        markdownCode(row.id), markdownProse(row.what), markdownProse(cells.published),
        markdownProse(cells.predicted), cells.error, cells.range, cells.inside ?? "",
        (keys + single).joined(separator: ", "),
      ])
    }
    return table.text
  }

  private static func remarks(_ summary: ValidationSummary) -> String {
    summary.remarks.map { remark in
      let ids = remark.ids.map { markdownCode($0) }.joined(separator: ", ")
      return "- \(ids): \(markdownProse(remark.text, limit: 2000))"
    }.joined(separator: "\n")
  }

  private static func unmodelled(_ result: ValidationResult) -> String {
    var table = MarkdownTable("id", "what", "published", "reason", "source")
    for item in result.unmodelled {
      table.add([
        markdownCode(item.id), markdownProse(item.what), markdownProse(item.published),
        markdownProse(item.reason), markdownProse(item.source),
      ])
    }
    return table.text
  }

  private static func sources(_ result: ValidationResult) -> String {
    var table = MarkdownTable("id", "status", "source", "machine")
    for row in result.rows {
      table.add([
        markdownCode(row.id), row.status.rawValue, markdownProse(row.source),
        markdownProse(row.setup),
      ])
    }
    return table.text
  }
}
