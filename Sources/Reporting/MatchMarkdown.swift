public import Results

/// A match as Markdown.
///
/// - Parameter result: The match.
/// - Returns: The text.
public func matchMarkdown(_ result: MatchResult) -> String {
  let view = MatchView(result: result)
  var parts = ["# Predicted TLPs and observed ones", "**\(view.verdict)**"]
  parts.append(markdownProse(view.head))
  var regions = MarkdownTable(titles: ["region"] + MatchView.titles.map { $0 + ">" })
  for row in view.rows { regions.add([markdownProse(row[0])] + row.dropFirst()) }
  parts += ["## Regions", regions.text]
  var sizes = MarkdownTable("payload of writes>", "predicted>", "observed>")
  for size in result.sizes {
    sizes.add(
      "\(size.payloadBytes) B", grouped(size.writes.predicted), grouped(size.writes.observed))
  }
  if !sizes.isEmpty { parts += ["## Sizes", sizes.text] }
  var differences = MarkdownTable("what", "region", "predicted", "observed")
  for kind in MatchResult.Difference.Kind.allCases {
    for difference in result.differences where difference.kind == kind {
      differences.add(
        kind.words, markdownProse(difference.region), cell(difference.predicted.map(\.text)),
        cell(difference.observed.map(\.text)))
    }
  }
  if !differences.isEmpty { parts += ["## First differences of each kind", differences.text] }
  let notes = view.notes + view.hints
  if !notes.isEmpty {
    parts.append(notes.map { "- " + markdownProse($0, limit: 4000) }.joined(separator: "\n"))
  }
  return parts.joined(separator: "\n\n") + "\n"
}

private func cell(_ texts: [String]) -> String {
  texts.map { markdownProse($0) }.joined(separator: "<br>")
}
