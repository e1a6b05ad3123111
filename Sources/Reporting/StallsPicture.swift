public import Results

/// `stalls.svg`: what the vCPUs' time went into, one bar of shares per region and scenario.
///
/// Of the saturated clock, or of the paced one where it alone was run.
public func stallsPicture(_ run: RunResult) -> String {
  StallsPicture(comparison: Comparison(run)).document
}

struct StallsPicture {
  var comparison: Comparison

  var document: String {
    let title = "What the vCPUs' time went into"
    var picture = SVGDocument()
    picture.text(title, "head", x: 160, y: 28)
    StackedBars(
      legend: shares.map { ($0.name, timeClass($0)) },
      sections: comparison.scenarios.indices.map(section)
    ).draw(on: &picture, y: 52)
    return picture.document(title: title, description: description, fills: timeFills)
  }

  private func parts(_ metrics: Metrics, in scenario: ScenarioResult) -> [TimePart] {
    let clock = Clock.main(of: scenario).metrics(metrics, in: scenario)
    return (clock?.timeParts ?? []).filter { $0.timePs > 0 }
  }

  /// Shares of any scenario, in `TimeShare` order.
  private var shares: [TimeShare] {
    let found = Set(comparison.scenarios.flatMap { parts($0.totals, in: $0).map(\.share) })
    return TimeShare.allCases.filter { found.contains($0) }
  }

  private func section(_ index: Int) -> StackedBars.Section {
    let scenario = comparison.scenarios[index]
    let name = fitted(scenario.name, width: 330, fontSize: 12)
    let isEmpty = parts(scenario.totals, in: scenario).isEmpty
    let clock = Clock.main(of: scenario).rawValue
    return comparison.section(
      index, title: name + (isEmpty ? ": no time was spent." : ", \(clock) clock"),
      parts: { metrics in
        parts(metrics, in: scenario).map {
          StackedBars.Part(kind: timeClass($0.share), name: $0.share.name, amount: $0.timePs)
        }
      },
      total: { timeText(UInt64(clamping: parts($0, in: scenario).sumPs)) })
  }

  private var description: String {
    comparison.scenarios.map { scenario in
      let parts = parts(scenario.totals, in: scenario)
      let shares = parts.compactMap { part in
        percent(part.timePs, of: parts.sumPs).map { "\(part.share.name) \($0)" }
      }
      let text = shares.isEmpty ? "no time was spent" : shares.joined(separator: ", ")
      return clipped(scenario.name, to: 60) + ": " + text + "."
    }.joined(separator: " ")
  }
}
