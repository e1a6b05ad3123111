/// All runs of one command on one input.
public struct Measured: Sendable, Equatable {
  public var part: RawRow.Part
  public var command: String
  public var input: String
  public var cores: Int
  public var records: Int
  public var bytes: Int
  public var points: Int
  public var runs: Int
  /// Shortest run, in seconds.
  public var minimum: Double
  /// The middle run, in seconds; of an even number the mean of the two in the middle.
  public var median: Double
  /// CPU seconds of the run that needed least.
  public var cpu: Double
  /// Largest peak resident set, in KiB.
  public var peakKiB: Int
  /// Instructions of the run that needed least.
  public var instructions: Int
  /// Why it was not run; empty where it was.
  public var note: String

  /// Million records per second of the shortest run.
  public var millionRecords: Double { minimum > 0 ? Double(records) / minimum / 1e6 : 0 }
  /// Million bytes per second of the shortest run.
  public var megabytes: Double { minimum > 0 ? Double(bytes) / minimum / 1e6 : 0 }
  /// Nanoseconds a record of the shortest run.
  public var nanosecondsPerRecord: Double {
    records > 0 ? minimum * 1e9 / Double(records) : 0
  }
  public var wasRun: Bool { runs > 0 }
}

extension RawTable {
  /// The runs of each command, in order of first appearance.
  public var measured: [Measured] {
    var groups: [[RawRow]] = []
    for row in rows {
      if let index = groups.firstIndex(where: { $0[0].isSameCase(as: row) }) {
        groups[index].append(row)
      } else {
        groups.append([row])
      }
    }
    return groups.map(Measured.init)
  }
}

extension RawRow {
  fileprivate func isSameCase(as other: Self) -> Bool {
    part == other.part && command == other.command && input == other.input
      && cores == other.cores && records == other.records && points == other.points
  }
}

extension Measured {
  /// - Parameter rows: Runs of the same command on the same input; not empty.
  fileprivate init(_ rows: [RawRow]) {
    let first = rows[0]
    let runs = rows.filter { $0.run > 0 }
    self.init(
      part: first.part, command: first.command, input: first.input, cores: first.cores,
      records: first.records, bytes: first.bytes, points: first.points, runs: runs.count,
      minimum: runs.map(\.wall).min() ?? 0, median: medianOf(runs.map(\.wall)),
      cpu: runs.map(\.cpu).min() ?? 0, peakKiB: runs.map(\.peakKiB).max() ?? 0,
      instructions: runs.map(\.instructions).min() ?? 0,
      note: rows.first { !$0.note.isEmpty }?.note ?? "")
  }
}

/// The middle of some numbers; 0 where there are none.
func medianOf(_ values: [Double]) -> Double {
  guard !values.isEmpty else { return 0 }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
