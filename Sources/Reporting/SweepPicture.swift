public import Results

/// `sweep.svg`: a heat map of the grid for each figure, equal steps of colour for equal factors.
///
/// The last setting that has several values runs across, the others down; a single one runs down.
///
/// - Parameter sweep: Any sweep.
/// - Returns: SVG; values beyond ``SweepPicture/columnLimit`` and ``SweepPicture/rowLimit`` are
///   counted and left to the CSV.
public func sweepPicture(_ sweep: SweepResult) -> String { SweepPicture(sweep: sweep).document }

struct SweepPicture {
  static let columnLimit = 64
  static let rowLimit = 60
  /// Colours, from the least value to the greatest.
  static let shades = 8

  var sweep: SweepResult

  /// Where the cells begin: as far right as the rows' names need, up to `widestLeft`.
  private var left: Int
  private static let leastLeft = 196
  private static let widestLeft = 348
  private var room: Int { 704 - left }
  private let cellHeight = 20

  init(sweep: SweepResult) {
    self.sweep = sweep
    left = Self.leastLeft
    let widest = (0..<shownRows).reduce(0) { max($0, widestText(rowName($1), fontSize: 12)) }
    left = min(max(Self.leastLeft, widest + Self.nameMargin), Self.widestLeft)
  }

  /// Beside a row's name, left and right.
  private static let nameMargin = 26

  /// The axis that runs across; nil where there is one column.
  private var across: Int? { sweep.swept.count > 1 ? sweep.swept.last : nil }
  private var down: [Int] { across == nil ? sweep.swept : sweep.swept.dropLast() }
  private var columns: Int { across.map { sweep.axes[$0].values.count } ?? 1 }
  private var rows: Int { sweep.points.count / columns }
  private var shownColumns: Int { min(columns, Self.columnLimit) }
  private var shownRows: Int { min(rows, Self.rowLimit) }
  /// Width of a cell in tenths of a pixel: what its column's name needs, as far as there is room.
  private var cellWidth: Int {
    let names = across.map { sweep.axes[$0].values.prefix(shownColumns) } ?? []
    let widest = names.reduce(64) { max($0, min(160, widestText($1, fontSize: 12))) }
    return min(widest * 10 + 80, room * 10 / shownColumns)
  }

  var document: String {
    var picture = SVGDocument()
    let title = fitted("Sweep of " + sweep.trace.name, width: 688, fontSize: 16)
    picture.text(title, "head", x: 160, y: 28)
    var y = 52
    let names = sweep.scenarios.map(\.name).joined(separator: " against ")
    for line in [names, axesLine] where !line.isEmpty {
      picture.text(fitted(line, width: 688, fontSize: 12, isProse: true), "quiet", x: 160, y: y)
      y += 18
    }
    for figure in sweep.figures { y = panel(figure, &picture, y: y + 16) }
    let cut = [(shownRows, rows, "rows"), (shownColumns, columns, "columns")]
      .filter { $0.0 < $0.1 }.map { "\($0.0) of \($0.1) \($0.2)" }
    if !cut.isEmpty {
      let text = "The first \(listed(cut)); all are in the CSV."
      picture.text(text, "quiet", x: 160, y: y + 8)
    }
    let description = sweep.figures.map { sweep.sentence($0) { $0 } + "." }.joined(separator: " ")
    return picture.document(
      title: "Sweep of " + clipped(sweep.trace.name, to: 60), description: description,
      fills: heatFills)
  }

  private var axesLine: String {
    let names = [
      ("across: ", across.map { [$0] } ?? []), ("down: ", down),
    ].filter { !$0.1.isEmpty }
    return names.map { $0 + $1.map { sweep.axes[$0].name }.joined(separator: ", ") }
      .joined(separator: "; ")
  }

  /// Values of the axes that run down.
  private func rowName(_ row: Int) -> String {
    let point = sweep.points[row * columns]
    return down.map { sweep.axes[$0].values[point.places[$0]] }
      .joined(separator: ", ")
  }

  // MARK: One figure

  private func panel(_ figure: SweepFigure, _ picture: inout SVGDocument, y: Int) -> Int {
    guard let (low, high) = sweep.extremes(figure), figure.text(low.0) != figure.text(high.0)
    else {
      let text = sweep.sentence(figure) { $0 } + "."
      picture.text(fitted(text, width: 688, fontSize: 12, isProse: true), "ink", x: 160, y: y)
      return y + 20
    }
    picture.text(figure.title, "ink", x: 160, y: y)
    let scale = SweepScale(low: low.0, high: high.0)
    var y = y + 20
    y = legend(figure, scale, &picture, y: y)
    y = columnNames(&picture, y: y)
    for row in 0..<shownRows {
      picture.text(
        fitted(rowName(row), width: left - Self.nameMargin, fontSize: 12), "ink",
        x: (left - 8) * 10, y: y + 14,
        anchor: .end)
      for column in 0..<shownColumns {
        cell(figure, scale, row, column, &picture, y: y)
      }
      y += cellHeight
    }
    return y + 16
  }

  private func legend(
    _ figure: SweepFigure, _ scale: SweepScale, _ picture: inout SVGDocument, y: Int
  ) -> Int {
    let (least, most) = (figure.text(scale.low), figure.text(scale.high))
    var x = 16
    picture.text(least, "quiet", x: x * 10, y: y)
    x += widestText(least, fontSize: 12) + 6
    for shade in 0..<Self.shades {
      picture.rectangle("heat-\(shade)", x: x * 10, y: y - 10, width: 160, height: 12)
      x += 16
    }
    picture.text(most, "quiet", x: (x + 6) * 10, y: y)
    return y + 18
  }

  private func columnNames(_ picture: inout SVGDocument, y: Int) -> Int {
    guard let across else { return y }
    var free = 0
    for column in 0..<shownColumns {
      let width = max(cellWidth / 10 - 4, min(160, cellWidth * shownColumns / 10))
      let name = fitted(sweep.axes[across].values[column], width: width, fontSize: 12)
      // Names that are wider than their column leave out those that they would run into.
      let start = left + column * cellWidth / 10
      let end = start + widestText(name, fontSize: 12)
      guard start >= free, end <= SVGDocument.width - 8 else { continue }
      picture.text(name, "ink", x: start * 10, y: y + 12)
      free = end + 6
    }
    return y + 18
  }

  private func cell(
    _ figure: SweepFigure, _ scale: SweepScale, _ row: Int, _ column: Int,
    _ picture: inout SVGDocument, y: Int
  ) {
    let x = left * 10 + column * cellWidth
    // One pixel stays free between cells where there is room for it.
    let gap = cellWidth > 60 ? 10 : 0
    let value = figure.value(sweep.points[row * columns + column])
    let shade = value.map { scale.shade($0, of: Self.shades) }
    picture.rectangle(
      shade.map { "heat-\($0)" } ?? "track", x: x, y: y, width: cellWidth - gap,
      height: cellHeight - 1)
    let text = value.map(figure.text) ?? "–"
    guard widestText(text, fontSize: 12) <= cellWidth / 10 - 4 else { return }
    let kind = shade.map { $0 < Self.shades / 2 ? "heat-ink" : "inside" } ?? "quiet"
    picture.text(text, kind, x: x + (cellWidth - gap) / 2, y: y + 14, anchor: .middle)
  }
}

/// A light to dark ramp of one hue; dark text is legible on the first half, white on the second,
/// on a light page and on a dark one.
private let heatFills =
  [
    "#deebf7", "#c6dbef", "#9ecae1", "#7fbadc", "#2e7ab8", "#2166a5", "#08519c", "#08306b",
  ].enumerated().map { "\n.heat-\($0) { fill: \($1); }" }.joined()
  + "\n.heat-ink { fill: #1f2328; }"
