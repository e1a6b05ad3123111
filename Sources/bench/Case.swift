import Measurements

/// Something to be measured: one line of the summary.
struct Case {
  var part: RawRow.Part
  /// What the summary calls it.
  var command: String
  var input: Input
  var cores: Int
  var points = 1
  /// Path and arguments.
  var arguments: [String]
  /// What writes its standard input.
  var producer: [String]?
  /// Why it cannot be run; nil where it can.
  var missing: String?
  /// Runs it is worth, whatever the options say; for what takes milliseconds.
  var runs: Int?

  init(
    _ part: RawRow.Part, _ command: String, _ input: Input, cores: Int = 1, _ arguments: [String]
  ) {
    self.part = part
    self.command = command
    self.input = input
    self.cores = cores
    self.arguments = arguments
  }

  /// An empty row.
  func row(run: Int) -> RawRow {
    var row = RawRow(
      part, command: command, input: input.name, cores: cores, run: run, records: input.records,
      bytes: input.bytes)
    row.points = points
    return row
  }
}

/// A file that something is measured on.
struct Input {
  /// What the summary calls it.
  var name: String
  var path: String
  /// Records, or lines of a text.
  var records: Int
  /// Bytes; of a compressed text those of the text.
  var bytes: Int

  static let none = Input(name: "-", path: "", records: 0, bytes: 0)
}
