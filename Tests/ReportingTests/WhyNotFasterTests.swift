import Results
import TestSupport
import Testing

@testable import Reporting

@Suite struct WhyNotFasterTests {
  private func scenario(_ parts: [(TimeShare, UInt64)]) -> ScenarioResult {
    var scenario = SampleRun.after
    scenario.totals.saturated.timeParts = parts.map { TimePart(share: $0.0, timePs: $0.1) }
    return scenario
  }

  private func text(_ parts: [(TimeShare, UInt64)]) -> String? {
    WhyNotFaster(scenario(parts))?.text(keys: .none, words: { $0.name })
  }

  /// By hand; remainders in the comments.
  @Test(
    arguments: [
      ([1], [100]), ([0, 7], [0, 100]), ([1, 1], [50, 50]),
      // A third each: the first of equal remainders is rounded up.
      ([1, 1, 1], [34, 33, 33]),
      // 14.28...: two are left over.
      ([1, 1, 1, 1, 1, 1, 1], [15, 15, 14, 14, 14, 14, 14]),
      // 0.9, 49.55, 49.55: the largest remainder is that of the smallest.
      ([18, 991, 991], [1, 50, 49]),
      // 99.9 and 0.1.
      ([999, 1], [100, 0]),
      ([UInt64.max, UInt64.max], [50, 50]),
      ([0, 0], [0, 0]), ([], []),
    ] as [([UInt64], [Int])])
  func `whole percents are rounded where most is cut off`(parts: [UInt64], percents: [Int]) {
    #expect(wholePercents(parts) == percents)
  }

  @Test func `whole percents add up to 100, each less than 1 from its share`() {
    var generator = SplitMix64(seed: 4)
    for _ in 0..<2000 {
      let count = Int.random(in: 1...12, using: &generator)
      let width = UInt64.random(in: 0...63, using: &generator)
      let parts = (0..<count).map { _ in
        UInt64.random(in: 0...(UInt64.max >> width), using: &generator)
      }
      let all = parts.reduce(UInt128(0)) { $0 + UInt128($1) }
      guard all > 0 else { continue }
      let percents = wholePercents(parts)
      #expect(percents.reduce(0, +) == 100)
      for (part, percent) in zip(parts, percents) {
        let exact = UInt128(part) * 100
        let rounded = UInt128(percent) * all
        #expect(max(exact, rounded) - min(exact, rounded) < all)
      }
    }
  }

  @Test func `each scenario of the sample has its sentence`() throws {
    // 7.455, 1.5, 0.845 and 0.2 of 10 us: 74.55, 15, 8.45, 2.
    let before = try #require(WhyNotFaster(SampleRun.before))
    #expect(
      before.text(keys: .largest, words: { $0.name })
        == "75 % acknowledgement (cpu.device_writes_in_flight, cpu.device_ack_ns), 15 % read, "
        + "8 % issue, 2 % link")
    // 1.95, 1.5, 0.845, 0.4, 0.255 and 0.05 of 5 us: 39, 30, 16.9, 8, 5.1, 1.
    let after = try #require(WhyNotFaster(SampleRun.after))
    #expect(
      after.text(keys: .largest)
        == "39 % waiting for flow control credits (link.ph, link.pd, link.credit_loop_ns), "
        + "30 % waiting for load data, 17 % issuing accesses, 8 % waiting for the link, "
        + "5 % at DSB, 1 % waiting for a gathering buffer")
    #expect(!before.hasMore && !after.hasMore)
  }

  @Test func `one part alone is all of it, and no part is no line`() {
    #expect(text([(.credit, 1)]) == "100 % credit")
    #expect(text([(.credit, 5), (.link, 0)]) == "100 % credit")
    #expect(text([]) == nil)
    #expect(text([(.credit, 0)]) == nil)
  }

  @Test func `equal parts are in the order of the shares, whatever order they come in`() {
    let wanted = "34 % issue, 33 % read, 33 % config"
    #expect(text([(.issue, 9), (.read, 9), (.config, 9)]) == wanted)
    #expect(text([(.config, 9), (.issue, 9), (.read, 9)]) == wanted)
  }

  @Test func `a share of no percent is left out, but known of`() throws {
    let why = try #require(WhyNotFaster(scenario([(.issue, 999), (.barrier, 1)])))
    #expect(why.text(keys: .none) == "100 % issuing accesses")
    #expect(why.hasMore)
  }

  @Test func `a value that limits nothing is not to blame`() {
    var scenario = SampleRun.after
    func set(_ key: String, _ value: Setting.Value) {
      scenario.settings.append(
        Setting(key: key, value: value, unit: "", source: "", status: .user))
    }
    // 0 bytes of replay buffer, as in the sample, are as many as there are.
    #expect(
      TimeShare.credit.keys(in: scenario) == ["link.ph", "link.pd", "link.credit_loop_ns"])
    scenario.settings.removeAll { $0.key == "link.replay_buffer_bytes" }
    set("link.replay_buffer_bytes", .integer(4096))
    set("link.pd", .integer(0))
    set("link.credit_loop_ns", .number(0))
    #expect(TimeShare.credit.keys(in: scenario) == ["link.ph", "link.replay_buffer_bytes"])
  }

  @Test func `every share names what it hangs on, unless that is the trace's own`() {
    for share in TimeShare.allCases {
      #expect(share.keys.isEmpty == (share == .idle || share == .turn))
      for key in share.keys { #expect(key.split(separator: ".").count == 2, "\(key)") }
    }
    #expect(Set(TimeShare.allCases.map(\.words)).count == TimeShare.allCases.count)
    #expect(Set(TimeShare.allCases.map(\.meaning)).count == TimeShare.allCases.count)
  }

  /// The numbers before ` %`.
  private func percents(_ line: String) -> [Int] {
    let words = line.split(whereSeparator: { " ,()".contains($0) })
    return zip(words, words.dropFirst()).compactMap { $1 == "%" ? Int($0) : nil }
  }

  @Test func `the line fits, and its shares add up to 100, at any usual width`() throws {
    var generator = SplitMix64(seed: 8)
    for _ in 0..<200 {
      let width = UInt64.random(in: 0...60, using: &generator)
      let parts = TimeShare.allCases.map { share in
        (share, UInt64.random(in: 0...(UInt64.max >> width), using: &generator))
      }
      guard let why = WhyNotFaster(scenario(parts)) else { continue }
      // `Why not faster: 51 % acknowledgement, 49 % others` is the longest that must be whole.
      for columns in [49, 60, 80, 100, 120, 200, 1000] {
        let line = why.line(width: columns)
        #expect(line.count <= columns)
        #expect(percents(line).reduce(0, +) == 100, "\(line)")
      }
      let widest = why.line(width: 1000)
      #expect(widest.hasPrefix("Why not faster (kvm-normal-nc): "))
      #expect(widest.hasSuffix(why.text()))
    }
  }

  @Test func `a narrow line keeps the largest shares, then their keys`() throws {
    let why = try #require(WhyNotFaster(SampleRun.after))
    #expect(why.line(width: 40) == "Why not faster: 39 % credit, 61 % others")
    #expect(
      why.line(width: 71) == "Why not faster: 39 % credit, 30 % read, 17 % issue, 14 % others")
    #expect(
      why.line(width: 72)
        == "Why not faster: 39 % credit, 30 % read, 17 % issue, 8 % link, 6 % others")
    // 39 + 30 + 17 + 8 is the first sum that is at least 90.
    #expect(why.majorCount == 4)
    #expect(
      why.line(width: 120)
        == "Why not faster: 39 % credit (link.ph, link.pd, link.credit_loop_ns), 30 % read, "
        + "17 % issue, 8 % link, 6 % others")
  }

  @Test func `a hostile name cannot reach the terminal`() throws {
    var scenario = SampleRun.after
    scenario.name = "a\u{1b}[31m\n" + String(repeating: "b", count: 100)
    let line = try #require(WhyNotFaster(scenario)).line(width: 1000)
    // 24 characters of the name, the last three of them dots.
    #expect(line.hasPrefix("Why not faster (a?[31m?bbbbbbbbbbbbbb...): "))
  }

  @Test func `regions stay on the screen with the findings`() {
    var generated = GeneratedRun(seed: 31)
    let run = generated.run(regions: 30, findings: 100, words: 4)
    let text = terminalSummary(run, width: 100, color: false, hints: ["a", "b", "c"])
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count <= terminalLineLimit)
    #expect(lines.count { $0.hasPrefix("Why not faster") } == 1)
    #expect(lines.contains { $0.contains(" of findings (") })
  }

  @Test func `on a full screen it leaves room for findings and ranges`() {
    // 5 lines of head, 12 of table, 2 of basis, 3 hints and 1 blank leave 2 of 25. Errors would take
    // the room of regions.
    var generated = GeneratedRun(seed: 31)
    var run = generated.run(regions: 30, findings: 100, words: 4)
    run.findings.removeAll { $0.severity == .error }
    run.variations = [Variation(changes: [], scenarios: run.scenarios)]
    let hints = ["a", "b", "c"]
    #expect(!terminalSummary(run, width: 60, color: false, hints: hints).contains("not faster"))
    #expect(terminalSummary(run, width: 60, color: false).contains("Why not faster"))
  }

  @Test func `where nothing is judged, nothing is asked to be faster`() {
    var run = SampleRun.compare
    for index in 0..<2 {
      run.scenarios[index].totals.stores = 0
      run.scenarios[index].totals.loads = 0
      run.scenarios[index].totals.cfgReads = 9
    }
    #expect(!terminalSummary(run, width: 120, color: false).contains("Why not faster"))
    #expect(!markdownReport(run).contains("Why not faster"))
    // A fault is an access.
    run.scenarios[1].totals.faultsStage2 = 1
    #expect(terminalSummary(run, width: 120, color: false).contains("Why not faster"))
  }
}
