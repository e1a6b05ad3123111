import Measurements
import Testing

/// A row of a table that is written by hand.
func row(
  _ part: RawRow.Part, _ command: String, _ input: String = "bursts", cores: Int = 1,
  run: Int = 1, records: Int = 1_000_000, bytes: Int = 0, points: Int = 1, wall: Double = 1,
  peakKiB: Int = 0, instructions: Int = 0, note: String = ""
) -> RawRow {
  var row = RawRow(
    part, command: command, input: input, cores: cores, run: run, records: records, bytes: bytes)
  row.points = points
  row.wall = wall
  row.cpu = wall
  row.peakKiB = peakKiB
  row.instructions = instructions
  row.note = note
  return row
}

struct MeasuredTests {
  /// Runs and, by hand, their minimum and median.
  @Test(
    arguments: [
      ([0.5], 0.5, 0.5), ([3, 1, 2], 1, 2), ([4, 1, 2, 3], 1, 2.5), ([1, 1, 9], 1, 1),
    ] as [([Double], Double, Double)])
  func `minimum and median are those of the runs`(
    walls: [Double], minimum: Double, median: Double
  ) throws {
    let rows = walls.enumerated().map { row(.command, "compare", run: $0 + 1, wall: $1) }
    let measured = RawTable(facts: [], rows: rows).measured
    #expect(measured.count == 1)
    #expect(measured[0].minimum == minimum && measured[0].median == median)
    #expect(measured[0].runs == walls.count)
  }

  @Test func `rates are those of the shortest run and the peak is that of all`() throws {
    let rows = [
      row(.command, "import", records: 3_000_000, bytes: 80_000_000, wall: 0.5, peakKiB: 10),
      row(
        .command, "import", run: 2, records: 3_000_000, bytes: 80_000_000, wall: 0.25, peakKiB: 9),
    ]
    let one = try #require(RawTable(facts: [], rows: rows).measured.first)
    // 3 million in a quarter of a second; 80 MB in the same.
    #expect(one.millionRecords == 12 && one.megabytes == 320 && one.peakKiB == 10)
    // 0.25 s / 3e6 = 83.3 ns.
    #expect(abs(one.nanosecondsPerRecord - 83.333) < 0.001)
  }

  @Test func `what differs in a key is another measurement, in order of appearance`() {
    let rows = [
      row(.command, "compare"), row(.command, "compare", cores: 2), row(.stage, "compare"),
      row(.command, "compare", "capture"), row(.command, "compare", records: 5),
      row(.command, "compare", points: 12), row(.command, "compare", run: 2),
    ]
    let measured = RawTable(facts: [], rows: rows).measured
    #expect(measured.map(\.runs) == [2, 1, 1, 1, 1, 1])
    #expect(measured.map(\.cores) == [1, 2, 1, 1, 1, 1])
  }

  @Test func `what was not run keeps its reason and has no rates`() throws {
    let rows = [row(.beside, "pandas", "csv", run: 0, wall: 0, note: "python3 has no pandas")]
    let one = try #require(RawTable(facts: [], rows: rows).measured.first)
    #expect(!one.wasRun && one.note == "python3 has no pandas" && one.millionRecords == 0)
  }

  @Test func `start-up drops out of an instruction count`() throws {
    // 500 a record and 7 million to start.
    let rows = [
      row(.instructions, "compare", records: 200_000, instructions: 107_000_000),
      row(.instructions, "compare", records: 20_000, instructions: 17_000_000),
      row(.instructions, "import", "csv", records: 200_000, instructions: 9),
    ]
    let counts = RawTable(facts: [], rows: rows).instructionCounts
    #expect(counts.count == 1)
    #expect(counts[0].perRecord == 500 && counts[0].start == 7_000_000)
  }

  @Test(
    arguments: [
      ("==12== Events    : Ir\n==12== Collected : 257317395\n==12== \n", 257_317_395),
      ("==12== Collected : 1 2\n", nil), ("Collected : 5\n", nil), ("", nil),
      ("said\n==1== Collected : 4\nmore", 4),
    ] as [(String, Int?)])
  func `callgrind's count is found`(text: String, count: Int?) {
    #expect(InstructionReport.collected(text) == count)
  }

  @Test(
    arguments: [
      ("AMD EPYC 9B14", 2, "amd-epyc-9b14-2core"),
      ("AMD EPYC 7B13 64-Core Processor", 4, "amd-epyc-7b13-4core"),
      ("Intel(R) Xeon(R) CPU @ 2.20GHz", 8, "intel-xeon-8core"),
      ("Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz", 4, "intel-i7-8650u-4core"),
      ("Neoverse-V2", 16, "neoverse-v2-16core"), ("unknown", 1, "1core"), ("", 3, "3core"),
      ("../\u{e9}vil; rm", 1, "vil-rm-1core"),
    ])
  func `a machine's name fits a folder`(model: String, cores: Int, name: String) {
    #expect(machineName(model: model, cores: cores) == name)
  }
}
