import ArmMemory
import ConfigSpace
import Replay
import ResetProof
import Resets
import Results
import TraceCore

/// Makes the audit of a replay's resets.
///
/// Every reset is judged once; the words of a proof are made when an entry is looked at, so that
/// their memory is that of one entry.
struct ResetAuditor {
  private let run: RunResult
  private let hosts: [(reading: HostReading, words: [String])]
  private var scenarios: [(cases: [ResetCase], regionName: (Int) -> String)]
  private let sequences: ResetSequences
  /// Records of notices that repeat the reset of a config write, by the write's record.
  private var notices: [UInt64: UInt64] = [:]
  private let leftOut: UInt64
  private let holdsBarriers: Bool

  /// - Parameters:
  ///   - driver: After its run, with resets kept.
  ///   - run: What it returned.
  ///   - hosts: What is taken of the host, by scenario.
  init(
    _ driver: ReplayDriver, _ run: RunResult,
    _ hosts: [(reading: HostReading, words: [String])]
  ) {
    self.run = run
    self.hosts = hosts
    scenarios = driver.resetCases()
    sequences = ResetSequences(driver.resetSequences())
    leftOut = driver.resetsBeyondLimit()
    holdsBarriers = driver.holdsBarriers
    foldNotices()
  }

  /// Makes one reset of a config write and the notice of the same reset that a log has behind it.
  ///
  /// The same function, kind and time; what came after the notice came after the reset.
  private mutating func foldNotices() {
    guard sequences.hasNotices, let cases = scenarios.first?.cases else { return }
    var repeated: [Int] = []
    for place in cases.indices.dropFirst() {
      let (one, next) = (cases[place - 1], cases[place])
      guard next.event.repeatedRecord == one.event.record, let write = sequences.of(one),
        !write.isNotice, let notice = sequences.of(next), notice.isNotice
      else { continue }
      repeated.append(place)
      notices[one.event.record] = next.event.record
    }
    for index in scenarios.indices where scenarios[index].cases.count == cases.count {
      for place in repeated where scenarios[index].cases[place - 1].firstAfter == nil {
        scenarios[index].cases[place - 1].firstAfter = scenarios[index].cases[place].firstAfter
      }
      let gone = Set(repeated)
      scenarios[index].cases = scenarios[index].cases.enumerated()
        .filter { !gone.contains($0.offset) }.map(\.element)
    }
  }

  /// Resets of the trace.
  var count: Int { scenarios.first?.cases.count ?? 0 }

  /// The audit, and the programs that the explorer was asked.
  ///
  /// - Parameter numbers: Resets, counted from 1, that it is of; empty = all.
  /// - Returns: Values for the reports; each program once, as a litmus text.
  /// - Throws: `TraceError.internal` where the explorer and a row disagree.
  func audit(only numbers: Set<Int>) throws(TraceError) -> (audit: ResetAudit, programs: [String]) {
    guard scenarios.allSatisfy({ $0.cases.count == count }) else {
      throw TraceError(.internal, "two scenarios see different resets")
    }
    let places = numbers.isEmpty ? Array(0..<count) : numbers.map { $0 - 1 }.sorted()
    var programs = ProgramTexts()
    var tallies: [ResetTally] = []
    var isBad = [Bool](repeating: false, count: places.count)
    var hangsOn: Set<HostValue> = []
    var views: [ScenarioView] = []
    for (index, scenario) in scenarios.enumerated() {
      let name = run.scenarios[index].name
      var prover = Prover(hosts[index].reading, showsBarriers: holdsBarriers)
      var tally = ResetTally()
      var regions: [Int: String] = [:]
      for (row, place) in places.enumerated() {
        let reset = scenario.cases[place]
        let verdict = try prover.judge(reset)
        if verdict.isNew {
          programs.add(try prover.prove(reset), reset, number: place + 1, scenario: name)
        }
        if verdict.natural == .notShown, reset.mayResetOthers { tally.withUnknownScope += 1 }
        tally.natural[Self.answer(verdict.natural), default: 0] += 1
        tally.before[Self.answer(verdict.before), default: 0] += 1
        tally.after[Self.answer(verdict.after), default: 0] += 1
        hangsOn.formUnion(verdict.hangsOn)
        if verdict.verdict == .no { isBad[row] = true }
        for region in reset.regions where regions[region] == nil {
          regions[region] = scenario.regionName(region)
        }
      }
      tallies.append(tally)
      views.append(
        ScenarioView(name: name, cases: scenario.cases, prover: prover, regions: regions))
    }
    let others = sequences.all.filter { $0.resetRecord == nil }.map(\.method.name)
    var audit = ResetAudit(
      trace: run.trace, scenarios: run.scenarios.map(\.name), host: hosts.first?.words ?? [],
      resets: list(places, views), total: count, tallies: tallies,
      notOrdered: Array(isBad.indices.lazy.filter { isBad[$0] }.prefix(Self.shownLimit)),
      openValues: HostValue.allCases.filter(hangsOn.contains).map {
        ResetOpenValue(name: $0.name, option: HostOptions.settling($0))
      },
      otherSequences: Set(others).sorted().map { name in
        (name, UInt64(others.count { $0 == name }))
      }, leftOut: leftOut, explored: views.reduce(0) { $0 + $1.prover.explored })
    audit.holdsBarriers = holdsBarriers
    if let scenario = run.scenarios.last {
      audit.accessors = scenario.accessors
      audit.profiles = [scenario.cpu, scenario.rootComplex, scenario.link]
    }
    return (audit, programs.texts)
  }

  /// More than any form shows of those that are not ordered.
  private static let shownLimit = 16

  /// Entries that are made when they are looked at.
  private func list(_ places: [Int], _ views: [ScenarioView]) -> ResetList {
    let sequences = sequences
    let notices = notices
    return ResetList(count: places.count) { row in
      let place = places[row]
      let reset = views[0].cases[place]
      let sequence = sequences.of(reset)
      var entry = Self.entry(reset, place + 1, sequence)
      if let notice = notices[reset.event.record] {
        entry.steps.append(
          ResetEntry.Step(name: "notice", first: notice, last: notice, count: 1))
      }
      entry.verdicts = views.map { $0.verdict(place, sequence) }
      return entry
    }
  }

  // MARK: Values

  private static func entry(
    _ reset: ResetCase, _ number: Int, _ sequence: ResetSequence?
  ) -> ResetEntry {
    let method = sequence?.method ?? .bare
    var steps = (sequence?.seen ?? []).map {
      ResetEntry.Step(name: $0.step.rawValue, first: $0.first, last: $0.last, count: $0.count)
    }
    steps += (sequence?.missing ?? []).map {
      ResetEntry.Step(name: $0.rawValue, first: nil, last: nil, count: 0)
    }
    var entry = ResetEntry(
      number: number, record: reset.event.record, timeNs: reset.event.timeNs, vcpu: reset.vcpu,
      function: reset.event.function.description,
      functions: reset.functions.map(\.description), kind: reset.event.kind.rawValue,
      path: reset.path.rawValue, isAtBridge: reset.event.kind.isAtBridge,
      method: name(method, reset.path, reset.event), methodID: method.id,
      methodSource: method.source, first: sequence?.first ?? reset.event.record,
      last: sequence?.last ?? reset.event.record, steps: steps, verdicts: [])
    entry.hole = reset.hole
    entry.mayResetOthers = reset.mayResetOthers
    return entry
  }

  /// What a guest writes under VFIO is trapped, and done again by the host's kernel.
  private static func name(
    _ method: ResetMethod, _ path: ConfigPath, _ event: ConfigEvent
  ) -> String {
    guard path == .vfio, method.origin != .notice else { return method.name }
    return "VFIO: guest reset trapped (\(method.name))"
  }

  static func row(_ row: ProofRow) -> ResetRow {
    ResetRow(
      segment: row.segment.rawValue, answer: answer(row.answer), rule: row.rule.id,
      source: row.rule.source, reason: row.reason, notExpressible: row.notExpressible)
  }

  static func answer(_ answer: Answer) -> ResetVerdict.Answer {
    switch answer {
    case .yes: .yes
    case .no: .no
    case .hostDependent: .hostDependent
    case .notShown: .notShown
    case .doesNotArise: .doesNotArise
    }
  }
}

extension ResetCase {
  /// Regions of the accesses next to it.
  fileprivate var regions: [Int] {
    [lastStore?.access, weakestStore?.access, lastLoad?.access, firstAfter?.access]
      .compactMap { $0?.region }
  }
}
