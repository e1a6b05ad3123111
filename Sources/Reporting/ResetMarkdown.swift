public import Results

/// `reset.md`: the claim, a table of the resets, and the first ones in full.
///
/// - Parameter audit: The audit.
/// - Returns: GitHub-flavoured Markdown.
public func resetMarkdown(_ audit: ResetAudit) -> String { ResetMarkdown(audit: audit).text }

struct ResetMarkdown {
  /// Rows of the table, and resets in full.
  static let listLimit = 100
  static let fullLimit = 6

  var audit: ResetAudit

  var text: String {
    let headline = ResetHeadline(audit: audit)
    var parts = ["# Resets: " + markdownCode(audit.trace.name)]
    parts.append("**" + markdownProse(headline.claim, limit: 1000) + "**")
    parts.append(markdownProse(headline.setting) + ".")
    if let caveat = headline.caveat { parts.append("**" + markdownProse(caveat) + "**") }
    if !headline.sentences.isEmpty {
      parts.append(headline.sentences.map { "- " + markdownProse($0) }.joined(separator: "\n"))
      parts += [table, Self.legend + clock]
      // Not ordered under some scenario; where all are, the first.
      let bad = audit.notOrdered.map { audit.resets[$0] }
      parts += (bad.isEmpty ? Array(audit.resets.prefix(Self.fullLimit)) : bad)
        .prefix(Self.fullLimit).map(full)
    }
    if !headline.openValues.isEmpty {
      parts += ["## What settles verdicts that hang on the host", list(headline.openValues)]
    }
    parts += ["## What is taken of the host", list(audit.host)]
    let notes =
      audit.trace.assumptions + audit.unrecognised
      + audit.otherSequences.map { "\($0.name): \($0.count)" }
    if !notes.isEmpty { parts += ["## What the capture is taken for", list(notes)] }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func list(_ items: [String]) -> String {
    items.prefix(30).map { "- " + markdownProse($0) }.joined(separator: "\n")
  }

  private static let legend = """
    `natural`: the mapping and PCIe alone keep the MMIO before the reset in order. `before`, \
    `after`: with the barriers, reads and unmaps of the capture, as far as it holds them. `host`: hangs on what is not known \
    of it. `?`: the capture does not tell. Steps that leave the recipe under one scenario only have \
    its name. All resets: `resets.csv`; all rows: `reset_rows.csv`.
    """

  /// What the times count from.
  private var clock: String {
    guard let first = audit.trace.firstTimeNs else { return "" }
    return " Times, `time_ns` too, count from the first record's stamp, \(grouped(first)) ns: add "
      + "it for `--from-time`, and for the stamps of `dump`."
  }

  private var table: String {
    let names = audit.scenarios.map { markdownProse($0) }.joined(separator: " \\| ")
    var table = MarkdownTable(
      titles: [
        "#>", "record>", "time>", "function", "kind", "method", "natural", "before: " + names,
        "after", "leaves the recipe",
      ])
    for reset in audit.resets.prefix(Self.listLimit) {
      table.add([
        String(reset.number), grouped(reset.record), timeText(clamped(reset.timeNs)),
        markdownCode(reset.function), markdownCode(reset.kind), markdownProse(reset.method),
        words(reset.verdicts.map(\.natural)), words(reset.verdicts.map(\.before)),
        words(reset.verdicts.map(\.after)), markdownProse(reset.labelledCodes),
      ])
    }
    let hidden = audit.resets.count - Self.listLimit
    return table.text + (hidden > 0 ? "\n\n\(hidden) more: see `resets.csv`." : "")
  }

  private func words(_ answers: [ResetVerdict.Answer]) -> String {
    answers.map(\.word).joined(separator: " \\| ")
  }

  // MARK: One in full

  private func full(_ reset: ResetEntry) -> String {
    var parts = [
      "## Reset \(reset.number): \(markdownCode(reset.kind)) of \(markdownCode(reset.function)), "
        + "record \(grouped(reset.record))"
    ]
    parts.append(
      "\(markdownProse(reset.method)), records \(grouped(reset.first)) to \(grouped(reset.last)); "
        + "\(markdownProse(reset.methodSource)). Steps: \(markdownProse(ResetSummary.steps(reset)))."
    )
    let items = reset.labelledDeviations.map { deviation, label in
      "`\(deviation.code)`\(markdownProse(label)): "
        + markdownProse(deviation.detail + "; " + deviation.risk)
    }
    if !items.isEmpty { parts.append(items.map { "- " + $0 }.joined(separator: "\n")) }
    if let hole = reset.holeWords { parts.append(markdownProse("MMIO before: ?, " + hole) + ".") }
    parts += ResetComparison.all(reset).map { access($0, reset) }
    if let upstream = reset.verdicts.first?.upstream {
      parts.append(
        "DMA and interrupts of before: \(upstream.answer.word), \(markdownCode(upstream.ruleWord)): "
          + markdownProse(upstream.reason) + ".")
    }
    return parts.joined(separator: "\n\n")
  }

  private func access(_ access: ResetComparison, _ reset: ResetEntry) -> String {
    var titles = ["segment"]
    for (index, one) in access.accesses.enumerated() {
      let type = one.map { " " + $0.type + ": " + $0.verdict.word } ?? ""
      titles += [markdownProse(reset.verdicts[index].scenario) + type, "by", "why"]
    }
    titles.append("explorer")
    var table = MarkdownTable(titles: titles)
    for place in 0..<access.rowCount {
      let rows = access.accesses.indices.map { access.row(place, $0) }
      guard let first = rows.compactMap({ $0 }).first else { continue }
      var cells = [first.segment]
      for row in rows {
        cells += [
          row?.answer.word ?? "", row.map { markdownCode($0.ruleWord) } ?? "",
          row.map { markdownProse($0.reason) } ?? "",
        ]
      }
      table.add(cells + [markdownProse(first.explorerWord)])
    }
    return "**" + markdownProse(access.title) + "**\n\n" + table.text
  }
}
