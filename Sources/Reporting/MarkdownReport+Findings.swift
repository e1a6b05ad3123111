import Results
import TraceCore

// What could go wrong, worst first.
extension MarkdownReport {
  var findings: String {
    let groups = FindingGroup.all(comparison)
    guard !groups.isEmpty else { return "## Findings\n\nNone." }
    var table = MarkdownTable(
      "Severity", "Code", "Where", "Count>", "First record>", "Line>", "Under",
      "What, and what to do")
    for group in groups.prefix(bounds.findings) { table.add(cells(group)) }
    let rest = groups.count - bounds.findings
    let more =
      rest > 0 ? "\n\n\(counted(UInt64(rest), "more row")) in \(link("findings.csv"))." : ""
    let shown = groups.prefix(bounds.findings)
    let two = shown.contains(where: \.hasTwoCounts) ? countLegend : ""
    return "## Findings\n\n" + table.text + more + "\n\n" + rowLegend + two + "\n\n" + askFurther
  }

  private var rowLegend: String {
    "A row is what a code says of a region; errors, warnings and notes are counted by rows throughout,"
      + " **Count** is how often it happened."
  }

  private var countLegend: String {
    " Two counts, as `2 / 4`, are under "
      + comparison.scenarios.map { markdownCode($0.name) }.joined(separator: " / ") + "."
  }

  private var askFurther: String {
    "`mmioscope why TRACE --record N`"
      + (comparison.run.trace.isFiltered ? " with this run's filters" : "")
      + " shows what became of a record, and of what shares its line where it was gathered, "
      + "`mmioscope explain CODE` the rule behind a code."
  }

  private func cells(_ group: FindingGroup) -> [String] {
    let name = group.severity.rawValue
    let vcpu = group.vcpuText.map { ", " + $0 } ?? ""
    let place = (group.sample.region.map { markdownCode($0, limit: 40) } ?? "trace") + vcpu
    return [
      group.severity == .error ? "**\(name)**" : name, markdownProse(group.code, limit: 20), place,
      group.countText, grouped(group.first.firstRecord),
      group.first.firstLine.map(grouped) ?? "",
      markdownProse(group.scenarioText(comparison), limit: 30), explanation(group),
    ]
  }

  /// Register, caller and section of the first record, as far as the capture tells.
  private func place(_ finding: Finding) -> String {
    let words = [
      finding.register.map { "register \(markdownCode($0, limit: 40))" },
      finding.caller.map { "by \(markdownCode($0, limit: 100))" },
      finding.section.map { "in section \(markdownCode($0, limit: 40))" },
    ].compactMap { $0 }
    return words.isEmpty ? "" : "; first " + words.joined(separator: ", ")
  }

  private func explanation(_ group: FindingGroup) -> String {
    let finding = group.sample
    let rule = finding.rule.isEmpty ? "" : " (\(markdownProse(finding.rule, limit: 160)))"
    let advice =
      finding.advice.isEmpty ? "" : " **Do:** \(markdownProse(finding.advice, limit: 240))"
    return markdownProse(group.message, limit: 240) + place(finding) + rule + "." + advice
  }
}
