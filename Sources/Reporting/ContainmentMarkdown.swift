public import Results

/// A containment result as a Markdown page.
public struct ContainmentMarkdown {
  public let text: String

  /// - Parameters:
  ///   - result: What to report.
  ///   - steps: Every step of every chain is shown.
  public init(_ result: ContainmentResult, steps: Bool) {
    var parts = [Self.title(result), Self.introduction]
    if result.failed != nil { parts.append(Self.items(result.failedSentences)) }
    parts += ["## Does the memory type play a part?"]
    parts += result.rows.isEmpty ? [ContainmentResult.nothing] : result.verdicts.map(Self.verdict)
    parts += ["## Outcomes", Self.matrix(result)]
    if !result.tallies.isEmpty {
      parts += ["## Accesses of the capture, by their worst outcome", Self.tallies(result)]
      parts += result.tallyLegend.map { [$0] } ?? []
    }
    if !result.blast.isEmpty {
      parts += [
        "## Stores that one failing write takes with it",
        Self.items(result.blastSentences),
      ]
    }
    if !result.notes.isEmpty { parts.append(Self.items(result.notes)) }
    if steps { parts += ["## Steps", Self.steps(result)] }
    parts += ["## What the outcomes hang on", Self.settings(result)]
    text = parts.joined(separator: "\n\n") + "\n"
  }

  private static func items(_ sentences: [String]) -> String {
    sentences.map { "- " + markdownProse($0) }.joined(separator: "\n")
  }

  private static func title(_ result: ContainmentResult) -> String {
    let title = "# Who pays for an access that the device fails"
    return result.trace.map { title + ": " + markdownCode($0.name) } ?? title
  }

  private static let introduction = """
    *contained*: the guest alone. *device lost*: until its link is up again, for whoever uses it. \
    *host down*: with every guest. Two outcomes in one cell: the architecture \
    leaves a choice; those in parentheses need other values in range. The best comes first.
    """

  private static func matrix(_ result: ContainmentResult) -> String {
    var table = MarkdownTable(
      titles: [
        "platform", "where", "access", "faults", "accesses>", markdownProse(result.before),
        markdownProse(result.after), "type matters",
      ])
    for group in result.groups {
      let row = group.row
      table.add([
        row.platform, markdownProse(row.place, limit: 60), row.access,
        ContainmentResult.words(group.faults), row.accesses.map(grouped) ?? "",
        cell(row.before, result), cell(row.after, result),
        row.part == .none ? "no" : "**\(row.part.rawValue)**",
      ])
    }
    return table.text
  }

  private static func cell(_ cell: ContainmentCell, _ result: ContainmentResult) -> String {
    (result.trace == nil ? "" : "`\(cell.memoryType)`: ")
      + (cell.outcomes.isEmpty ? "none" : cell.text)
  }

  private static func tallies(_ result: ContainmentResult) -> String {
    let heads = [result.before, result.after].flatMap { name in
      ContainmentOutcome.allCases.map { "\(markdownProse(name)): \($0.name)>" }
    }
    var table = MarkdownTable(titles: ["platform", "faults"] + heads)
    for tally in result.tallies {
      let counts = [tally.before, tally.after].flatMap { counts in
        ContainmentOutcome.allCases.map(counts.text)
      }
      table.add([tally.platform, ContainmentResult.words(tally.faults)] + counts)
    }
    return table.text
  }

  private static func verdict(_ verdict: ContainmentVerdict) -> String {
    let reasons = verdict.reasons.map { markdownProse($0, limit: 1000) }.joined(separator: " ")
    let keys = verdict.hangsOn.map { markdownCode($0) }.joined(separator: ", ")
    return "**\(verdict.platform)** (\(markdownProse(verdict.summary))). " + reasons
      + (keys.isEmpty ? "" : " Outcomes hang on the assumed values \(keys).")
  }

  /// The chains of the platforms' own values, folded, alike ones once.
  private static func steps(_ result: ContainmentResult) -> String {
    var sections: [String] = []
    for verdict in result.verdicts {
      var seen: Set<String> = []
      var items: [String] = []
      for row in result.rows where row.platform == verdict.platform {
        for cell in [row.before, row.after] {
          for chain in cell.chains {
            let name = "\(row.fault) \(row.access), \(cell.memoryType): \(chain.outcome.name)"
            let steps = chain.steps.map {
              "   - `\($0.rule)`: \(markdownProse($0.text)) (\(markdownProse($0.source, limit: 600)))"
            }
            let item = "- **\(name)**\n" + steps.joined(separator: "\n")
            if seen.insert(item).inserted { items.append(item) }
          }
        }
      }
      sections.append(
        "<details>\n<summary>\(htmlCode(verdict.platform))</summary>\n\n"
          + items.joined(separator: "\n") + "\n\n</details>")
    }
    return sections.joined(separator: "\n\n")
  }

  private static func settings(_ result: ContainmentResult) -> String {
    var table = MarkdownTable("platform", "key", "value", "status", "source")
    for verdict in result.verdicts {
      for setting in verdict.settings where verdict.hangsOn.contains(setting.key) {
        table.add([
          verdict.platform, markdownCode(setting.key), markdownCode(shown(setting)),
          setting.status.rawValue, markdownProse(setting.source),
        ])
      }
    }
    return table.isEmpty ? "No assumed value decides an outcome." : table.text
  }

  private static func shown(_ setting: Setting) -> String {
    let others = setting.range.filter { $0 != setting.value }.map(\.text)
    return setting.value.text
      + (others.isEmpty ? "" : " (or " + others.joined(separator: ", ") + ")")
  }
}
