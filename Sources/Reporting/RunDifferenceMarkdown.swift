public import Results

/// Two results as Markdown, short enough for a cover letter.
///
/// - Parameters:
///   - difference: The results.
///   - all: Every metric that differs, not only those of the summary table.
/// - Returns: The text.
public func runDifferenceMarkdown(_ difference: RunDifference, all: Bool) -> String {
  let view = RunDifferenceView(difference, all: all)
  var parts = [
    "# What has changed", view.heads.map { "- " + markdownProse($0) }.joined(separator: "\n"),
  ]
  parts.append("**\(view.outcome)**")
  var settings = MarkdownTable("setting", "of", "before", "after")
  for change in view.settings {
    settings.add(
      markdownCode(change.name), markdownProse(change.place("every scenario")),
      markdownProse(change.before ?? ""), markdownProse(change.after ?? ""))
  }
  var metrics = MarkdownTable("metric", "of", "before>", "after>", "change>")
  for change in view.metrics {
    metrics.add(
      markdownCode(change.name), markdownProse(change.place("trace")),
      change.texts.before, change.texts.after, change.movement)
  }
  var findings = MarkdownTable("finding", "of", "before>", "after>", "what")
  for change in view.findings {
    findings.add(
      markdownProse(change.name), markdownProse(change.place("trace")), change.counts.before,
      change.counts.after, markdownProse(change.message, limit: 200))
  }
  let tables = [("Settings", settings), ("Metrics", metrics), ("Findings", findings)]
  for (title, table) in tables where !table.isEmpty { parts += ["## " + title, table.text] }
  if view.more > 0 {
    parts.append(
      "\(counted(UInt64(view.more), "more metric")): `mmioscope diff --all`, or `--csv`.")
  }
  return parts.joined(separator: "\n\n") + "\n"
}
