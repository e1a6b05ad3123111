import Measurements
import Testing

/// Measurements beside the limits that the project set itself.
struct LimitTests {
  private func judgements(_ rows: RawRow...) -> [Judgement] {
    RawTable(facts: [], rows: rows).judgements.filter { $0.measured != nil }
  }

  @Test func `every limit is there without any measurement`() {
    let judgements = RawTable(facts: []).judgements
    #expect(judgements.count == Limit.all.count && judgements.count >= 20)
    #expect(judgements.allSatisfy { $0.verdict == .notMeasured && $0.value == nil })
  }

  /// Million records in one second, against a floor of 40 and an aim of 100.
  @Test(
    arguments: [
      (39, .missed), (40, .kept), (99, .kept), (100, .aim), (200, .aim),
    ] as [(Int, Judgement.Verdict)])
  func `a rate is to be reached`(millions: Int, verdict: Judgement.Verdict) {
    let found = judgements(row(.command, "compare", records: millions * 1_000_000))
    #expect(found.map(\.verdict) == [verdict])
    #expect(found[0].value == Double(millions))
  }

  /// Milliseconds of start-up, against 10.
  @Test(
    arguments: [(0.009, .kept), (0.010, .kept), (0.011, .missed)]
      as [(Double, Judgement.Verdict)])
  func `a time is not to be passed`(seconds: Double, verdict: Judgement.Verdict) {
    let found = judgements(row(.start, "--version", "-", records: 0, wall: seconds))
    #expect(found.map(\.verdict) == [verdict])
  }

  @Test func `memory is judged at every length`() {
    let found = judgements(
      row(.memory, "compare", records: 10, peakKiB: 64 * 1024),
      row(.memory, "compare", records: 100, peakKiB: 64 * 1024 + 1))
    #expect(found.map(\.verdict) == [.kept, .missed])
    #expect(found.map(\.limit.quantity) == [.peakMiB, .peakMiB])
  }

  @Test(arguments: [(1, [40.0]), (2, []), (4, [100]), (64, [100])])
  func `a limit for several cores needs as many`(cores: Int, floors: [Double]) {
    #expect(judgements(row(.command, "compare", cores: cores)).map(\.limit.floor) == floors)
  }

  @Test func `text is judged by lines, bytes and memory`() {
    let found = judgements(
      row(.command, "import", "csv", records: 20_000_000, bytes: 299_000_000, peakKiB: 65 * 1024))
    #expect(found.map(\.verdict) == [.kept, .missed, .missed])
    #expect(found.map(\.value) == [20, 299, 65])
  }

  @Test func `a sweep's point is held against the single run of its cores`() {
    // 12 points in 6 s: half a second each; the single run on one core took 2 s.
    let found = judgements(
      row(.command, "sweep", points: 12, wall: 6),
      row(.command, "compare --ranges off", cores: 2, wall: 1),
      row(.command, "compare --ranges off", wall: 2))
    #expect(found.first { $0.limit.quantity == .shareOfSingleRun }?.value == 0.25)
    let alone = judgements(row(.command, "sweep", points: 12, wall: 6))
    #expect(alone.first { $0.limit.quantity == .shareOfSingleRun }?.verdict == .notMeasured)
  }

  @Test(arguments: [(77, .kept), (78, .missed)] as [(Int, Judgement.Verdict)])
  func `a sweep of twelve points on one thread may have 64 + 12 + 1 MiB`(
    mebibytes: Int, verdict: Judgement.Verdict
  ) {
    let found = judgements(row(.command, "sweep", points: 12, peakKiB: mebibytes * 1024))
    #expect(found.first { $0.limit.quantity == .peakMiB }?.verdict == verdict)
  }
}
