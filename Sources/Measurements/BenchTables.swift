/// The tables that are made of a `raw.csv`, in Markdown.
///
/// The summary beside the raw file has them all; the page over all runs has those it names.
public struct BenchTables: Sendable {
  public let table: RawTable
  let measured: [Measured]

  public init(_ table: RawTable) {
    self.table = table
    measured = table.measured
  }

  /// The tables by name, in the order of the summary.
  public static let all: [(name: String, title: String, text: @Sendable (Self) -> String)] = [
    ("machine", "Where and when", { $0.machine }),
    ("limits", "Limits", { $0.limits }),
    ("commands", "Whole commands", { $0.results(.command) }),
    ("sweep", "Sweep", { $0.sweep }),
    ("start", "Start-up and the footer", { $0.results(.start) }),
    ("memory", "Memory", { $0.results(.memory) }),
    ("where", "Where the time goes", { $0.whereTimeGoes }),
    ("stages", "Stages", { $0.results(.stage) }),
    ("beside", "Beside other programs", { $0.beside }),
    ("instructions", "Instructions", { $0.instructions }),
    ("skipped", "Not run", { $0.skipped }),
  ]

  /// The file `README.md` beside a `raw.csv`.
  public var summary: String {
    var text = """
      # Benchmark: \(table.fact("date") ?? "-"), \(table.fact("machine") ?? "-")

      Made from [raw.csv](raw.csv) by `make bench`; nothing here is typed. Rates are those of the \
      shortest run. MB are million bytes of what the command takes in; of compressed text, of the text \
      in it. Peak memory is the largest resident set of all runs; ≤ where the measuring program itself has more.

      """
    for entry in Self.all {
      let content = entry.text(self)
      if !content.isEmpty { text += "\n## \(entry.title)\n\n" + content }
    }
    return text
  }

  private var machine: String {
    markdownTable(["", "value"], table.facts.map { [$0.key, $0.value] })
  }

  // MARK: Results

  private func results(_ part: RawRow.Part) -> String {
    rows(measured.filter { $0.part == part && $0.wasRun })
  }

  private func rows(_ all: [Measured]) -> String {
    guard !all.isEmpty else { return "" }
    let header = [
      "command", "input", "cores", "records", "runs", "min", "median", "M records/s", "MB/s",
      "peak MiB",
    ]
    return markdownTable(
      header,
      all.map { one in
        [
          "`\(one.command)`", one.input, "\(one.cores)",
          one.records > 0 ? grouped(one.records) : "-", "\(one.runs)", duration(one.minimum),
          duration(one.median), hasRate(one) ? significant(one.millionRecords) : "-",
          one.bytes > 0 ? significant(one.megabytes) : "-", mebibytes(one.peakKiB),
        ]
      })
  }

  /// Start-up reads no records.
  private func hasRate(_ one: Measured) -> Bool { one.records > 0 && one.part != .start }

  /// A peak in MiB, which cannot be below that of the program that starts the others.
  private func mebibytes(_ kibibytes: Int) -> String {
    let least = measured.first { $0.part == .memory && $0.command == Self.emptyCommand }
    let isLeast = least.map { kibibytes <= $0.peakKiB + $0.peakKiB / 100 } ?? false
    return (isLeast ? "≤ " : "") + decimal(Double(kibibytes) / 1024, 1)
  }

  /// The row of a program that does nothing: it shows the least peak that can be seen.
  public static let emptyCommand = "true"

  private var sweep: String {
    let sweeps = measured.filter { $0.points > 1 && $0.wasRun }
    guard !sweeps.isEmpty else { return "" }
    return markdownTable(
      ["command", "input", "cores", "points", "min", "a point", "of a single run", "peak MiB"],
      sweeps.map { one in
        let share = one.shareOfSingleRun(among: measured).map { decimal($0 * 100, 1) + " %" }
        return [
          "`\(one.command)`", one.input, "\(one.cores)", "\(one.points)", duration(one.minimum),
          duration(one.minimum / Double(one.points)), share ?? "-", mebibytes(one.peakKiB),
        ]
      })
  }

  private var instructions: String {
    let counts = table.instructionCounts
    guard !counts.isEmpty else { return "" }
    return markdownTable(
      ["command", "input", "records", "instructions a record", "start-up, million"],
      counts.map { count in
        [
          "`\(count.command)`", count.input,
          "\(grouped(count.records.long)) less \(grouped(count.records.short))",
          significant(max(0, count.perRecord)), significant(max(0, count.start) / 1e6),
        ]
      })
  }

  private var skipped: String {
    var rows: [[String]] = []
    for one in measured where !one.note.isEmpty {
      let row = ["`\(one.command)`", one.input, one.note]
      if !rows.contains(row) { rows.append(row) }
    }
    return rows.isEmpty ? "" : markdownTable(["command", "input", "why"], rows)
  }
}
