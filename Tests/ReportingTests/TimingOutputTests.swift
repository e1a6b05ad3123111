import Results
import Testing

@testable import Reporting

/// Latencies, stalls and link use in the files; the numbers are those of `SampleTimes`.
@Suite struct TimingOutputTests {
  private func rows(_ text: String, _ scenario: String, _ region: String) -> [[String]] {
    parseCSV(text).filter { $0[0] == scenario && $0[1] == region }.map { Array($0.dropFirst(2)) }
  }

  @Test func `percentiles are upper ends of bins, but never above the maximum`() {
    // Of 800 samples, 700 are in the first bin and 92 in the second: the 400th, the 720th, the
    // 792nd and the 800th, which is in a bin that ends above the largest.
    let before = rows(latencyCSV(SampleRun.compare), "kvm-device", "bar2")
    #expect(
      before[0] == [
        "saturated", "store", "800", "503807", "1007615", "1007615", "2500000", "2500000",
      ])
    // Of 105, 95 are in the first: the 53rd, the 95th, the 104th and the 105th.
    let after = rows(latencyCSV(SampleRun.compare), "kvm-normal-nc", "bar2")
    #expect(
      after[0] == [
        "saturated", "store", "105", "200703", "200703", "1000000", "1000000", "1000000",
      ])
  }

  @Test func `no latency row for accesses that there are none of`() {
    let text = latencyCSV(SampleRun.compare)
    #expect(rows(text, "kvm-device", "bar2").map { $0[1] } == ["store", "store"])
    #expect(
      rows(text, "kvm-device", SampleRun.awkward).map { $0[1] } == [
        "store", "load", "store", "load",
      ])
    #expect(rows(text, "kvm-device", "gic").isEmpty)
  }

  @Test func `the bins hold the samples`() {
    let bins = rows(latencyHistogramCSV(SampleRun.compare), "kvm-device", "bar2")
    #expect(
      bins.prefix(3).map { Array($0.dropFirst()) } == [
        ["store", "499712", "503807", "700"], ["store", "999424", "1007615", "92"],
        ["store", "2490368", "2523135", "8"],
      ])
  }

  @Test func `stalls of all regions add up to the time of the vCPU`() {
    // The sample has one vCPU: 10 us and 5 us saturated, 20 us paced.
    for (scenario, clock, timePs) in [
      ("kvm-device", "saturated", 10_000_000), ("kvm-device", "paced", 20_000_000),
      ("kvm-normal-nc", "saturated", 5_000_000), ("kvm-normal-nc", "paced", 20_000_000),
    ] {
      let times = parseCSV(stallsCSV(SampleRun.compare))
        .filter { $0[0] == scenario && $0[2] == clock }.map { Int($0[4]) ?? 0 }
      #expect(times.reduce(0, +) == timePs, "\(scenario) \(clock)")
    }
  }

  @Test func `link use counts from the first record, and a shorter direction is idle after it`() {
    let rows = parseCSV(linkUseCSV(SampleRun.compare))
      .filter { $0[0] == "kvm-device" && $0[1] == "saturated" }
    #expect(rows.count == 20)
    #expect(Array(rows[0].dropFirst(2)) == ["0", "512000", "43000", "0"])
    // 17 x 512,000; then 19 x 512,000, beyond the last of the 19 bins up.
    #expect(Array(rows[17].dropFirst(2)) == ["8704000", "512000", "10000", "1500"])
    #expect(Array(rows[19].dropFirst(2)) == ["9728000", "512000", "8000", "0"])
  }

  @Test func `a clock that was not run has no rows`() {
    var run = SampleRun.analyze
    run.scenarios[0].clocks = "paced"
    for (text, column) in [
      (latencyCSV(run), 2), (latencyHistogramCSV(run), 2), (stallsCSV(run), 2),
      (linkUseCSV(run), 1),
    ] {
      let clocks = Set(parseCSV(text).dropFirst().map { $0[column] })
      #expect(clocks == ["paced"])
    }
  }

  @Test func `a link that sent nothing has no rows, and large bins do not overflow`() {
    var run = SampleRun.analyze
    run.scenarios[0].saturatedUse = LinkUse()
    run.scenarios[0].pacedUse = LinkUse(binPs: 1 << 63, downPs: [1, 1, 1])
    let rows = parseCSV(linkUseCSV(run)).dropFirst()
    // 2 x 2^63 is more than 64 bits hold.
    #expect(
      rows.map { $0[2] } == ["0", "9223372036854775808", "18446744073709551615"])
    run.scenarios[0].pacedUse = LinkUse(binPs: 0, downPs: [1])
    #expect(parseCSV(linkUseCSV(run)).count == 1)
    #expect(linkUsePicture(run).contains("nothing is sent"))
  }

  @Test func `a region's tables have a column per scenario`() {
    let report = markdownReport(SampleRun.compare)
    // 95 of 105 are 90.5 %: the second scenario's p90 is 200.703 ns, and the first one's, 1.008 µs, is
    // in ns beside it, the widest cell of its column.
    #expect(report.contains("| store to acceptance, p90   | 1,007.615 ns |    200.703 ns |"))
    #expect(report.contains("| store to acceptance, p50   |   503.807 ns |    200.703 ns |"))
    #expect(report.contains("| load to its data, max      | 300.000 ns |    300.000 ns |"))
    // 1.95 of 3.2 us; only the second scenario waits for credits.
    #expect(report.contains(" |                 – |   1.950 µs (61 %) |"))
    #expect(report.contains("](stalls.svg)") && report.contains("](link_use.svg)"))
  }

  @Test func `without times the report and the screen say nothing of them`() {
    var run = SampleRun.compare
    for index in run.scenarios.indices {
      run.scenarios[index].totals.saturated.timeParts = []
      for region in run.scenarios[index].regions.indices {
        run.scenarios[index].regions[region].metrics.saturated = ClockMetrics(timePs: 1)
      }
    }
    let report = markdownReport(run)
    #expect(!report.contains("## Why not faster"))
    #expect(!report.contains("| Time went into") && !report.contains("| Latency"))
    #expect(!terminalSummary(run, width: 120, color: false).contains("Why not faster"))
    #expect(stallsPicture(run).contains("kvm-device: no time was spent."))
  }

  @Test func `only the paced clock: it is shown in place of the other`() {
    var run = SampleRun.analyze
    run.scenarios[0].clocks = "paced"
    let report = markdownReport(run)
    #expect(report.contains("`paced` clock") && report.contains("| Latency, paced"))
    // 50,000 ps is the largest of the paced stores.
    #expect(report.contains("| store to acceptance, max   |     50.000 ns |"))
    // 17.35 of 20 us are idle: 86.75 %.
    #expect(report.contains("- `kvm-normal-nc`: 87 % idle until the next recorded time, "))
    #expect(stallsPicture(run).contains("kvm-normal-nc, paced clock"))
  }
}
