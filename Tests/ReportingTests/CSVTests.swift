import Reporting
import Results
import Testing

/// A reader of RFC 4180, as small as can be: rows of cells.
func parseCSV(_ text: String) -> [[String]] {
  var rows: [[String]] = []
  var row: [String] = []
  var cell = ""
  var isQuoted = false
  let scalars = Array(text.unicodeScalars)
  var index = 0
  while index < scalars.count {
    let scalar = scalars[index]
    if isQuoted {
      if scalar == "\"", index + 1 < scalars.count, scalars[index + 1] == "\"" {
        cell += "\""
        index += 1
      } else if scalar == "\"" {
        isQuoted = false
      } else {
        cell.unicodeScalars.append(scalar)
      }
    } else if scalar == "\"" {
      isQuoted = true
    } else if scalar == "," || scalar == "\n" {
      row.append(cell)
      cell = ""
      if scalar == "\n" {
        rows.append(row)
        row = []
      }
    } else {
      cell.unicodeScalars.append(scalar)
    }
    index += 1
  }
  return rows
}

@Suite struct CSVTests {
  private func table(_ text: String) -> [[String: String]] {
    let rows = parseCSV(text)
    let header = rows.first ?? []
    for row in rows { #expect(row.count == header.count) }
    return rows.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  @Test func `names with commas, quotes and pipes come back`() {
    let rows = table(summaryCSV(SampleRun.compare))
    #expect(
      rows.map { $0["region"] } == [
        SampleRun.awkward, "bar2", "gic", SampleRun.awkward, "bar2", "gic",
      ])
  }

  @Test func `any text comes back from a cell`() {
    var generated = GeneratedRun(seed: 11)
    let run = generated.run(regions: 3, findings: 40, words: 9)
    let rows = table(findingsCSV(run))
    #expect(rows.map { $0["message"] } == run.findings.map(\.message))
    #expect(rows.map { $0["region"] } == run.findings.map(\.region))
  }

  @Test func `one row per scenario and region, which add up to the scenario`() throws {
    let rows = table(summaryCSV(SampleRun.compare))
    for scenario in SampleRun.compare.scenarios {
      let own = rows.filter { $0["scenario"] == scenario.name }
      #expect(own.count == scenario.regions.count)
      let totals = scenario.totals
      let sums: [(String, UInt64)] = [
        ("stores", totals.stores), ("store_bytes", totals.storeBytes), ("mwr", totals.mwr),
        ("mrd", totals.mrd), ("payload_bytes", totals.payloadBytes),
        ("padded_bytes", totals.paddedBytes), ("wire_down_bytes", totals.wireDownBytes),
        ("wire_up_bytes", totals.wireUpBytes), ("bus_writes", totals.busWrites),
      ]
      for (name, total) in sums {
        #expect(own.map { UInt64($0[name] ?? "") ?? .max }.reduce(0, +) == total, "\(name)")
      }
    }
  }

  @Test func `quotients and clocks are those of the sums`() {
    let rows = table(summaryCSV(SampleRun.compare))
    let ring = rows[4]
    // 800 / 105 = 7.619047...; 6400 / 8920 = 0.717488...
    #expect(ring["gather_factor"] == "7.619048")
    #expect(ring["wire_efficiency"] == "0.717489")
    #expect(ring["saturated_goodput_bytes_per_s"] == "2000000000")
    #expect(ring["paced_time_ps"] == "8500000")
    #expect(ring["effective"] == "normal-nc")
    #expect(ring["policy"] == "kvm-normal-nc")
  }

  @Test func `what is not known is empty, not zero`() {
    var run = SampleRun.compare
    run.scenarios[0].clocks = "paced"
    let rows = table(summaryCSV(run))
    #expect(rows[1]["saturated_time_ps"] == "")
    #expect(rows[1]["paced_time_ps"] == "9000000")
    // The interrupt controller's goodput is not known.
    #expect(rows[5]["saturated_goodput_bytes_per_s"] == "")
    #expect(table(findingsCSV(run))[2]["first_line"] == "")
  }

  @Test func `sizes and causes add up to the metrics`() {
    let sizes = table(tlpSizesCSV(SampleRun.compare))
    let tlps = sizes.filter { $0["scenario"] == "kvm-normal-nc" }
      .reduce(0) { $0 + (UInt64($1["tlps"] ?? "") ?? 0) }
    #expect(tlps == 155)
    let causes = table(flushCausesCSV(SampleRun.compare))
    #expect(causes.allSatisfy { $0["scenario"] == "kvm-normal-nc" })
    #expect(causes.map { $0["cause"] } == ["barrier", "full", "barrier", "end"])
    // The ring's 6400 bytes and the doorbell's 160.
    #expect(causes.reduce(0) { $0 + (UInt64($1["bytes"] ?? "") ?? 0) } == 6560)
  }

  @Test func `lines end in a line feed alone`() {
    for text in [summaryCSV(SampleRun.compare), findingsCSV(SampleRun.compare)] {
      #expect(text.hasSuffix("\n"))
      #expect(!text.utf8.contains(13))
    }
  }
}
