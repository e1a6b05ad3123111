extension Stage2DecisionTable {
  /// Rows with the same result as one line: the values of each input that lead there.
  public struct Condensed: Sendable, Equatable {
    /// Values by input column, in the order of ``Column``; one row for each choice of one of each.
    public internal(set) var inputs: [[String]]
    /// Protection, outcome, error, MemAttr, XN, who notices, and the rule.
    public let result: [String]

    /// Whether the line stands for a row.
    public func holds(_ row: Row) -> Bool {
      result == Stage2DecisionTable.result(row)
        && zip(Column.inputs, inputs).allSatisfy { $1.contains(row[$0]) }
    }
  }

  /// Result columns that the table for people shows; the others follow from them.
  private static let results: [Column] = [
    .protection, .outcome, .errno, .memAttr, .executeNever, .witness, .rule,
  ]

  private static func result(_ row: Row) -> [String] { results.map { row[$0] } }

  /// Few lines for many rows, each row in exactly one.
  ///
  /// Lines that differ in one input are merged, one input after the other.
  ///
  /// - Parameter rows: Distinct rows.
  /// - Returns: Lines in the order of their first rows.
  public static func condensed(_ rows: [Row]) -> [Condensed] {
    var lines = rows.map { row in
      Condensed(inputs: Column.inputs.map { [row[$0]] }, result: result(row))
    }
    // The path is never merged; the kernel last, so that a line says what one kernel does.
    let columns = Column.inputs.indices.filter { ![.path, .kernel].contains(Column.inputs[$0]) }
    for column in columns { lines = merged(lines, at: column) }
    if let kernel = Column.inputs.firstIndex(of: .kernel) { lines = merged(lines, at: kernel) }
    return lines
  }

  private static func merged(_ lines: [Condensed], at column: Int) -> [Condensed] {
    var merged: [Condensed] = []
    var places: [[[String]]: Int] = [:]
    for line in lines {
      var key = line.inputs + [line.result]
      let values = key.remove(at: column)
      if let place = places[key] {
        merged[place].inputs[column] += values
      } else {
        places[key] = merged.count
        merged.append(line)
      }
    }
    return merged
  }

  /// The rows as a table for people, condensed, with padded columns.
  ///
  /// `*` stands for every value that these rows have, `-` for what does not apply.
  ///
  /// - Parameter rows: Distinct rows.
  /// - Returns: Lines that do not end in spaces.
  public static func text(_ rows: [Row]) -> [String] {
    let all = allValues(rows)
    let lines = condensed(rows).map { line -> [String] in
      let inputs = line.inputs.enumerated().map { column, values in
        cell(values, all: all[[line.inputs[0][0], Column.inputs[column].rawValue]] ?? [])
      }
      return inputs + line.result.map { $0.isEmpty ? "-" : $0 }
    }
    return padded([(Column.inputs + results).map(\.rawValue)] + lines)
  }

  /// Values by path and column.
  private static func allValues(_ rows: [Row]) -> [[String]: Set<String>] {
    rows.reduce(into: [:]) { all, row in
      for column in Column.inputs {
        all[[row[.path], column.rawValue], default: []].insert(row[column])
      }
    }
  }

  private static func cell(_ values: [String], all: Set<String>) -> String {
    if values == [""] { return "-" }
    if values.count > 1, values.count == all.count { return "*" }
    return values.joined(separator: "|")
  }

  private static func padded(_ table: [[String]]) -> [String] {
    let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { cells in
      var line = ""
      for (cell, width) in zip(cells.dropLast(), widths) {
        line += cell + String(repeating: " ", count: width - cell.count + 2)
      }
      return line + (cells.last ?? "")
    }
  }
}
