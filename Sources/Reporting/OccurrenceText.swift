public import Results
import Tables

extension Occurrences {
  /// One pattern's counts as a small table: a row a region, in order of first occurrence.
  ///
  /// - Parameter index: Index in ``patterns``.
  /// - Returns: Lines that each end in a line feed.
  public func text(of index: Int) -> String {
    let pattern = patterns[index]
    let total = grouped(pattern.total)
    var lines = [
      "Pattern: " + pattern.summary,
      "Occurrences in \(printable(trace)): \(total) (\(counted(records, "record")), "
        + "policy \(policy), accessors \(accessors))",
    ]
    if !pattern.rows.isEmpty {
      lines += Self.table(pattern.regions).lines(color: false).map { "  " + $0 }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func table(_ rows: [PatternOccurrences.Row]) -> TextTable {
    var table = TextTable([
      .init(title: "region"), .init(title: "count", right: true),
      .init(title: "first record", right: true), .init(title: "line", right: true),
    ])
    for row in rows {
      table.add([
        .init(text: printable(row.region)), .init(text: grouped(row.count)),
        .init(text: grouped(row.firstRecord)),
        .init(text: row.firstLine.map(grouped) ?? "-"),
      ])
    }
    return table
  }

  /// All counts: `program,region,vcpu,count,first_record,first_line`.
  ///
  /// A row a region and vCPU of the first access; a program that does not occur has one row, with
  /// a count of 0 and neither.
  public var csv: String {
    var table = CSVText(
      header: ["program", "region", "vcpu", "count", "first_record", "first_line"])
    for pattern in patterns {
      if pattern.rows.isEmpty { table.add([pattern.pattern, nil, nil, "0", nil, nil]) }
      for row in pattern.rows {
        table.add([
          pattern.pattern, row.region, String(row.vcpu), String(row.count),
          String(row.firstRecord), row.firstLine.map { String($0) },
        ])
      }
    }
    return table.text
  }
}

extension PatternOccurrences {
  /// The rows, all vCPUs of a region in one.
  fileprivate var regions: [Row] {
    rows.reduce(into: []) { merged, row in
      if let known = merged.firstIndex(where: { $0.region == row.region }) {
        merged[known].count += row.count
      } else {
        merged.append(row)
      }
    }
  }
}
