import Results
import TraceCore

// What the numbers rest on: scenario, values, capture; and the words of the report.
extension MarkdownReport {
  /// A setting over the scenarios.
  struct SettingRow {
    var setting: Setting
    /// One per scenario; they differ rarely.
    var values: [String]
  }

  /// Every setting of any scenario, sorted by key.
  private var settings: [SettingRow] {
    var rows: [String: SettingRow] = [:]
    for scenario in comparison.scenarios {
      for setting in scenario.settings {
        rows[setting.key, default: SettingRow(setting: setting, values: [])]
          .values.append(setting.value.shownText)
      }
    }
    return rows.values.sorted { $0.setting.key < $1.setting.key }
  }

  var assumedSettings: [SettingRow] { settings.filter { $0.setting.status == .assumed } }

  var basis: [String] {
    ["## What the numbers hang on", scenarioTable, assumedTable, allSettings]
  }

  private var scenarioTable: String {
    var table = MarkdownTable(
      titles: ["Scenario"] + comparison.scenarios.map { markdownProse($0.name, limit: 30) })
    let lines: [(String, (ScenarioResult) -> String)] = [
      ("policy", { $0.policy }), ("FWB", { $0.fwb ? "on" : "off" }),
      ("accessors", { $0.accessors }), ("CPU", { $0.cpu }), ("root complex", { $0.rootComplex }),
      ("link", { $0.link }), ("device", { $0.device }), ("config accesses", { $0.configPath }),
      ("clocks", { $0.clocks }),
    ]
    for (title, value) in lines where comparison.scenarios.contains(where: { !value($0).isEmpty }) {
      table.add([title] + comparison.scenarios.map { markdownProse(value($0), limit: 60) })
    }
    return table.text
  }

  private var assumedTable: String {
    let rows = assumedSettings
    guard !rows.isEmpty else { return "No value is assumed." }
    let text =
      "Values that no document or measurement gives; change one with `--set KEY=VALUE` and see"
      + " whether the verdict holds:"
    return text + "\n\n" + table(rows, statuses: false)
  }

  private var allSettings: String {
    let rows = settings.filter { $0.setting.status != .assumed }
    guard !rows.isEmpty else { return "" }
    let summary = "<summary>The other \(counted(UInt64(rows.count), "value"))</summary>"
    return "<details>\n\(summary)\n\n\(table(rows, statuses: true))\n\n</details>"
  }

  private func table(_ rows: [SettingRow], statuses: Bool) -> String {
    var table = MarkdownTable(
      titles: ["Key", "Value>", "Unit", "Source"] + (statuses ? ["Status"] : []))
    for row in rows.prefix(bounds.settings) {
      let same = row.values.allSatisfy { $0 == row.values.first }
      let value = same ? row.values.first ?? "" : row.values.joined(separator: " / ")
      let cells = [
        markdownCode(row.setting.key), markdownProse(value, limit: 60),
        markdownProse(row.setting.unit, limit: 30), markdownProse(row.setting.source, limit: 120),
      ]
      table.add(cells + (statuses ? [row.setting.status.rawValue] : []))
    }
    let rest = rows.count - bounds.settings
    let more = rest > 0 ? "\n\n\(counted(UInt64(rest), "more value")) in \(link("run.json"))." : ""
    return table.text + more
  }

  var captureLimits: String {
    let trace = comparison.run.trace
    var parts = ["## What the capture does not hold"]
    var lines = trace.assumptions.prefix(bounds.notes).map { "- " + markdownProse($0) }
    let open = trace.counters.filter(\.isOfMissingFact)
    if !open.isEmpty {
      lines.append(
        "- Config space that would tell what some config accesses do, resets among them: "
          + listed(open.map { markdownCode($0.name) })
          + " below. An lspci dump in the map shows it.")
    }
    parts.append(
      lines.isEmpty
        ? "Nothing is missing that the model asks for." : lines.joined(separator: "\n"))
    if let table = counterTable { parts.append(table) }
    let rest =
      max(0, trace.assumptions.count - bounds.notes) + max(0, trace.counters.count - bounds.notes)
    if rest > 0 { parts.append("\(counted(UInt64(rest), "more row")) in \(link("run.json")).") }
    return parts.joined(separator: "\n\n")
  }

  private var counterTable: String? {
    let counters = comparison.run.trace.counters
    guard !counters.isEmpty else { return nil }
    var table = MarkdownTable("Skipped, repaired or assumed", "Severity", "Count>", "Meaning")
    for counter in counters.prefix(bounds.notes) {
      table.add(
        markdownCode(counter.name), counter.severity.rawValue, grouped(counter.count),
        markdownProse(counter.meaning, limit: 240))
    }
    return table.text
  }

  var guide: String {
    """
    ## Words

    - **TLP**: a PCIe packet. Here: memory writes, unless reads are named. Fewer and larger is \
    better: besides its payload each costs 20 to 28 bytes on a non-flit link.
    - **Device-nGnRE**: what `ioremap()` gives. Every store leaves alone, in order.
    - **Normal-NC**: what `ioremap_wc()` gives. Stores to one line may gather into one write; \
    unaligned accesses are legal; order needs barriers.
    - **Stage 1, stage 2**: the guest's mapping and KVM's. Device on either side wins.
    - **Lines left at**: what made the CPU send a gathered line; `full` is the good case.
    - **Stores per TLP (gather factor)**: guest stores / memory writes.
    - **Wire efficiency**: payload bytes / all bytes that the writes take on the link.
    - **Speed**: goodput after / goodput before, with the `saturated` clock, which ignores the \
    recorded time stamps. The `paced` clock keeps them. A region's, and in a table of regions its \
    goodput, is left out where it is not its own: of fewer than \(Verdict.fewestStores) stores, or \
    where other regions' accesses decide how long it takes.
    - **Store to acceptance**: from the issue of a write's first store to the start of its last \
    TLP. Percentiles are at most 1.6 % above the true ones, maxima exact.
    - **Time went into**: of all vCPUs together. A wait counts for the region of the access that \
    waits.
    """
  }
}
