public import Results

/// Two results side by side, for the terminal.
///
/// - Parameters:
///   - difference: The results.
///   - all: Every metric that differs, not only those of the summary table.
///   - width: Characters of a line; less than 40 is taken as 40.
///   - color: Whether ANSI escape codes may be used.
/// - Returns: Lines that each end in a line feed.
public func runDifferenceText(
  _ difference: RunDifference, all: Bool, width: Int, color: Bool
) -> String {
  let view = RunDifferenceView(difference, all: all)
  let width = max(40, width)
  func cut(_ text: String) -> String { clipped(text, to: width, ellipsis: "...") }
  var lines = view.heads.map(cut)
  lines.append(Style.strong.applied(to: cut(view.outcome), color: color))
  let isWhole = width >= unlimitedWidth
  let tables = [
    settingsTable(view.settings, isWhole), metricsTable(view.metrics, isWhole),
    findingsTable(view.findings, isWhole),
  ]
  for table in tables where !table.rows.isEmpty {
    let rows = table.blocks(color: color, within: width).joined()
    lines += [""] + rows.map { color ? $0 : cut($0) }
  }
  if view.more > 0 {
    lines.append(cut("\(counted(UInt64(view.more), "more metric")): --all"))
  }
  return lines.map { $0 + "\n" }.joined()
}

private func settingsTable(
  _ settings: [RunDifference.Change<String>], _ isWhole: Bool
) -> TextTable {
  var table = TextTable([
    .init(title: "setting"), .init(title: "of", wraps: true), .init(title: "before"),
    .init(title: "after"),
  ])
  func text(_ value: String?) -> String {
    value.map { clipped(printable($0), to: isWhole ? .max : 24, ellipsis: "...") } ?? "-"
  }
  for change in settings {
    table.add([
      .init(text: printable(change.name)), .init(text: change.place("every scenario", isWhole)),
      .init(text: text(change.before)), .init(text: text(change.after)),
    ])
  }
  return table
}

/// Metrics below the scenario and region that they are of.
private func metricsTable(
  _ metrics: [RunDifference.Change<UInt64>], _ isWhole: Bool
) -> TextTable {
  var table = TextTable([
    .init(title: "metric"), .init(title: "before", right: true),
    .init(title: "after", right: true), .init(title: "change", right: true),
  ])
  var last: String?
  for change in metrics {
    let place = change.place("trace", isWhole)
    if place != last {
      table.add([.init(text: place, style: .strong)] + Array(repeating: .init(text: ""), count: 3))
      last = place
    }
    table.add([
      .init(text: "  " + printable(change.name)), .init(text: change.texts.before),
      .init(text: change.texts.after), .init(text: change.movement),
    ])
  }
  return table
}

private func findingsTable(
  _ findings: [RunDifference.Change<RunDifference.Occurrence>], _ isWhole: Bool
) -> TextTable {
  var table = TextTable([
    .init(title: "finding"), .init(title: "of", wraps: true), .init(title: "before", right: true),
    .init(title: "after", right: true), .init(title: "what", wraps: true),
  ])
  for change in findings {
    table.add([
      .init(text: printable(change.name), style: change.isWorse ? .bad : .good),
      .init(text: change.place("trace", isWhole)), .init(text: change.counts.before),
      .init(text: change.counts.after),
      .init(text: printable(clipped(change.message, to: isWhole ? .max : 60))),
    ])
  }
  return table
}
