public import Results
import TraceCore

/// `flush_causes.svg`: why lines left the CPU, one bar of shares per region and scenario.
public func flushCausesPicture(_ run: RunResult) -> String {
  FlushCausesPicture(comparison: Comparison(run)).document
}

struct FlushCausesPicture {
  var comparison: Comparison

  /// Regions with a bar of their own, besides the whole trace.
  static let regionLimit = 8

  private let left = 176
  private let length = 400
  private let barHeight = 18

  var document: String {
    var picture = SVGDocument()
    picture.text("Why gathered lines left the CPU", "head", x: 160, y: 28)
    var y = legend(&picture, y: 52)
    for (index, scenario) in comparison.scenarios.enumerated() {
      y = section(scenario, index, &picture, y: y)
    }
    return picture.document(
      title: "Why gathered lines left the CPU", description: description)
  }

  /// Causes of any scenario, in `FlushCause` order.
  private var causes: [FlushCause] {
    let found = Set(comparison.scenarios.flatMap { $0.totals.flushCauses.map(\.cause) })
    return FlushCause.allCases.filter { found.contains($0) }
  }

  private func legend(_ picture: inout SVGDocument, y: Int) -> Int {
    guard !causes.isEmpty else { return y }
    var x = 16
    var y = y
    for cause in causes {
      let width = 18 + widestText(cause.name, fontSize: 12) + 14
      if x + width > SVGDocument.width - 16 {
        x = 16
        y += 20
      }
      picture.rectangle(causeClass(cause), x: x * 10, y: y - 10, width: 120, height: 12)
      picture.text(cause.name, "ink", x: (x + 18) * 10, y: y)
      x += width
    }
    return y + 24
  }

  private func section(
    _ scenario: ScenarioResult, _ index: Int, _ picture: inout SVGDocument, y: Int
  ) -> Int {
    let name = fitted(scenario.name, width: 330, fontSize: 12)
    guard !scenario.totals.flushCauses.isEmpty else {
      let reason =
        scenario.totals.mwr > 0 ? "nothing gathers, every store leaves alone." : "no store leaves."
      picture.text(name + ": " + reason, "ink", x: 160, y: y)
      return y + 28
    }
    picture.text(name, "ink", x: 160, y: y)
    var y = y + 10
    let regions = rows(index)
    if regions.count != 1 || comparison.rows.count > 1 {
      bar("whole trace", scenario.totals.flushCauses, &picture, y: y)
      y += barHeight + 6
    }
    for result in regions.prefix(Self.regionLimit) {
      bar(result.region.name, result.metrics.flushCauses, &picture, y: y)
      y += barHeight + 6
    }
    let rest = regions.count - Self.regionLimit
    if rest > 0 {
      picture.text(counted(UInt64(rest), "more region"), "quiet", x: left * 10, y: y + 10)
      y += barHeight
    }
    return y + 24
  }

  /// The regions of a scenario in which lines left, largest first.
  private func rows(_ scenario: Int) -> [RegionResult] {
    let isBefore = scenario == 0 && comparison.before != nil
    return comparison.rows.compactMap { isBefore ? $0.before : $0.after }
      .filter { !$0.metrics.flushCauses.isEmpty }
  }

  private func bar(
    _ name: String, _ causes: [CauseCount], _ picture: inout SVGDocument, y: Int
  ) {
    picture.text(
      fitted(name, width: left - 26, fontSize: 12), "ink", x: (left - 10) * 10,
      y: y + 13, anchor: .end)
    let all = causes.reduce(0) { $0 + $1.flushes }
    picture.rectangle("track", x: left * 10, y: y, width: length * 10, height: barHeight)
    var done: UInt64 = 0
    for row in causes where row.flushes > 0 {
      segment(row, from: place(done, all), to: place(done + row.flushes, all), all, &picture, y: y)
      done += row.flushes
    }
    picture.text(
      compact(all) + (all == 1 ? " line" : " lines"), "quiet", x: (left + length + 8) * 10,
      y: y + 13)
  }

  /// Tenths of a pixel from the bar's start.
  private func place(_ part: UInt64, _ all: UInt64) -> Int {
    all == 0 ? 0 : Int(UInt128(part) * UInt128(length * 10) / UInt128(all))
  }

  private func segment(
    _ row: CauseCount, from start: Int, to end: Int, _ all: UInt64, _ picture: inout SVGDocument,
    y: Int
  ) {
    // One pixel stays free between segments where there is room for it.
    let gap = end - start > 30 ? 10 : 0
    let x = left * 10 + start
    picture.rectangle(
      causeClass(row.cause), x: x, y: y, width: max(5, end - start - gap), height: barHeight)
    let share = percent(row.flushes, of: all) ?? ""
    let room = (end - start) / 10 - 10
    let texts = [row.cause.name + " " + share, share]
    guard let text = texts.first(where: { widestText($0, fontSize: 12) <= room }) else { return }
    picture.text(text, "inside", x: x + 50, y: y + 13)
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
