public import Results
import TraceCore

/// `flush_causes.svg`: why lines left the CPU, one bar of shares per region and scenario.
public func flushCausesPicture(_ run: RunResult) -> String {
  FlushCausesPicture(comparison: Comparison(run)).document
}

struct FlushCausesPicture {
  var comparison: Comparison

  var document: String {
    var picture = SVGDocument()
    picture.text("Why gathered lines left the CPU", "head", x: 160, y: 28)
    StackedBars(
      legend: causes.map { ($0.name, causeClass($0)) },
      sections: comparison.scenarios.indices.map(section)
    ).draw(on: &picture, y: 52)
    return picture.document(
      title: "Why gathered lines left the CPU", description: description)
  }

  /// Causes of any scenario, in `FlushCause` order.
  private var causes: [FlushCause] {
    let found = Set(comparison.scenarios.flatMap { $0.totals.flushCauses.map(\.cause) })
    return FlushCause.allCases.filter { found.contains($0) }
  }

  private func section(_ index: Int) -> StackedBars.Section {
    let scenario = comparison.scenarios[index]
    var title = fitted(scenario.name, width: 330, fontSize: 12)
    if scenario.totals.flushCauses.isEmpty {
      title +=
        scenario.totals.mwr > 0
        ? ": nothing gathers, every store leaves alone." : ": no store leaves."
    }
    return comparison.section(
      index, title: title,
      parts: { metrics in
        metrics.flushCauses.map {
          StackedBars.Part(kind: causeClass($0.cause), name: $0.cause.name, amount: $0.flushes)
        }
      },
      total: { metrics in
        let all = metrics.flushCauses.reduce(0) { $0 + $1.flushes }
        return compact(all) + (all == 1 ? " line" : " lines")
      })
  }

  private var description: String {
    comparison.scenarios.map { scenario in
      let causes = scenario.totals.flushCauses
      let all = causes.reduce(0) { $0 + $1.flushes }
      let shares = causes.compactMap { row in
        percent(row.flushes, of: all).map { "\(row.cause.name) \($0)" }
      }
      let text = shares.isEmpty ? "nothing gathers" : shares.joined(separator: ", ")
      return clipped(scenario.name, to: 60) + ": " + text + "."
    }.joined(separator: " ")
  }
}
