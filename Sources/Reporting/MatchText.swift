public import Results

/// A match for the terminal.
///
/// - Parameters:
///   - result: The match.
///   - width: Characters of a line; less than 40 is taken as 40.
///   - color: Whether ANSI escape codes may be used.
/// - Returns: Lines that each end in a line feed.
public func matchText(_ result: MatchResult, width: Int, color: Bool) -> String {
  let view = MatchView(result: result)
  let width = max(40, width)
  let isWhole = width >= unlimitedWidth
  var lines = [Style.strong.applied(to: view.verdict, color: color), view.head]
  var regions = TextTable(
    [.init(title: "region", wraps: true)]
      + MatchView.titles.map { .init(title: $0, right: true, wraps: true) })
  for row in view.rows {
    let name = shortenedInside(printable(row[0]), to: isWhole ? .max : 24)
    regions.add([.init(text: name)] + row.dropFirst().map { .init(text: $0) })
  }
  lines += [""] + regions.blocks(color: color, within: width).joined()
  var sizes = TextTable(
    ["payload of writes", "predicted", "observed"].map { .init(title: $0, right: true) })
  for size in result.sizes {
    sizes.add([
      .init(text: "\(size.payloadBytes) B"), .init(text: grouped(size.writes.predicted)),
      .init(text: grouped(size.writes.observed)),
    ])
  }
  if !result.sizes.isEmpty { lines += [""] + sizes.lines(color: color) }
  let differences = view.fewDifferences
  if !differences.isEmpty { lines.append("") }
  for difference in differences {
    let region = printable(difference.region)
    lines.append(Style.doubtful.applied(to: difference.kind.words, color: color) + ", " + region)
    lines += few(difference.predicted.map { "  predicted " + $0.text })
    lines += few(difference.observed.map { "  observed  " + $0.text })
  }
  if differences.count < result.differences.count { lines.append("more of them: --csv") }
  let notes = view.notes + view.hints
  if !notes.isEmpty { lines += [""] + notes }
  return folded(lines.map { $0 + "\n" }.joined(), width: width)
}

/// The first TLPs of a difference, and how many more there are.
private func few(_ texts: [String]) -> [String] {
  guard texts.count > 4 else { return texts }
  return texts.prefix(3) + ["  ... \(counted(UInt64(texts.count - 3), "more", plural: "more"))"]
}

/// The outcome in a line: which share of the predicted requests was seen as predicted.
///
/// - Parameter result: The match.
/// - Returns: A sentence without a full stop.
public func matchVerdict(_ result: MatchResult) -> String { MatchView(result: result).verdict }
