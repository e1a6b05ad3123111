public import Results

/// `link_use.svg`: how busy the link was over time, both directions, by scenario and clock.
public func linkUsePicture(_ run: RunResult) -> String {
  LinkUsePicture(scenarios: run.scenarios).document
}

struct LinkUsePicture {
  var scenarios: [ScenarioResult]

  private let left = 92
  private let length = 500
  private let panelHeight = 48

  var document: String {
    let title = "Link utilisation over time"
    var picture = SVGDocument()
    picture.text(title, "head", x: 160, y: 28)
    let note =
      "Down is to the device, up from it. Time axes are each pair's own, scales each clock's."
    picture.text(note, "quiet", x: 160, y: 48)
    var y = 74
    for scenario in scenarios { y = section(scenario, &picture, y: y) }
    return picture.document(title: title, description: description)
  }

  /// Clocks under which something was sent.
  ///
  /// A capture without time stamps is paced by nothing: there a second pair of panels would be the
  /// first one again.
  private func uses(_ scenario: ScenarioResult) -> [(clock: Clock, use: LinkUse)] {
    Clock.allCases.compactMap { clock in
      guard let use = clock.use(in: scenario), use.bins > 0 else { return nil }
      let isRepeated = clock == .paced && use == Clock.saturated.use(in: scenario)
      return isRepeated ? nil : (clock, use)
    }
  }

  /// What the full height of one clock's panels of one direction stands for, under every scenario:
  /// before and after can be compared by eye.
  private func scale(_ clock: Clock, _ busy: (LinkUse) -> [UInt64]) -> Scale {
    Scale(
      scenarios.compactMap { scenario in
        uses(scenario).first { $0.clock == clock }.map { (busy($0.use), $0.use.binPs) }
      })
  }

  private func section(
    _ scenario: ScenarioResult, _ picture: inout SVGDocument, y: Int
  ) -> Int {
    let name = fitted(scenario.name, width: 330, fontSize: 12)
    let uses = uses(scenario)
    guard !uses.isEmpty else {
      picture.text(name + ": nothing is sent.", "ink", x: 160, y: y)
      return y + 28
    }
    var y = y
    for (clock, use) in uses {
      let bins = "bins of \(LinkUseAxis.text(use.binPs))"
      picture.text("\(name), \(clock.rawValue) clock, \(bins)", "ink", x: 160, y: y)
      panel("down", use.downPs, use, scale(clock, \.downPs), &picture, y: y + 12)
      panel("up", use.upPs, use, scale(clock, \.upPs), &picture, y: y + 24 + panelHeight)
      y += 24 + 2 * panelHeight
      axis(use, &picture, y: y)
      y += 48
    }
    return y
  }

  private func panel(
    _ direction: String, _ busy: [UInt64], _ use: LinkUse, _ scale: Scale,
    _ picture: inout SVGDocument, y: Int
  ) {
    picture.text(direction, "ink", x: 160, y: y + panelHeight / 2 + 4)
    for (text, height) in [(scale.text, 10), ("0 %", panelHeight)] {
      picture.text(text, "quiet", x: (left - 6) * 10, y: y + height, anchor: .end)
    }
    picture.rectangle("track", x: left * 10, y: y, width: length * 10, height: panelHeight)
    picture.area("after", steps: steps(busy, use, scale), x: left * 10, bottom: y + panelHeight)
    let level = Level(busy, use)
    let x = (left + length + 8) * 10
    picture.text("mean " + level.mean, "quiet", x: x, y: y + panelHeight / 2 - 4)
    picture.text("peak " + level.peak, "quiet", x: x, y: y + panelHeight / 2 + 12)
  }

  /// Right edge of each bin and its height, in tenths of a pixel; what is not idle is visible.
  private func steps(
    _ busy: [UInt64], _ use: LinkUse, _ scale: Scale
  ) -> [(right: Int, height: Int)] {
    busy.enumerated().map { bin, busy in
      let share = UInt128(min(busy, use.binPs)) * UInt128(panelHeight * 10) * 1000
      let height = Int(share / (UInt128(use.binPs) * UInt128(scale.perMille)))
      return (length * 10 * (bin + 1) / use.bins, busy > 0 ? max(7, height) : 0)
    }
  }

  private func axis(_ use: LinkUse, _ picture: inout SVGDocument, y: Int) {
    let span = use.startPs(use.bins)
    for tick in LinkUseAxis.ticks(spanPs: span) {
      let place = Int(UInt128(tick) * UInt128(length * 10) / UInt128(span))
      picture.rectangle("quiet", x: left * 10 + place, y: y, width: 10, height: 5)
      picture.text(
        LinkUseAxis.text(tick), "quiet", x: left * 10 + place, y: y + 18, anchor: .middle)
    }
  }

  private var description: String {
    scenarios.map { scenario in
      let texts = uses(scenario).map { clock, use in
        let levels = [("down", use.downPs), ("up", use.upPs)].map { direction, busy in
          let level = Level(busy, use)
          return "\(direction) mean \(level.mean), peak \(level.peak)"
        }
        return "\(clock.rawValue) clock " + levels.joined(separator: ", ")
      }
      let text = texts.isEmpty ? "nothing is sent" : texts.joined(separator: "; ")
      return clipped(scenario.name, to: 60) + ": " + text + "."
    }.joined(separator: " ")
  }
}

/// What a panel's full height stands for: the least of a few round shares that all peaks fit in.
private struct Scale {
  var perMille: UInt64

  /// - Parameter panels: Time of each bin in ps, and the width of a bin.
  init(_ panels: [(busy: [UInt64], binPs: UInt64)]) {
    let steps: [UInt64] = [1, 2, 5, 10, 20, 50, 100, 200, 500]
    let peaks = panels.map { (peak: UInt128($0.busy.max() ?? 0) * 1000, bin: UInt128($0.binPs)) }
    perMille =
      steps.first { step in peaks.allSatisfy { $0.peak <= $0.bin * UInt128(step) } } ?? 1000
    // A direction that carries nothing is not magnified.
    if peaks.allSatisfy({ $0.peak == 0 }) { perMille = 1000 }
  }

  var text: String { perMille < 10 ? "0.\(perMille) %" : "\(perMille / 10) %" }
}

/// Mean and busiest bin of one direction, as percentages.
private struct Level {
  var mean: String
  var peak: String

  init(_ busy: [UInt64], _ use: LinkUse) {
    let sum = UInt64(clamping: busy.reduce(UInt128(0)) { $0 + UInt128($1) })
    mean = percent(sum, of: use.startPs(use.bins)) ?? ""
    peak = percent(busy.max() ?? 0, of: use.binPs) ?? ""
  }
}

/// Places and labels along an axis of time.
enum LinkUseAxis {
  /// Multiples of 1, 2 or 5 times a power of ten from 0 up to the span; at most 7.
  static func ticks(spanPs: UInt64) -> [UInt64] {
    var power: UInt64 = 1
    while true {
      for factor: UInt64 in [1, 2, 5] {
        let (step, overflow) = power.multipliedReportingOverflow(by: factor)
        guard !overflow else { return [0] }
        if spanPs / step <= 6 { return (0...(spanPs / step)).map { $0 * step } }
      }
      let (next, overflow) = power.multipliedReportingOverflow(by: 10)
      guard !overflow else { return [0] }
      power = next
    }
  }

  /// `1.2 µs`: ``timeText(_:)`` without the zeros that say nothing.
  static func text(_ picoseconds: UInt64) -> String {
    guard picoseconds > 0 else { return "0" }
    var parts = timeText(picoseconds).split(separator: " ").map(String.init)
    guard parts.count == 2, parts[0].contains(".") else { return timeText(picoseconds) }
    while parts[0].hasSuffix("0") { parts[0].removeLast() }
    if parts[0].hasSuffix(".") { parts[0].removeLast() }
    return parts.joined(separator: " ")
  }
}
