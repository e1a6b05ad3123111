public import Results

/// A sweep on a screen: what was run, how far the figures lie apart, one line per point.
///
/// - Parameters:
///   - sweep: Any sweep.
///   - width: Characters of a line; less than 40 is taken as 40.
///   - color: Whether ANSI escape codes may be used.
/// - Returns: Lines that each end in a line feed; points beyond ``sweepLineLimit`` are counted.
public func sweepText(_ sweep: SweepResult, width: Int, color: Bool) -> String {
  SweepText(sweep: sweep, width: max(40, width), color: color).lines.map { $0 + "\n" }.joined()
}

/// Points that ``sweepText(_:width:color:)`` shows at most.
public let sweepLineLimit = 40

struct SweepText {
  var sweep: SweepResult
  var width: Int
  var color: Bool

  var lines: [String] {
    let trace = sweep.trace
    let lost = trace.lost > 0 ? ", \(grouped(trace.lost)) lost" : ""
    let name = clipped(printable(trace.name), to: limit(40), ellipsis: "...")
    let head = [
      "\(name): \(counted(trace.records, "record")), \(trace.format)\(lost)",
      sweep.scenarios.map(\.name).joined(separator: " -> ") + "; " + sweep.size,
    ]
    return head.map(cut)
      + sweep.figures.flatMap { wrapped(sweep.sentence($0) { $0 } + ".", width: width) }
      .map { Style.strong.applied(to: cut($0), color: color) }
      + idleLines + [""] + table + basis
  }

  private var idleLines: [String] {
    sweep.idleSentence(name: { $0 }).map { wrapped($0, width: width).map(cut) } ?? []
  }

  private var table: [String] {
    let rows = SweepTable(sweep: sweep)
    var count = rows.columns.count
    var table = table(rows, columns: count)
    // Narrow screens have the figures alone.
    while table.width > width, count > sweep.swept.count + sweep.figures.count {
      count -= 1
      table = self.table(rows, columns: count)
    }
    let rest = sweep.points.count - sweepLineLimit
    return table.lines(color: color).map { color ? $0 : cut($0) }
      + (rest > 0 ? [cut("\(counted(UInt64(rest), "more point")): --csv or -o")] : [])
  }

  private func table(_ rows: SweepTable, columns count: Int) -> TextTable {
    var table = TextTable(
      rows.columns.prefix(count).map { column in
        TextTable.Column(title: short(column.title), right: column.right)
      })
    for point in sweep.points.prefix(sweepLineLimit) {
      table.add(rows.cells(point).prefix(count).map { TextTable.Cell(text: short($0)) })
    }
    return table
  }

  private var basis: [String] {
    let assumed = counted(UInt64(sweep.assumed.count), "assumed value")
    return [
      "", cut("rests on \(assumed) (--markdown or -o lists them); \(sweep.clock.rawValue) clock"),
    ]
  }

  private func short(_ text: String) -> String {
    clipped(printable(text), to: limit(24), ellipsis: "...")
  }

  private func limit(_ count: Int) -> Int { width < unlimitedWidth ? count : .max }

  private func cut(_ text: String) -> String {
    clipped(printable(text), to: width, ellipsis: "...")
  }
}

extension SweepResult {
  /// `12 points: cpu.buffers (4) x link (3)`.
  var size: String {
    let factors = swept.map { "\(axes[$0].name) (\(axes[$0].values.count))" }
    return counted(UInt64(points.count), "point")
      + (factors.isEmpty ? "" : ": " + factors.joined(separator: " x "))
  }

  /// What has no effect on this trace, as a sentence; nil where everything has.
  func idleSentence(name: (String) -> String) -> String? {
    let idle = idleAxes
    guard !idle.isEmpty else { return nil }
    return listed(idle.map(name)) + (idle.count == 1 ? " makes" : " make")
      + " no difference to any count or time of this trace."
  }
}
