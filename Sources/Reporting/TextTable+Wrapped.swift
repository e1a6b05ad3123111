extension TextTable {
  /// The table with long cells on several lines, so that it fits where their words allow it.
  ///
  /// - Parameters:
  ///   - color: Whether to use ANSI escape codes.
  ///   - limit: Characters of a line; more where a column's longest word or a column that does not
  ///     wrap needs them.
  /// - Returns: The header's lines, then those of each row.
  func blocks(color: Bool, within limit: Int) -> [[String]] {
    let header = columns.map { Cell(text: $0.title, style: .strong) }
    let all = [header] + rows
    let widths = widths(of: all, within: limit)
    return all.map { cells in
      let wrapped = zip(cells, widths).map { Self.wrap($0, $1) }
      return (0..<(wrapped.map(\.count).max() ?? 0)).map { number in
        line(wrapped.map { number < $0.count ? $0[number] : Cell(text: "") }, widths, color: color)
      }
    }
  }

  private static func wrap(_ cell: Cell, _ width: Int) -> [Cell] {
    guard cell.text.count > width else { return [cell] }
    return wrapped(cell.text, width: width).map { Cell(text: $0, style: cell.style) }
  }

  /// The widest columns that wrap give way first.
  private func widths(of rows: [[Cell]], within limit: Int) -> [Int] {
    var widths = columns.indices.map { index in rows.map { $0[index].text.count }.max() ?? 0 }
    let least = columns.indices.map { index in
      guard columns[index].wraps else { return widths[index] }
      return rows.flatMap { $0[index].text.split(separator: " ").map(\.count) }.max() ?? 0
    }
    let gaps = 2 * max(0, columns.count - 1)
    while widths.reduce(gaps, +) > limit {
      let candidates = columns.indices.filter { widths[$0] > least[$0] }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }
}
