import Results
import TraceCore

/// Bars of shares, in sections with a title each, under one legend.
struct StackedBars {
  struct Part {
    /// Class of its fill.
    var kind: String
    var name: String
    var amount: UInt64
  }
  struct Bar {
    var name: String
    var parts: [Part]
    /// Right of the bar.
    var total: String
  }
  struct Section {
    var title: String
    var bars: [Bar]
    /// Bars that are not there.
    var rest: Int
  }

  private let left = 176
  private let length = 400
  private let barHeight = 18

  /// Names and fills, in this order.
  var legend: [(name: String, kind: String)]
  var sections: [Section]

  /// Draws the legend and the sections below one another.
  func draw(on picture: inout SVGDocument, y: Int) {
    var y = drawLegend(&picture, y: y)
    for section in sections { y = draw(section, &picture, y: y) }
  }

  private func drawLegend(_ picture: inout SVGDocument, y: Int) -> Int {
    guard !legend.isEmpty else { return y }
    var x = 16
    var y = y
    for entry in legend {
      let width = 18 + widestText(entry.name, fontSize: 12) + 14
      if x + width > SVGDocument.width - 16 {
        x = 16
        y += 20
      }
      picture.rectangle(entry.kind, x: x * 10, y: y - 10, width: 120, height: 12)
      picture.text(entry.name, "ink", x: (x + 18) * 10, y: y)
      x += width
    }
    return y + 24
  }

  private func draw(_ section: Section, _ picture: inout SVGDocument, y: Int) -> Int {
    picture.text(section.title, "ink", x: 160, y: y)
    guard !section.bars.isEmpty else { return y + 28 }
    var y = y + 10
    for bar in section.bars {
      draw(bar, &picture, y: y)
      y += barHeight + 6
    }
    if section.rest > 0 {
      let text = counted(UInt64(section.rest), "more region")
      picture.text(text, "quiet", x: left * 10, y: y + 10)
      y += barHeight
    }
    return y + 24
  }

  private func draw(_ bar: Bar, _ picture: inout SVGDocument, y: Int) {
    picture.text(
      fitted(bar.name, width: left - 26, fontSize: 12), "ink", x: (left - 10) * 10,
      y: y + 13, anchor: .end)
    let all = bar.parts.reduce(UInt128(0)) { $0 + UInt128($1.amount) }
    picture.rectangle("track", x: left * 10, y: y, width: length * 10, height: barHeight)
    var done: UInt128 = 0
    for part in bar.parts where part.amount > 0 {
      let end = done + UInt128(part.amount)
      segment(part, from: place(done, all), to: place(end, all), all, &picture, y: y)
      done = end
    }
    picture.text(bar.total, "quiet", x: (left + length + 8) * 10, y: y + 13)
  }

  /// Tenths of a pixel from the bar's start.
  private func place(_ part: UInt128, _ all: UInt128) -> Int {
    all == 0 ? 0 : Int(part * UInt128(length * 10) / all)
  }

  private func segment(
    _ part: Part, from start: Int, to end: Int, _ all: UInt128, _ picture: inout SVGDocument,
    y: Int
  ) {
    // One pixel stays free between segments where there is room for it.
    let gap = end - start > 30 ? 10 : 0
    let x = left * 10 + start
    picture.rectangle(
      part.kind, x: x, y: y, width: max(5, end - start - gap), height: barHeight)
    let share = percent(part.amount, of: all) ?? ""
    let room = (end - start) / 10 - 10
    let texts = [part.name + " " + share, share]
    guard let text = texts.first(where: { widestText($0, fontSize: 12) <= room }) else { return }
    picture.text(text, "inside", x: x + 50, y: y + 13)
  }
}

extension Comparison {
  /// Regions with a bar of their own in a picture, besides the whole trace.
  static let barLimit = 8

  /// The section of one scenario: a bar for the whole trace, and one for each of its largest
  /// regions.
  ///
  /// - Parameters:
  ///   - scenario: Index of the scenario.
  ///   - title: What stands above the bars.
  ///   - parts: What a bar is made of; a region without parts has none.
  ///   - total: What stands right of a bar.
  /// - Returns: No bars where the whole trace has no parts.
  func section(
    _ scenario: Int, title: String, parts: (Metrics) -> [StackedBars.Part],
    total: (Metrics) -> String
  ) -> StackedBars.Section {
    func bar(_ name: String, _ metrics: Metrics) -> StackedBars.Bar {
      StackedBars.Bar(name: name, parts: parts(metrics), total: total(metrics))
    }
    let totals = scenarios[scenario].totals
    guard !parts(totals).isEmpty else {
      return StackedBars.Section(title: title, bars: [], rest: 0)
    }
    let isBefore = scenario == 0 && before != nil
    let regions = rows.compactMap { isBefore ? $0.before : $0.after }
      .filter { !parts($0.metrics).isEmpty }
    let whole = regions.count != 1 || rows.count > 1 ? [bar("whole trace", totals)] : []
    return StackedBars.Section(
      title: title,
      bars: whole + regions.prefix(Self.barLimit).map { bar($0.region.name, $0.metrics) },
      rest: max(0, regions.count - Self.barLimit))
  }
}
