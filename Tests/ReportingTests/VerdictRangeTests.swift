import Foundation
import Results
import Testing
import TraceCore

@testable import Reporting

@Suite struct VerdictRangeTests {
  private func ring(_ run: RunResult) throws -> VerdictRange {
    let rows = Comparison(run).rows
    return try #require(rows.first { $0.region.name == "bar2" }?.range)
  }

  @Test func `the range is over the run's own values and all others`() throws {
    // 2.0 / 0.8 = 2.5 by itself, 1.9 and 4.0 in `holding`.
    let range = try ring(RangedRun.holding)
    #expect(range.speedup?.text == "1.9x to 4.0x")
    #expect(range.holds && range.tried == 2)
    // 800 / 105 = 7.6 in each.
    #expect(range.tlps?.text == "7.6x")
    let one = try ring(RangedRun.run([RangedRun.variation([RangedRun.ack], .init(before: 0.5))]))
    #expect(one.speedup?.text == "2.5x to 4.0x", "the run's own 2.5 is an end too")
  }

  @Test func `ends that are written alike are one value`() throws {
    // 2.03 / 0.8 = 2.5375.
    let run = RangedRun.run([RangedRun.variation([RangedRun.ack], .init(after: 2.03))])
    let range = try ring(run)
    #expect(range.speedup?.text == "2.5x" && range.speedup?.bracketed == nil)
    #expect(range.speedup?.low != range.speedup?.high)
  }

  @Test func `fewer gathered stores widen the range of TLPs`() throws {
    // 800 / 400 = 2.0.
    let run = RangedRun.run([RangedRun.variation([RangedRun.buffers], .init(writes: 400))])
    #expect(try ring(run).tlps?.text == "2.0x to 7.6x")
  }

  @Test func `the fewest changes that flip a verdict are named`() throws {
    let range = try ring(RangedRun.flipping)
    #expect(!range.holds && range.tried == 3)
    #expect(range.flips.map(\.changes) == [[RangedRun.loop]])
    #expect(range.flips.map(\.word) == ["no gain"])
    #expect(range.flips.map(\.valueText) == ["link.credit_loop_ns=1000"])
    #expect(range.flipNote == nil)
  }

  @Test func `each value that flips it alone is named`() throws {
    let none = RangedRun.Change(after: 0.8, writes: 800)
    let slower = RangedRun.Change(after: 0.4, writes: 800)
    let run = RangedRun.run([
      RangedRun.variation([RangedRun.loop], none), RangedRun.variation([RangedRun.credits], slower),
    ])
    // 0.4 / 0.8: half as fast with the same writes.
    #expect(try ring(run).flips.map(\.word) == ["no gain", "keep Device"])
  }

  @Test func `several values that flip it together are told from values not tried alone`() throws {
    let none = RangedRun.Change(after: 0.8, writes: 800)
    let pair = RangedRun.variation([RangedRun.ack, RangedRun.loop], none)
    let alone = [RangedRun.ack, RangedRun.loop].map { RangedRun.variation([$0], .init()) }
    let open = try ring(RangedRun.run([pair]))
    #expect(open.flips.first?.valueText == "cpu.device_ack_ns=300 and link.credit_loop_ns=1000")
    #expect(!open.isNarrowed && open.flipNote?.contains("standard input") == true)
    let closed = try ring(RangedRun.run([pair] + alone))
    #expect(closed.isNarrowed && closed.flipNote?.contains("only together") == true)
    #expect(closed.flips.count == 1)
    let lines = [[pair], [pair] + alone].map {
      terminalSummary(RangedRun.run($0), width: 120, color: false)
    }
    let start = "\nverdict of bar2 flips to \"no gain\" with 2 values "
    #expect(lines[0].contains(start + "changed; a file instead of a pipe tells which\n"))
    #expect(
      lines[1].contains(
        start + "together, none alone (cpu.device_ack_ns=300, link.credit_loop_ns=1000)\n"))
  }

  /// As many names as fit: the line without any is 68 characters long, a name and `, ...` between
  /// brackets 16 (`link.ph=32`) to 29.
  @Test(arguments: [
    (120, " (cpu.buffers=2, cpu.device_ack_ns=300, ...)"), (100, " (cpu.buffers=2, ...)"),
    (160, " (cpu.buffers=2, cpu.device_ack_ns=300, link.credit_loop_ns=1000, ...)"), (80, ""),
  ])
  func `of many values some are named where there is room`(width: Int, names: String) {
    let none = RangedRun.Change(after: 0.8, writes: 800)
    let all = [RangedRun.buffers, RangedRun.ack, RangedRun.loop, RangedRun.credits]
    let run = RangedRun.run(
      [RangedRun.variation(all, none)] + all.map { RangedRun.variation([$0], .init()) })
    let text = terminalSummary(run, width: width, color: false)
    #expect(
      text.contains(
        "\nverdict of bar2 flips to \"no gain\" with 4 values together, none alone\(names)\n"))
  }

  @Test func `a region that a variation does not have is not judged by it`() throws {
    var run = RangedRun.flipping
    for index in run.variations[2].scenarios.indices {
      run.variations[2].scenarios[index].regions.removeAll { $0.region.name == "bar2" }
    }
    let range = try ring(run)
    #expect(range.tried == 2)
    #expect(range.flips.map(\.changes) == [[RangedRun.ack, RangedRun.loop]], "what is left")
  }

  @Test func `regions of one name are told apart by their base`() throws {
    var run = RangedRun.flipping
    for index in run.variations.indices {
      for scenario in 0..<2 {
        for region in run.variations[index].scenarios[scenario].regions.indices {
          run.variations[index].scenarios[scenario].regions[region].region.base &+= 0x1000
        }
      }
    }
    #expect(try ring(run).tried == 0)
  }

  @Test func `nothing is said of speed where the type stays the same`() throws {
    let rows = Comparison(RangedRun.holding).rows
    let platform = try #require(rows.first { $0.region.name == "gic" })
    #expect(platform.range?.speedup == nil && platform.range?.holds == true)
  }

  @Test func `no range without variations, a second scenario or the saturated clock`() {
    var paced = RangedRun.holding
    for index in paced.scenarios.indices { paced.scenarios[index].clocks = "paced" }
    var single = RangedRun.holding
    single.scenarios.removeFirst()
    for run in [SampleRun.compare, paced, single] {
      let comparison = Comparison(run)
      #expect(comparison.range == nil && comparison.rows.allSatisfy { $0.range == nil })
      #expect(suspectSettings(run).isEmpty)
      #expect(rangesCSV(run).split(separator: "\n").count == 1)
      #expect(!markdownReport(run).contains("## How sure"))
      #expect(!terminalSummary(run, width: 100, color: false).contains("in range"))
    }
  }

  @Test func `whether a run hangs on values`() {
    #expect(suspectSettings(RangedRun.holding).isEmpty)
    #expect(!suspectSettings(RangedRun.flipping).isEmpty)
    // The region's verdict stays (fewer TLPs, not slower than 1.1 times), the trace's speed does
    // not: 1.32 / 0.66 = 2.0 by itself, 0.74 / 0.8 here.
    let run = RangedRun.run([RangedRun.variation([RangedRun.ack], .init(after: 0.74))])
    #expect(!suspectSettings(run).isEmpty)
    let text = terminalSummary(run, width: 120, color: false)
    #expect(
      text.contains(
        "\nevery verdict holds for all values in range, but the speed of the whole trace does not"
          + " (1 combination tried)\n"
          + "speed of the whole trace flips to \"no change\" at cpu.device_ack_ns=300\n"))
    // The same in less room.
    for (width, line) in [
      (90, "every verdict holds, but the speed of the whole trace does not (1 combination tried)"),
      (64, "every verdict holds, but the speed of the whole trace does not"),
      (40, "every verdict holds, not the whole's speed".prefix(37) + "..."),
    ] {
      let text = terminalSummary(run, width: width, color: false)
      #expect(text.contains("\n\(line)\n"), "\(text)")
    }
  }

  /// One in a thousand is the verdicts' own limit.
  @Test(arguments: [(UInt64(6), false), (7, true)])
  func `a region with next to no stores decides nothing`(bytes: UInt64, counts: Bool) {
    var run = RangedRun.run([RangedRun.variation([RangedRun.ack], .init(before: 0.5))])
    // The doorbell, of 6600 bytes in all: bytes * 1000 against 6600.
    func shrink(_ scenario: inout ScenarioResult) {
      scenario.regions[0].metrics.storeBytes = bytes
      scenario.regions[0].metrics.stores = Verdict.fewestStores
    }
    for index in 0..<2 {
      shrink(&run.scenarios[index])
      shrink(&run.variations[0].scenarios[index])
    }
    // Half of its writes gone: from `blocked` to a gain.
    run.variations[0].scenarios[1].regions[0].metrics.mwr = 20
    #expect(suspectSettings(run).isEmpty != counts)
    let text = terminalSummary(run, width: 120, color: false)
    #expect(text.contains("in range (1 combination tried), except of 1 region with") == !counts)
  }

  @Test func `the terminal says which value a verdict flips on, or that none does`() {
    let holds = terminalSummary(RangedRun.holding, width: 120, color: false)
    #expect(holds.contains("2.5x (1.9x to 4.0x)"))
    #expect(holds.contains("2.5x faster (1.9x to 4.0x)"))
    #expect(
      holds.contains("\nevery verdict holds for all values in range (2 combinations tried)\n"))
    let flips = terminalSummary(RangedRun.flipping, width: 120, color: false)
    #expect(flips.contains("\nverdict of bar2 flips to \"no gain\" at link.credit_loop_ns=1000\n"))
    #expect(!flips.contains("every verdict"))
  }

  @Test func `the report says the same, with the values and what it is no proof of`() {
    let holds = markdownReport(RangedRun.holding)
    #expect(holds.contains("**Every verdict holds for all values in range.**"))
    #expect(holds.contains("2 combinations") && holds.contains("no proof for every value"))
    let flips = markdownReport(RangedRun.flipping)
    #expect(flips.contains("**1 verdict of 3 hangs on a value that is not known.**"))
    #expect(flips.contains("**no**; at link.credit_loop_ns=1000: no gain"))
    #expect(flips.contains("| `rc.split`") && flips.contains("runs, aligned"))
    #expect(flips.contains("50 to 300"))
  }

  @Test func `the CSV has a row a region and one for the whole`() {
    let rows = rangesCSV(RangedRun.flipping).split(separator: "\n").map(String.init)
    #expect(rows.count == 5)
    // 0.8 / 0.8 = 1 and 2.0 / 0.5 = 4; 800 / 800 and 800 / 105 = 7.619047...
    #expect(
      rows[1]
        == "bar2,2.500000,1.000000,4.000000,1.000000,7.619048,map WC,3,false,"
        + "link.credit_loop_ns=1000,no gain")
    #expect(rows[4].hasPrefix(",2.000000,1.000000,4.000000,"))
  }

  private struct Document: Decodable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    struct Brief: Decodable {
      var name: String
      var time_ps: UInt64
      var goodput_bytes_per_s: UInt64?
      var mwr: UInt64
      var regions: [Brief]?
    }
    struct Variation: Decodable {
      var changes: [String: Int]
      var scenarios: [Brief]
    }
    var variations: [Variation]
  }

  @Test func `the JSON holds every variation in brief, and the ranges`() throws {
    let text = runJSON(RangedRun.flipping)
    let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
    #expect(
      document.variations.map(\.changes) == [
        ["cpu.device_ack_ns": 300, "link.credit_loop_ns": 1000], ["cpu.device_ack_ns": 300],
        ["link.credit_loop_ns": 1000],
      ])
    let after = try #require(document.variations[2].scenarios.last)
    #expect(after.name == "kvm-normal-nc" && after.goodput_bytes_per_s == 800_000_000)
    let region = try #require(after.regions?.first { $0.name == "bar2" })
    #expect(region.mwr == 800 && region.time_ps == 3_200_000)
    #expect(region.goodput_bytes_per_s == 800_000_000)
    #expect(text.contains("\"runs\",\n"))
  }

  @Test(arguments: [0, 1, 9, 200])
  func `bounds of screen and report hold with variations`(regions: Int) {
    var generated = GeneratedRun(seed: UInt64(regions) + 900)
    var run = generated.run(regions: regions, findings: 300, words: 6)
    for index in 0..<20 {
      let other = generated.run(regions: regions, findings: 0, words: 6)
      var scenarios = run.scenarios
      // The same regions with the other run's numbers.
      for side in 0..<2 {
        for region in scenarios[side].regions.indices {
          scenarios[side].regions[region].metrics = other.scenarios[side].regions[region].metrics
        }
      }
      let changes = (0...(index % 5)).map {
        RangedRun.setting(generated.text(words: 5), .integer(Int64($0)))
      }
      run.variations.append(Variation(changes: changes, scenarios: scenarios))
    }
    for width in [40, 60, 80, 120] {
      let lines = terminalSummary(run, width: width, color: false, hints: ["a", "b", "c"])
        .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(lines.count <= terminalLineLimit)
      #expect(lines.allSatisfy { $0.count <= width })
    }
    #expect(markdownReport(run).utf8.count < markdownByteLimit)
  }
}

@Suite struct RatioTests {
  @Test func `quotients compare exactly`() throws {
    // Against cross products of small numbers, which no type can overflow.
    let numbers: [UInt64] = [0, 1, 2, 3, 5, 8]
    for a in numbers {
      for b in numbers.dropFirst() {
        for c in numbers {
          for d in numbers.dropFirst() {
            let left = try #require(Ratio(a, of: b))
            let right = try #require(Ratio(c, of: d))
            #expect((left < right) == (a * d < c * b))
            #expect((left == right) == (a * d == c * b))
          }
        }
      }
    }
  }

  @Test func `the largest counts do not overflow, and nothing is divided by 0`() throws {
    let less = try #require(Ratio(.max - 1, of: .max))
    let one = try #require(Ratio(.max, of: .max))
    #expect(less < one && less != one)
    #expect(Ratio(1, of: 0) == nil && Ratio(nil, of: 1) == nil && Ratio(1, of: nil) == nil)
    #expect(RatioRange([]) == nil)
  }
}
