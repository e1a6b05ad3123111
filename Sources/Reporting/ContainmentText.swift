public import Results

/// A containment result for the terminal.
public struct ContainmentText {
  private let result: ContainmentResult
  private let color: Bool
  private let steps: Bool
  private let width: Int

  /// - Parameters:
  ///   - result: What to show.
  ///   - width: Characters of a line of prose.
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
    lines += matrix.lines(color: color)
    if !result.tallies.isEmpty { lines += [""] + tallies.lines(color: color) }
    for verdict in result.verdicts { lines += [""] + self.lines(of: verdict) }
    if !result.blast.isEmpty {
      lines += ["", "Stores that one failing write takes with it:"]
      lines += result.blastSentences.flatMap { entry($0) }
    }
    if !result.notes.isEmpty { lines += [""] + result.notes.flatMap { wrapped($0, width: width) } }
    if steps { lines += chains }
    return lines
  }

  private var matrix: TextTable {
    var table = TextTable([
      .init(title: "platform"), .init(title: "where"), .init(title: "access"),
      .init(title: "faults"), .init(title: "accesses", right: true),
      .init(title: result.before), .init(title: result.after), .init(title: "type matters"),
    ])
    for group in result.groups {
      let row = group.row
      table.add([
        .init(text: row.platform), .init(text: clipped(printable(row.place), to: 24)),
        .init(text: row.access), .init(text: ContainmentResult.words(group.faults)),
        .init(text: row.accesses.map(grouped) ?? "-"), cell(row.before), cell(row.after),
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
    var columns: [TextTable.Column] = [
      .init(title: "accesses, worst outcome"), .init(title: "faults"),
    ]
    for name in [result.before, result.after] {
      columns += ContainmentOutcome.allCases.map {
        .init(title: "\(name): \($0.name)", right: true)
      }
    }
    var table = TextTable(columns)
    for tally in result.tallies {
      let counts = [tally.before, tally.after].flatMap { counts in
        ContainmentOutcome.allCases.map(counts.text)
      }
      table.add(
        ([tally.platform, ContainmentResult.words(tally.faults)] + counts).map { .init(text: $0) })
    }
    return table
  }

  private func lines(of verdict: ContainmentVerdict) -> [String] {
    var lines = [Style.strong.applied(to: "\(verdict.platform): \(verdict.summary)", color: color)]
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
