public import Results

/// A containment result for the terminal.
public struct ContainmentText {
  private let result: ContainmentResult
  private let color: Bool
  private let steps: Bool
  private let width: Int

  /// - Parameters:
  ///   - result: What to show.
  ///   - width: Characters of a line.
  ///   - color: Whether to use ANSI escape codes.
  ///   - steps: Show the steps of every chain.
  public init(_ result: ContainmentResult, width: Int, color: Bool, steps: Bool) {
    self.result = result
    self.color = color
    self.steps = steps
    self.width = max(60, width)
  }

  /// Lines without their ends.
  public var lines: [String] {
    var lines: [String] = []
    if let trace = result.trace {
      lines.append(
        "\(printable(trace.name)): \(counted(trace.records, "record")), \(result.before) ->"
          + " \(result.after)")
    }
    lines += result.failedSentences
    if !lines.isEmpty { lines.append("") }
    if result.rows.isEmpty { lines.append(ContainmentResult.nothing) }
    for verdict in result.verdicts { lines += self.lines(of: verdict) + [""] }
    lines += matrixLines
    if !result.tallies.isEmpty {
      lines += [""] + tallies.blocks(color: color, within: tableWidth).joined()
      lines += result.tallyLegend.map { wrapped($0, width: width) } ?? []
    }
    if !result.blast.isEmpty {
      lines += ["", "Stores that one failing write takes with it:"]
      lines += result.blastSentences.flatMap { entry($0) }
    }
    if !result.notes.isEmpty { lines += [""] + result.notes.flatMap { wrapped($0, width: width) } }
    if steps { lines += chains }
    return lines
  }

  /// Words of a table take more lines where the terminal has few columns, and no more columns than
  /// are easily read where nothing limits them.
  private var tableWidth: Int { width < unlimitedWidth ? width : 100 }

  /// The matrix, each platform under its name.
  private var matrixLines: [String] {
    guard !result.rows.isEmpty else { return [] }
    let groups = result.groups
    let blocks = matrix(groups).blocks(color: color, within: tableWidth)
    var lines = blocks[0]
    for (index, block) in blocks.dropFirst().enumerated() {
      let platform = groups[index].row.platform
      if index == 0 || groups[index - 1].row.platform != platform {
        lines.append(Style.strong.applied(to: platform + ":", color: color))
      }
      lines += block
    }
    return lines
  }

  private func matrix(_ groups: [ContainmentGroup]) -> TextTable {
    let isCounted = groups.contains { $0.row.accesses != nil }
    var table = TextTable(
      [
        .init(title: "where", wraps: true), .init(title: "access"),
        .init(title: "faults", wraps: true),
      ] + (isCounted ? [.init(title: "accesses", right: true)] : []) + [
        .init(title: result.before, wraps: true), .init(title: result.after, wraps: true),
        .init(title: "type matters", wraps: true),
      ])
    for group in groups {
      let row = group.row
      let count = TextTable.Cell(text: row.accesses.map(grouped) ?? "-")
      table.add(
        [
          .init(text: clipped(printable(row.place), to: 100)), .init(text: row.access),
          .init(text: ContainmentResult.words(group.faults)),
        ] + (isCounted ? [count] : []) + [
          cell(row.before), cell(row.after),
          .init(text: row.part.rawValue, style: row.part == .none ? .plain : .doubtful),
        ])
    }
    return table
  }

  /// The memory type is named where the column's head, a policy, does not say it.
  private func cell(_ cell: ContainmentCell) -> TextTable.Cell {
    let style: Style =
      switch cell.ownOutcomes.last {
      case nil: .dim
      case .contained: .good
      case .deviceLost: .doubtful
      case .hostDown: .bad
      }
    let type = result.trace == nil ? "" : cell.memoryType + ": "
    return TextTable.Cell(text: type + cell.text, style: style)
  }

  private var tallies: TextTable {
    var table = TextTable(
      [
        .init(title: "accesses, worst outcome", wraps: true), .init(title: "faults", wraps: true),
        .init(title: "mapping", wraps: true),
      ] + ContainmentOutcome.allCases.map { .init(title: $0.name, right: true) })
    for tally in result.tallies {
      let head = [tally.platform, ContainmentResult.words(tally.faults)]
      let mappings =
        tally.before == tally.after
        ? [("both", tally.after)] : [(result.before, tally.before), (result.after, tally.after)]
      for (name, counts) in mappings {
        let cells = head + [name] + ContainmentOutcome.allCases.map(counts.text)
        table.add(cells.map { .init(text: $0) })
      }
    }
    return table
  }

  private func lines(of verdict: ContainmentVerdict) -> [String] {
    var lines = wrapped("\(verdict.platform): \(verdict.summary)", width: width).map {
      Style.strong.applied(to: $0, color: color)
    }
    for reason in verdict.reasons { lines += entry(reason) }
    if !verdict.hangsOn.isEmpty {
      lines += entry("Outcomes hang on assumed values: " + verdict.hangsOn.joined(separator: ", "))
    }
    return lines
  }

  private func entry(_ text: String) -> [String] {
    wrapped(text, width: width - 2).map { "  " + $0 }
  }

  private var chains: [String] {
    var lines: [String] = []
    for row in result.rows {
      for cell in row.before.memoryType == row.after.memoryType
        ? [row.after] : [row.before, row.after]
      {
        for chain in cell.chains {
          lines += [
            "",
            "\(row.platform), \(printable(row.place)), \(row.fault) \(row.access), \(cell.memoryType):"
              + " \(chain.outcome.name)",
          ]
          for step in chain.steps {
            lines += entry("\(step.rule): \(step.text) [\(step.source)]")
          }
        }
      }
    }
    return lines
  }
}
