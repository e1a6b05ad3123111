import Measurements
import Testing
import TraceCore

/// The tables that are made of raw rows, and the page that shows them.
struct BenchTablesTests {
  private let table = RawTable(
    facts: [("commit", "1234abc"), ("date", "2026-01-02"), ("machine", "amd-2core")],
    rows: [
      row(.command, "compare --ranges off", records: 2_000_000, bytes: 1_000_000, wall: 0.02),
      row(
        .command, "compare --ranges off", run: 2, records: 2_000_000, bytes: 1_000_000, wall: 0.04),
      row(.stage, "decode", records: 2_000_000, wall: 0.005),
      row(.beside, "zstd -dc", records: 2_000_000, bytes: 1_000_000, wall: 0.01),
      row(.command, "sweep", cores: 1, records: 2_000_000, points: 10, wall: 0.1),
      row(.start, "--version", "-", records: 0, wall: 0.0042, peakKiB: 1536),
      row(.instructions, "compare", records: 2000, instructions: 3_000_000),
      row(.instructions, "compare", records: 1000, instructions: 2_000_000),
      row(.beside, "pandas", "csv", run: 0, note: "python3 has no pandas"),
    ])

  private func lines(_ name: String) throws -> [Substring] {
    let entry = try #require(BenchTables.all.first { $0.name == name })
    return entry.text(BenchTables(table)).split(separator: "\n")
  }

  @Test func `a command's row has minimum, median and rates`() throws {
    // 2 M records in 20 ms are 100 M/s; 1 MB in 20 ms are 50 MB/s; the median of 20 and 40 is 30.
    #expect(
      try lines("commands")[2]
        == "| `compare --ranges off` | bursts | 1 | 2,000,000 | 2 | 20.0 ms | 30.0 ms | 100 | 50.0 | 0.0 |"
    )
  }

  @Test func `what has no records or bytes has no rates`() throws {
    #expect(
      try lines("start")[2] == "| `--version` | - | 1 | - | 1 | 4.20 ms | 4.20 ms | - | - | 1.5 |")
  }

  @Test func `stages stand as shares of the command`() throws {
    // 5 ms and 20 ms over 2 M records; a quarter.
    #expect(
      try lines("where").dropFirst(2) == [
        "| `decode` | bursts | 2.50 | 25 % |", "| `compare --ranges off` | bursts | 10.0 | 100 % |",
      ])
  }

  @Test func `other programs stand beside ours`() throws {
    #expect(
      try lines("beside").last
        == "| `zstd -dc` |  | bursts | 10.0 ms | 200 | 100 | 0.50 |")
  }

  @Test func `a sweep's point stands beside a single run`() throws {
    #expect(
      try lines("sweep").last == "| `sweep` | bursts | 1 | 10 | 0.10 s | 10.0 ms | 50.0 % | 0.0 |")
  }

  @Test func `instructions and what was not run have tables`() throws {
    #expect(
      try lines("instructions").last
        == "| `compare` | bursts | 2,000 less 1,000 | 1000 | 1.00 |")
    #expect(try lines("skipped").last == "| `pandas` | csv | python3 has no pandas |")
  }

  @Test func `a peak that is hidden by that of the measuring program says so`() {
    // 20 MiB is what doing nothing seems to take; 1 % more is the same.
    let text = BenchTables(
      RawTable(
        facts: [],
        rows: [
          row(.memory, "true", "-", records: 0, peakKiB: 20 * 1024),
          row(.memory, "compare", peakKiB: 20 * 1024 + 204), row(.memory, "x", peakKiB: 21 * 1024),
        ])
    ).summary
    #expect(text.contains(" | ≤ 20.2 |") && text.contains(" | 21.0 |"))
  }

  @Test func `a limit that was missed stands out`() throws {
    let missed = RawTable(facts: [], rows: [row(.command, "compare", records: 10_000_000)])
    let text = BenchTables(missed).summary
    #expect(
      text.contains(
        "| `compare`, bursts, one core | 10,000,000 | 10.0 M records/s | ≥ 40 M records/s "
          + "| ≥ 100 M records/s | 0.25 | **missed** |"))
  }

  @Test func `the summary has every table that is not empty`() {
    let summary = BenchTables(table).summary
    for entry in BenchTables.all {
      #expect(
        summary.contains("\n## \(entry.title)\n") == !entry.text(BenchTables(table)).isEmpty)
    }
    #expect(summary.hasPrefix("# Benchmark: 2026-01-02, amd-2core\n"))
    #expect(BenchTables(RawTable(facts: [])).summary.hasPrefix("# Benchmark: -, -\n"))
  }

  // MARK: The page

  private let page = "# Speed\n\nWords.\n\n<!-- bench: run -->\nold\n<!-- end -->\n\nMore.\n"

  @Test func `a page's blocks are replaced and its words stay`() throws {
    let filled = try BenchTables(table).page(page, file: "README.md", folder: "2026-x")
    #expect(
      filled == """
        # Speed

        Words.

        <!-- bench: run -->

        From [2026-x](2026-x/README.md), [raw](2026-x/raw.csv).

        <!-- end -->

        More.

        """)
    #expect(try BenchTables(table).page(filled, file: "README.md", folder: "2026-x") == filled)
  }

  @Test func `every table has a block`() throws {
    for entry in BenchTables.all {
      let block = "<!-- bench: \(entry.name) -->\n<!-- end -->\n"
      let filled = try BenchTables(table).page(block, file: "README.md", folder: "x")
      let text = entry.text(BenchTables(table))
      #expect(filled.contains(text.isEmpty ? "Not measured in this run." : text))
    }
  }

  @Test(
    arguments: [
      ("a\n<!-- bench: speed -->\n<!-- end -->\n", 2, "no table is called 'speed'"),
      ("<!-- bench: run -->\nb\n", 1, "the block has no end"),
      ("<!-- bench: run -->\n<!-- bench: run -->\n<!-- end -->\n", 2, "the block above has no end"),
    ] as [(String, UInt64, String)])
  func `a broken page is named with its line`(
    page: String, line: UInt64, message: String
  ) throws {
    let error = try #require(throws: TraceError.self) {
      _ = try BenchTables(table).page(page, file: "README.md", folder: "x")
    }
    #expect(error.code == .configuration && error.line == line && error.message == message)
  }
}
