import Tables
import TraceCore

/// One run of one command, or one that could not be made.
public struct RawRow: Sendable, Equatable {
  /// What a row is there for; the order is that of the summary.
  public enum Part: String, Sendable, CaseIterable {
    /// Whole commands, as a user runs them.
    case command
    /// A part of a command alone, inside of the bench program.
    case stage
    /// What other programs do with the same file.
    case beside
    /// Start-up and what is read from the footer alone.
    case start
    /// Peak memory over the length of a trace.
    case memory
    /// Instructions counted by valgrind's callgrind.
    case instructions
  }

  public var part: Part
  /// The command with the options that matter, as `compare --ranges off`.
  public var command: String
  /// The input's short name, as `bursts`.
  public var input: String
  /// Cores that it may use.
  public var cores: Int
  /// From 1; 0 = not run, ``note`` says why.
  public var run: Int
  /// Records of the input; lines where it is text.
  public var records: Int
  /// Bytes taken in; of compressed text the bytes of the text.
  public var bytes: Int
  /// Points of a sweep; 1 otherwise.
  public var points = 1
  /// Seconds on the wall's clock.
  public var wall = 0.0
  /// Seconds of CPU time, user and system.
  public var cpu = 0.0
  /// Peak resident set in KiB.
  public var peakKiB = 0
  /// Instructions executed; 0 = not counted.
  public var instructions = 0
  /// Why it was not run.
  public var note = ""

  public init(
    _ part: Part, command: String, input: String, cores: Int, run: Int, records: Int, bytes: Int
  ) {
    self.part = part
    self.command = command
    self.input = input
    self.cores = cores
    self.run = run
    self.records = records
    self.bytes = bytes
  }
}

extension RawRow {
  static let columns = [
    "part", "command", "input", "cores", "run", "records", "bytes", "points", "wall_s", "cpu_s",
    "peak_kib", "instructions", "note",
  ]

  /// The row as CSV, without a line end.
  var text: String {
    let fields = [
      part.rawValue, command, input, "\(cores)", "\(run)", "\(records)", "\(bytes)", "\(points)",
      decimal(wall, 6), decimal(cpu, 6), "\(peakKiB)", "\(instructions)", note,
    ]
    return CSVText.row(fields.map(oneLine))
  }

  /// Decodes the fields of a row.
  ///
  /// - Throws: ``TraceError`` `.badRecord` that names the column.
  init(fields: [String]) throws(TraceError) {
    guard fields.count == Self.columns.count else {
      throw TraceError(
        .badRecord, "expected \(Self.columns.count) columns, found \(fields.count)")
    }
    guard let part = Part(rawValue: fields[0]) else {
      throw TraceError(.badRecord, "unknown part '\(fields[0])'")
    }
    self.init(
      part, command: fields[1], input: fields[2], cores: try Self.count(fields, 3),
      run: try Self.count(fields, 4), records: try Self.count(fields, 5),
      bytes: try Self.count(fields, 6))
    points = try Self.count(fields, 7)
    wall = try Self.seconds(fields, 8)
    cpu = try Self.seconds(fields, 9)
    peakKiB = try Self.count(fields, 10)
    instructions = try Self.count(fields, 11)
    note = fields[12]
  }

  private static func count(_ fields: [String], _ column: Int) throws(TraceError) -> Int {
    guard let value = Int(fields[column]), value >= 0 else { throw bad(fields, column) }
    return value
  }

  private static func seconds(_ fields: [String], _ column: Int) throws(TraceError) -> Double {
    guard let value = Double(fields[column]), value.isFinite, value >= 0 else {
      throw bad(fields, column)
    }
    return value
  }

  private static func bad(_ fields: [String], _ column: Int) -> TraceError {
    TraceError(.badRecord, "\(columns[column]): expected a number, found '\(fields[column])'")
  }
}
