import Results
import Testing
import TraceCore

@testable import Reporting

/// What a sweep's files say; the numbers come from the products in `SampleSweep`.
@Suite struct SweepWriterTests {
  @Test(arguments: SweepFile.all.map(\.name))
  func `each file of a sweep is as reviewed`(name: String) throws {
    let file = try #require(SweepFile.all.first { $0.name == name })
    try expectGolden(file.contents(SampleSweep.compared), "sweep/" + name)
    try expectGolden(file.contents(SampleSweep.single), "sweep/single-" + name)
    try expectGolden(file.contents(SampleSweep.empty), "sweep/empty-" + name)
  }

  @Test(arguments: [120, 60])
  func `the table on a terminal is as reviewed`(width: Int) throws {
    let text = sweepText(SampleSweep.compared, width: width, color: false)
    try expectGolden(text, "sweep/terminal-\(width).txt")
    let single = sweepText(SampleSweep.single, width: width, color: false)
    try expectGolden(single, "sweep/single-terminal-\(width).txt")
  }

  @Test func `the CSV is the summary's with the values in front`() {
    let rows = parseCSV(sweepCSV(SampleSweep.compared))
    let summary = parseCSV(
      summaryCSV(
        RunResult(
          trace: SampleSweep.compared.trace, scenarios: SampleSweep.compared.points[4].scenarios,
          findings: [])))
    #expect(rows[0] == ["cpu.buffers", "rc.split", "link"] + summary[0])
    // Three regions under two scenarios at six points; the fifth is 8 buffers, the second link.
    #expect(rows.count == 1 + 3 * 2 * 6)
    let fifth = rows[(1 + 4 * 6)..<(1 + 5 * 6)]
    #expect(Array(fifth) == summary.dropFirst().map { ["8", "runs", "gen4x8,mps=256"] + $0 })
  }

  @Test func `the extremes are named`() {
    let text = sweepMarkdown(SampleSweep.compared)
    #expect(
      text.contains(
        "**Speed-up, saturated clock: 0.5x (at `cpu.buffers=2 link=gen3x8`) to 16.0x (at"
          + " `cpu.buffers=8 link=gen5x16`).** Fewer TLPs: 5.5x at every point."))
    #expect(text.contains("Fixed: `rc.split=runs`."))
    #expect(!text.contains("makes no difference"))
  }

  @Test func `a setting that changes nothing is named`() {
    #expect(SampleSweep.single.idleAxes == ["cpu.evict"])
    #expect(SampleSweep.compared.idleAxes == [])
    #expect(SampleSweep.empty.idleAxes == ["cpu.buffers"])
    // A difference that only one point has, and only in one region.
    var sweep = SampleSweep.single
    sweep.points[3].scenarios[0].regions[1].metrics.loads += 1
    #expect(sweep.idleAxes == [])
  }

  @Test func `assumed values are listed with every value that they have`() {
    let rows = SampleSweep.compared.assumed
    #expect(rows.map(\.setting.key) == ["cpu.buffers", "cpu.drain_after_ns"])
    #expect(rows.map(\.values) == [["2", "8"], ["never"]])
    #expect(sweepMarkdown(SampleSweep.compared).contains("| `cpu.buffers`        | 2 / 8 |"))
  }

  @Test func `a report stays below the limit`() {
    for companions in [true, false] {
      let text = sweepMarkdown(SampleSweep.large, companions: companions)
      #expect(text.utf8.count < markdownByteLimit)
      #expect(text.contains(" more points in "))
      // Escaped, it is text.
      let plain = text.replacing("\\<", with: "")
      #expect(!plain.contains("<script") && !text.contains("\u{1b}"))
    }
    #expect(!sweepMarkdown(SampleSweep.compared, companions: false).contains("](" + "sweep"))
  }

  @Test(arguments: [40, 80, 200])
  func `no line on a terminal is too wide`(width: Int) {
    for sweep in SampleSweep.all {
      let lines = sweepText(sweep, width: width, color: false).split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= width })
      #expect(lines.count <= sweepLineLimit + 24)
    }
    let text = sweepText(SampleSweep.large, width: width, color: true)
    #expect(text.contains("3,320 more points: "))
  }

  @Test func `regions tell where they are fastest`() {
    let spreads = SampleSweep.compared.regionSpreads
    #expect(spreads.map(\.name) == SampleRun.after.regions.map(\.region.name))
    // The doorbell's 40 stores are too few, and the interrupt controller stays Device.
    #expect(spreads.map { $0.speed != nil } == [false, true, false])
    #expect(spreads[1].fastest?.places == [0, 0, 2])
    #expect(spreads[1].tlps?.text == "7.6x", "800 of 105")
    #expect(SampleSweep.single.regionSpreads.isEmpty)
  }

  // MARK: Shades

  @Test(arguments: [
    (1, 1, 0), (2, 1, 4096), (1, 2, -4096), (8, 1, 3 * 4096), (1, 1024, -10 * 4096),
    // 2^0.5 = 1.41421356, 2^(1/12) = 1.05946309, log2(10) = 3.3219280948873623.
    (141_421_357, 100_000_000, 2048), (141_421_356, 100_000_000, 2047),
    (1_059_463_095, 1_000_000_000, 341), (10, 1, 13_606), (1, 10, -13_607),
    (UInt64.max, 1, 64 * 4096 - 1), (0, 1, -63 * 4096),
  ])
  func `a logarithm is rounded down`(numerator: UInt64, denominator: UInt64, value: Int) throws {
    let ratio = try #require(Ratio(numerator, of: denominator))
    #expect(SweepScale.logarithm(ratio) == value)
  }

  @Test func `equal factors are equal steps of colour`() throws {
    let ratios = try (0...16).map { try #require(Ratio(1 << UInt64($0), of: 16)) }
    let scale = SweepScale(low: ratios[0], high: ratios[16])
    #expect(
      ratios.map { scale.shade($0, of: 8) } == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7])
    #expect(SweepScale(low: ratios[3], high: ratios[3]).shade(ratios[3], of: 8) == 0)
  }

  @Test func `each cell has its shade and its number`() {
    let text = sweepPicture(SampleSweep.compared)
    // Speed-ups 0.5 1 2 4 8 16: of five doublings in eight shades 0, 1.6, 3.2, 4.8, 6.4, 8.
    let cells = text.split(separator: "\n").filter { $0.contains("height=\"19\"") }
    #expect(
      cells.map { String($0.split(separator: "\"")[1]) } == [
        "heat-0", "heat-1", "heat-3", "heat-4", "heat-6", "heat-7",
      ])
    for number in ["0.5x", "1.0x", "2.0x", "4.0x", "8.0x", "16.0x"] {
      #expect(text.contains(">\(number)</text>"), "\(number)")
    }
    #expect(text.contains("Fewer TLPs: 5.5x at every point."))
    #expect(text.contains("across: link; down: cpu.buffers"))
  }

  @Test func `what has no room in the picture is counted`() {
    let text = sweepPicture(SampleSweep.large)
    // 2 x 2 x 2 x 70 x 3 rows, 2 columns.
    #expect(text.contains("The first 60 of 1680 rows; all are in the CSV."))
    #expect(!sweepPicture(SampleSweep.compared).contains("all are in the CSV"))
  }
}
