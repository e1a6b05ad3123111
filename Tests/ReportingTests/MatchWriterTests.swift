import Reporting
import Results
import Testing

/// The forms of a match, from one made by hand.
@Suite struct MatchWriterTests {
  private static func sides(_ predicted: UInt64, _ observed: UInt64) -> MatchResult.Sides {
    var sides = MatchResult.Sides()
    (sides.predicted, sides.observed) = (predicted, observed)
    return sides
  }

  private static func request(_ address: UInt64, _ dwords: Int) -> MatchResult.Request {
    MatchResult.Request(
      isWrite: true, address: address, dwords: dwords, firstEnables: 15,
      lastEnables: dwords > 1 ? 3 : 0)
  }

  static let result: MatchResult = {
    var result = MatchResult(
      trace: "t.mmt", observed: "o|.csv", scenario: "kvm-device", accessors: "recorded",
      window: 8, lineBytes: 64, hasEnables: true)
    var counts = MatchResult.Counts()
    counts.compared = sides(10, 12)
    counts.agree = 6
    counts.reordered = 1
    counts.splitOtherwise = sides(2, 4)
    counts.otherBytes = sides(1, 1)
    counts.predictedOnly = 1
    counts.observedOnly = 1
    result.regions = [.init(name: "bar, 0", counts: counts)]
    result.totals = counts
    result.sizes = [.init(payloadBytes: 64, writes: sides(10, 8))]
    result.others = [.init(name: "CplD", tlps: sides(3, 4))]
    result.ignoredColumns = ["lane", ""]
    var durations = MatchResult.Durations()
    (durations.observedPs, durations.pacedPs) = (1_500_000, 3_000_000)
    result.durations = durations
    result.differences = [
      .init(
        kind: .observedOnly, region: "bar, 0", predicted: [],
        observed: [.init(line: 9, tlp: "x", request: request(0x20, 1), timePs: 2500)]),
      .init(
        kind: .splitOtherwise, region: "bar, 0",
        predicted: [
          .init(number: 7, request: request(0x40, 16), records: [3...4, 6...6], cause: .barrier)
        ],
        observed: [
          .init(line: 5, tlp: nil, request: request(0x40, 8), timePs: nil),
          .init(line: 6, tlp: nil, request: request(0x60, 8), timePs: nil),
        ]),
    ]
    return result
  }()

  @Test func `the CSV has a row each`() {
    let rows = parseCSV(matchCSV(Self.result))
    let counts = [
      ["compared", "10", "12"], ["agree", "6", "6"], ["reordered", "1", "1"],
      ["split_otherwise", "2", "4"], ["other_bytes", "1", "1"], ["predicted_only", "1", ""],
      ["observed_only", "", "1"],
    ]
    let wanted =
      [["kind", "region", "name", "predicted", "observed"]]
      + counts.map { ["count", "bar, 0"] + $0 } + counts.map { ["count", ""] + $0 }
      + [
        ["write_size", "", "64", "10", "8"], ["not_compared", "", "CplD", "3", "4"],
        ["duration_ps", "", "paced", "3000000", "1500000"],
        ["difference", "bar, 0", "observed_only", "", "9"],
        ["difference", "bar, 0", "split_otherwise", "7", "5 6"],
      ]
    #expect(rows == wanted)
  }

  @Test func `the terminal has the verdict first, and few differences by kind`() {
    let text = matchText(Self.result, width: 80, color: false)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(
      lines[0] == "60 % of 10 predicted requests were seen as predicted, 20 % more in other TLPs")
    #expect(lines[1] == "t.mmt, kvm-device, accessors recorded; o|.csv")
    for line in lines { #expect(line.count <= 80, "\(line)") }
    for words in [
      "  predicted 7: MWr 0x40, 16 DWs, BE 1111/0011, records 3-4 6, left by barrier",
      "  observed  line 9 (x): MWr 0x20, 1 DW, at 2.500 ns",
      "From the first to the last that agrees: 1.500 µs observed, 3.000 µs paced",
      "Not compared: CplD 3 predicted, 4 observed", "Columns not used: lane, (no name)",
    ] {
      #expect(lines.contains(words), "\(words)")
    }
    let split = lines.firstIndex(of: "split otherwise, bar, 0")
    let only = lines.firstIndex(of: "observed only, bar, 0")
    #expect(split.map { $0 < only ?? 0 } == true)
    // Two of the four that do not agree are split finer.
    #expect(text.contains("split finer than predicted"))
    #expect(matchText(Self.result, width: 80, color: true).contains("\u{1b}[1m60 %"))
  }

  @Test func `Markdown keeps what is in names`() {
    let text = matchMarkdown(Self.result)
    #expect(text.contains("**60 % of 10 predicted requests were seen as predicted, 20 %"))
    #expect(text.contains("o\\|.csv"))
    #expect(text.contains("| split otherwise | bar, 0 | 7: MWr 0x40, 16 DWs"))
  }

  @Test func `JSON has every count, and null where nothing is known`() {
    let text = matchJSON(Self.result, atLeast: "99", isMet: false)
    for words in [
      "\"at_least\" : \"99\"", "\"failed\" : true", "\"agree\" : 6", "\"saturated_ps\" : null",
      "\"observed_ps\" : 1500000", "\"cause\" : \"barrier\"", "\"records\" : \"3-4 6\"",
      "\"addr\" : \"0x40\"", "\"last_be\" : \"0011\"", "\"time_ps\" : 2500",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(matchJSON(Self.result, atLeast: nil, isMet: true).contains("\"failed\" : false"))
  }

  @Test func `of nothing predicted there is no share`() {
    var result = Self.result
    result.totals = .init()
    result.totals.compared = Self.sides(0, 3)
    #expect(
      matchVerdict(result)
        == "no memory request is predicted in the trace's regions; 3 requests observed there")
    result.totals.compared = Self.sides(1, 0)
    #expect(matchVerdict(result) == "0 % of 1 predicted request was seen as predicted")
    result.assumedBases = ["bar, 0"]
    result.moved = [.init(region: "bar, 0", base: 0x40)]
    let text = matchText(result, width: 400, color: false)
    for words in [
      "does the map say where they are?", "The capture does not tell it of bar, 0.",
      "The observed list has bar, 0 at 0x40\n",
    ] {
      #expect(text.contains(words), "\(words)")
    }
  }
}
