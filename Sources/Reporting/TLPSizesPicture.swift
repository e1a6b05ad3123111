public import Results

/// `tlp_sizes.svg`: memory writes by payload size, one bar per scenario, on one linear scale.
///
/// Lengths are TLPs, not shares, because fewer of them is the point.
public func tlpSizesPicture(_ run: RunResult) -> String {
  TLPSizesPicture(scenarios: run.scenarios).document
}

struct TLPSizesPicture {
  var scenarios: [ScenarioResult]

  private let left = 116
  /// Longest bar in pixels; its label still fits right of it.
  private let longest = 420
  private let barHeight = 14

  private var bins: [SizeBins.Bin] { SizeBins(scenarios.map(\.totals.mwrPayloadHistogram)).bins }

  var document: String {
    var picture = SVGDocument()
    picture.text("Memory writes by payload size", "head", x: 160, y: 28)
    var y = legend(&picture, y: 52)
    let bins = self.bins
    let most = bins.flatMap(\.tlps).max() ?? 0
    for bin in bins { y = group(bin, most: most, &picture, y: y) }
    if bins.isEmpty {
      let text = "No memory write leaves the root complex in this trace."
      picture.text(text, "ink", x: 160, y: y + 16)
    }
    return picture.document(title: "Memory writes by payload size", description: description)
  }

  /// Two scenarios are before and after; a single one has the second colour.
  private func kind(_ index: Int) -> String {
    scenarios.count > 1 && index == 0 ? "before" : "after"
  }

  private func legend(_ picture: inout SVGDocument, y: Int) -> Int {
    var y = y
    for (index, scenario) in scenarios.enumerated() {
      picture.rectangle(kind(index), x: 160, y: y - 10, width: 120, height: 12)
      let text = fitted(scenario.name, width: 240, fontSize: 12) + ": " + keyNumbers(scenario)
      picture.text(text, "ink", x: 340, y: y)
      y += 20
    }
    return y
  }

  private func keyNumbers(_ scenario: ScenarioResult) -> String {
    let totals = scenario.totals
    guard let mean = quotient(totals.payloadBytes, totals.mwr, places: 1) else {
      return "no memory write"
    }
    return "\(counted(totals.mwr, "write")), mean \(mean) B"
  }

  private func group(
    _ bin: SizeBins.Bin, most: UInt64, _ picture: inout SVGDocument, y: Int
  ) -> Int {
    let height = barHeight * scenarios.count
    picture.text(
      label(bin.sizes), "ink", x: (left - 10) * 10, y: y + height / 2 + 4, anchor: .end)
    for (index, scenario) in scenarios.enumerated() where bin.tlps[index] > 0 {
      let top = y + barHeight * index
      let length = UInt128(bin.tlps[index]) * UInt128(longest * 10) / UInt128(most)
      let width = max(10, Int(length))
      picture.rectangle(kind(index), x: left * 10, y: top, width: width, height: barHeight - 2)
      let share = percent(bin.tlps[index], of: scenario.totals.mwr) ?? ""
      picture.text(
        "\(compact(bin.tlps[index])) (\(share))", "quiet", x: left * 10 + width + 60, y: top + 10)
    }
    return y + height + 8
  }

  private func label(_ sizes: ClosedRange<Int>) -> String {
    sizes.count == 1 ? "\(sizes.lowerBound) B" : "\(sizes.lowerBound)–\(sizes.upperBound) B"
  }

  private var description: String {
    scenarios.map { scenario in
      let top = scenario.totals.mwrPayloadHistogram.max { $0.tlps < $1.tlps }
      let share = top.flatMap { percent($0.tlps, of: scenario.totals.mwr) }
      let most = top.map { ", most of them \($0.payloadBytes) B (\(share ?? ""))" } ?? ""
      return clipped(scenario.name, to: 60) + ": " + keyNumbers(scenario) + most + "."
    }.joined(separator: " ")
  }
}
