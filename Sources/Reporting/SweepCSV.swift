public import Results
import Tables

/// `sweep.csv`: a column for each swept setting, then those of `summary.csv`.
///
/// - Parameter sweep: Any sweep.
/// - Returns: CSV with a header; a row for each point, scenario and region, points in the order of
///   the sweep.
public func sweepCSV(_ sweep: SweepResult) -> String {
  var csv = CSVText(header: sweep.axes.map(\.name) + summaryColumns)
  for point in sweep.points {
    let values: [String?] = sweep.values(point)
    for scenario in point.scenarios {
      for result in scenario.regions { csv.add(values + summaryCells(result, in: scenario)) }
    }
  }
  return csv.text
}

extension SweepResult {
  /// The value of each axis, as the user wrote it.
  func values(_ point: Point) -> [String] {
    zip(axes, point.places).map { $0.values[$1] }
  }
}
