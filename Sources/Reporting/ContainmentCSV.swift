public import Results
import Tables

/// A containment result as CSV, one row a platform, place, fault and access.
public struct ContainmentCSV {
  private static let header = [
    "platform", "place", "fault", "access", "accesses", "before_type", "before_outcomes",
    "before_best", "before_worst", "before_own", "after_type", "after_outcomes", "after_best",
    "after_worst", "after_own",
    "type_matters", "hangs_on", "regions",
  ]

  public let text: String

  public init(_ result: ContainmentResult) {
    var csv = CSVText(header: Self.header)
    for row in result.rows {
      csv.add(
        [row.platform, row.place, row.fault, row.access, row.accesses.map { String($0) }]
          + Self.cells(row.before) + Self.cells(row.after)
          + [
            row.part.rawValue, row.hangsOn.joined(separator: " "),
            row.regions.joined(separator: ";"),
          ])
    }
    text = csv.text
  }

  private static func cells(_ cell: ContainmentCell) -> [String?] {
    [
      cell.memoryType, cell.outcomes.map(\.name).joined(separator: ";"), cell.best?.name,
      cell.worst?.name, cell.ownOutcomes.map(\.name).joined(separator: ";"),
    ]
  }
}

/// How many guest stores each memory write carries, as CSV.
public struct BlastCSV {
  public let text: String

  public init(_ result: ContainmentResult) {
    var csv = CSVText(header: ["region", "scenario", "stores_per_tlp", "tlps"])
    for row in result.blast {
      for (stores, tlps) in row.writes {
        csv.add([row.region, row.scenario, String(stores), String(tlps)])
      }
    }
    text = csv.text
  }
}
