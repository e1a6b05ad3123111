import Results

/// A quantity that a sweep's tables and pictures show of each point, over the whole trace.
struct SweepFigure {
  var title: String
  /// nil where it is not known, or a quotient of nothing.
  var value: (SweepResult.Point) -> Ratio?
  /// The value in few characters; ``title`` has the unit.
  var text: (Ratio) -> String
}

extension SweepResult {
  /// Two mappings side by side.
  var isCompared: Bool { scenarios.count == 2 }
  /// Those of the first point: names and options, which all points share.
  var scenarios: [ScenarioResult] { points[0].scenarios }
  /// The clock that speeds are taken from.
  var clock: Clock { scenarios.last?.clocks == "paced" ? .paced : .saturated }
  /// Axes with more than one value.
  var swept: [Int] { axes.indices.filter { axes[$0].values.count > 1 } }

  /// What is shown of a point, the more important first.
  var figures: [SweepFigure] {
    let clock = clock
    func goodput(_ scenario: ScenarioResult?) -> UInt64? {
      scenario.flatMap { clock.metrics($0.totals, in: $0)?.goodputBytesPerSecond }
    }
    guard isCompared else {
      return [
        SweepFigure(title: "Goodput in GB/s, \(clock.rawValue) clock") {
          Ratio(goodput($0.scenarios.last), of: 1)
        } text: {
          quotient($0.numerator, 1_000_000_000, places: 3) ?? ""
        },
        SweepFigure(title: "Memory writes (TLPs)") {
          Ratio($0.scenarios.last?.totals.mwr, of: 1)
        } text: {
          compact($0.numerator)
        },
      ]
    }
    return [
      SweepFigure(title: "Speed-up, \(clock.rawValue) clock") {
        Ratio(goodput($0.scenarios.last), of: goodput($0.scenarios.first))
      } text: {
        $0.text
      },
      SweepFigure(title: "Fewer TLPs") {
        Ratio($0.scenarios.first?.totals.mwr, of: $0.scenarios.last?.totals.mwr)
      } text: {
        $0.text
      },
    ]
  }

  /// Where a figure is least and where it is greatest; of equal ones the first point.
  ///
  /// - Parameter figure: Any figure.
  /// - Returns: Values and points; nil where no point has the figure.
  func extremes(_ figure: SweepFigure) -> (low: (Ratio, Point), high: (Ratio, Point))? {
    let known = points.compactMap { point in figure.value(point).map { ($0, point) } }
    guard var low = known.first, var high = known.first else { return nil }
    for entry in known {
      if entry.0 < low.0 { low = entry }
      if entry.0 > high.0 { high = entry }
    }
    return (low, high)
  }

  /// `cpu.buffers=4 link=gen4x8`: the values that are not the same everywhere.
  func place(_ point: Point) -> String {
    swept.map { axes[$0].name + "=" + axes[$0].values[point.places[$0]] }.joined(separator: " ")
  }

  /// `Speed-up, saturated clock: 2.8x (at …) to 20.6x (at …)`.
  ///
  /// - Parameters:
  ///   - figure: Any figure.
  ///   - name: Writes a place.
  /// - Returns: One sentence without its full stop.
  func sentence(_ figure: SweepFigure, name: (String) -> String) -> String {
    guard let (low, high) = extremes(figure) else { return figure.title + ": unknown" }
    let (least, most) = (figure.text(low.0), figure.text(high.0))
    guard least != most else { return "\(figure.title): \(least) at every point" }
    return "\(figure.title): \(least) (at \(name(place(low.1)))) to \(most)"
      + " (at \(name(place(high.1))))"
  }

  /// Swept settings of which no value makes a difference to any count or time.
  var idleAxes: [String] {
    var stride = points.count
    var idle: [String] = []
    for axis in axes {
      stride /= axis.values.count
      guard axis.values.count > 1 else { continue }
      let position = axes.firstIndex(of: axis) ?? 0
      let isIdle = points.indices.allSatisfy { index in
        let first = index - points[index].places[position] * stride
        return Self.isSame(points[index], points[first])
      }
      if isIdle { idle.append(axis.name) }
    }
    return idle
  }

  private static func isSame(_ first: Point, _ second: Point) -> Bool {
    zip(first.scenarios, second.scenarios).allSatisfy { a, b in
      a.totals == b.totals && a.regions == b.regions
    }
  }

  /// Assumed values that any point hangs on, sorted by key, each with every value that it has.
  var assumed: [(setting: Setting, values: [String])] {
    var rows: [String: (setting: Setting, values: [String])] = [:]
    for point in points {
      for setting in point.scenarios.last?.settings ?? [] where setting.status == .assumed {
        let text = setting.value.shownText
        rows[setting.key, default: (setting, [])].values.addIfNew(text)
      }
    }
    return rows.values.sorted { $0.setting.key < $1.setting.key }
  }
}

extension [String] {
  fileprivate mutating func addIfNew(_ text: String) {
    if !contains(text) { append(text) }
  }
}

/// The points as rows of a table.
struct SweepTable {
  var sweep: SweepResult

  /// Titles, and which columns are of numbers.
  var columns: [(title: String, right: Bool)] {
    let swept = sweep.swept.map { (sweep.axes[$0].name, false) }
    let figures =
      sweep.isCompared
      ? ["Speed", "Fewer TLPs", "Goodput before", "Goodput after", "TLPs before", "TLPs after"]
      : ["Goodput", "TLPs", "Mean payload", "Wire efficiency"]
    return swept + figures.map { ($0, true) }
  }

  /// A cell a column; empty where there is nothing to tell.
  func cells(_ point: SweepResult.Point) -> [String] {
    let values = sweep.swept.map { sweep.axes[$0].values[point.places[$0]] }
    // One unit for what is to be compared.
    let goodputs = rateTexts(
      point.scenarios.map { scenario in
        sweep.clock.metrics(scenario.totals, in: scenario)?.goodputBytesPerSecond
      }
    ).map { $0 ?? "" }
    guard sweep.isCompared else {
      let totals = point.scenarios[0].totals
      return values + [
        goodputs[0], grouped(totals.mwr),
        quotient(totals.payloadBytes, totals.mwr, places: 1).map { $0 + " B" } ?? "",
        percent(totals.payloadBytes, of: totals.mwrWireBytes) ?? "",
      ]
    }
    let figures = sweep.figures.map { $0.value(point)?.text ?? "" }
    return values + figures + goodputs + point.scenarios.map { compact($0.totals.mwr) }
  }
}
