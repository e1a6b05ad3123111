// A containment result as people read it: rows that say the same are one.

import Results

/// Rows that differ in the fault alone.
struct ContainmentGroup {
  /// Any of them.
  var row: ContainmentRow
  /// Faults, in order.
  var faults: [String]
}

/// What becomes of a capture's accesses on a platform under one kind of fault, or several alike.
struct ContainmentTally: Equatable {
  /// Accesses by their worst outcome.
  struct Counts: Equatable {
    /// Under the platform's own values.
    private var own: [ContainmentOutcome: UInt64] = [:]
    /// Under the worst of the values in range.
    private var ranged: [ContainmentOutcome: UInt64] = [:]

    mutating func add(_ cell: ContainmentCell, _ accesses: UInt64) {
      if let worst = cell.ownOutcomes.last { own[worst, default: 0] += accesses }
      if let worst = cell.worst { ranged[worst, default: 0] += accesses }
    }

    /// Values in range make it another number.
    func hasOther(_ outcome: ContainmentOutcome) -> Bool {
      own[outcome] ?? 0 != ranged[outcome] ?? 0
    }

    /// `12`; `12 (or 3)` where values in range make it 3.
    func text(_ outcome: ContainmentOutcome) -> String {
      let (count, other) = (own[outcome] ?? 0, ranged[outcome] ?? 0)
      return grouped(count) + (count == other ? "" : " (or \(grouped(other)))")
    }
  }

  var platform: String
  var faults: [String]
  var before = Counts()
  var after = Counts()
}

extension ContainmentResult {
  /// Rows grouped by everything but the fault, in order of first appearance.
  var groups: [ContainmentGroup] {
    var groups: [ContainmentGroup] = []
    for row in rows {
      let place = groups.firstIndex { Self.isAlike($0.row, row) }
      if let place {
        groups[place].faults.append(row.fault)
      } else {
        groups.append(ContainmentGroup(row: row, faults: [row.fault]))
      }
    }
    return groups
  }

  private static func isAlike(_ left: ContainmentRow, _ right: ContainmentRow) -> Bool {
    left.platform == right.platform && left.place == right.place && left.access == right.access
      && left.accesses == right.accesses && left.part == right.part
      && isAlike(left.before, right.before) && isAlike(left.after, right.after)
  }

  private static func isAlike(_ left: ContainmentCell, _ right: ContainmentCell) -> Bool {
    left.memoryType == right.memoryType && left.text == right.text
  }

  /// What the second of two counts is; nil where there is none.
  var tallyLegend: String? {
    let counts = tallies.flatMap { [$0.before, $0.after] }
    let hasOther = counts.contains { counts in
      ContainmentOutcome.allCases.contains(where: counts.hasOther)
    }
    return hasOther
      ? "N (or M): N accesses under the platform's own values, M under the worst of the values that"
        + " its assumed ones may have." : nil
  }

  /// A platform's accesses by outcome, faults alike together; empty without a capture.
  var tallies: [ContainmentTally] {
    var tallies: [ContainmentTally] = []
    for row in rows {
      guard let accesses = row.accesses else { continue }
      let place = tallies.firstIndex { $0.platform == row.platform && $0.faults == [row.fault] }
      let index = place ?? tallies.count
      if place == nil {
        tallies.append(ContainmentTally(platform: row.platform, faults: [row.fault]))
      }
      tallies[index].before.add(row.before, accesses)
      tallies[index].after.add(row.after, accesses)
    }
    var merged: [ContainmentTally] = []
    for tally in tallies {
      let place = merged.firstIndex {
        $0.platform == tally.platform && $0.before == tally.before && $0.after == tally.after
      }
      if let place { merged[place].faults += tally.faults } else { merged.append(tally) }
    }
    return merged
  }

  /// What stands for a matrix without rows.
  static let nothing = "No access can fail so on these platforms."

  /// `ur ca timeout`.
  static func words(_ faults: [String]) -> String { faults.joined(separator: " ") }

  /// Sentences about what one failing write takes with it, by region.
  var blastSentences: [String] {
    var regions: [String] = []
    for row in blast where !regions.contains(row.region) { regions.append(row.region) }
    return regions.map { region in
      let rows = blast.filter { $0.region == region }
      let parts = rows.map { row in
        let mean = quotient(row.storeParts, row.tlps, places: 1) ?? "0"
        return "\(row.scenario): \(counted(row.tlps, "write TLP")) of \(mean) stores, at most"
          + " \(row.largest)"
      }
      let largest = rows.map(\.largest)
      let differs = Set(largest).count > 1
      return "\(printable(region)): " + parts.joined(separator: "; ")
        + (differs
          ? ". One failing write then loses up to \(largest.max() ?? 0) stores, not"
            + " \(largest.min() ?? 0): that does come from the type." : ".")
    }
  }

  /// The access at which the fault is injected, in sentences.
  var failedSentences: [String] {
    guard let failed else { return [] }
    let what = failed.isStore ? "store" : "load"
    var lines = [
      "record \(failed.record): \(what) of \(failed.size) B at 0x\(String(failed.address, radix: 16)) in"
        + " \(printable(failed.region))"
    ]
    for (scenario, records) in failed.companions where failed.isStore {
      if records.isEmpty {
        lines.append(
          "\(scenario): it never reaches the bus (it faults, or a later store overwrites it)")
      } else {
        let shown = records.prefix(16).map(String.init).joined(separator: ", ")
        lines.append(
          "\(scenario): its TLP carries \(counted(UInt64(records.count), "store")), "
            + (records.count == 1 ? "record " : "records ") + shown
            + (records.count > 16 ? ", ..." : ""))
      }
    }
    return lines
  }
}
