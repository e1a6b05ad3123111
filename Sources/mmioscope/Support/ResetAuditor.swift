import ArmMemory
import ConfigSpace
import Litmus
import Ordering
import Replay
import ResetProof
import Resets
import Results
import TraceCore

/// Makes the audit of a replay's resets.
struct ResetAuditor {
  private let driver: ReplayDriver
  private let run: RunResult
  private let hosts: [(reading: HostReading, words: [String])]

  /// - Parameters:
  ///   - driver: After its run, with resets kept.
  ///   - run: What it returned.
  ///   - hosts: What is taken of the host, by scenario.
  init(
    _ driver: ReplayDriver, _ run: RunResult,
    _ hosts: [(reading: HostReading, words: [String])]
  ) {
    self.driver = driver
    self.run = run
    self.hosts = hosts
  }

  /// The audit, and the programs that the explorer was asked.
  ///
  /// - Returns: Values for the reports; each program once, as a litmus text.
  /// - Throws: `TraceError.internal` where the explorer and a row disagree.
  func audit() throws(TraceError) -> (audit: ResetAudit, programs: [String]) {
    let scenarios = driver.resetCases()
    let sequences = driver.resetSequences()
    var byRecord: [UInt64: [ResetSequence]] = [:]
    for sequence in sequences {
      if let record = sequence.resetRecord { byRecord[record, default: []].append(sequence) }
    }
    let cases = scenarios.first?.cases ?? []
    var entries = cases.enumerated().map { index, reset in
      Self.entry(reset, index + 1, Self.sequence(of: reset, byRecord))
    }
    var programs = ProgramTexts()
    var explored = 0
    for (index, scenario) in scenarios.enumerated() {
      guard scenario.cases.count == entries.count else {
        throw TraceError(.internal, "two scenarios see different resets")
      }
      var prover = Prover(hosts[index].reading)
      for (place, reset) in scenario.cases.enumerated() {
        let proof = try prover.prove(reset)
        programs.add(proof, reset, number: place + 1, scenario: run.scenarios[index].name)
        entries[place].verdicts.append(
          Self.verdict(
            proof, reset, natural: try prover.naturalOrder(reset),
            deviations: Deviation.all(reset, Self.sequence(of: reset, byRecord)),
            scenario: run.scenarios[index].name, regionName: scenario.regionName))
      }
      explored += prover.explored
    }
    let others = sequences.filter { $0.resetRecord == nil }.map(\.method.name)
    let audit = ResetAudit(
      trace: run.trace, scenarios: run.scenarios.map(\.name), host: hosts.first?.words ?? [],
      resets: entries,
      otherSequences: Set(others).sorted().map { name in
        (name, UInt64(others.count { $0 == name }))
      }, leftOut: driver.resetsBeyondLimit(), explored: explored)
    return (audit, programs.texts)
  }

  private static func sequence(
    of reset: ResetCase, _ byRecord: [UInt64: [ResetSequence]]
  ) -> ResetSequence? {
    byRecord[reset.event.record]?.first { sequence in
      sequence.function == reset.event.function
        && sequence.events.contains { $0.kind == reset.event.kind }
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
    return ResetEntry(
      number: number, record: reset.event.record, timeNs: reset.event.timeNs, vcpu: reset.vcpu,
      function: reset.event.function.description,
      functions: reset.functions.map(\.description), kind: reset.event.kind.rawValue,
      path: reset.path.rawValue, isAtBridge: reset.event.kind.isAtBridge,
      method: name(method, reset.path, reset.event), methodID: method.id,
      methodSource: method.source, first: sequence?.first ?? reset.event.record,
      last: sequence?.last ?? reset.event.record, steps: steps, verdicts: [])
  }

  /// What a guest writes under VFIO is trapped, and done again by the host's kernel.
  private static func name(
    _ method: ResetMethod, _ path: ConfigPath, _ event: ConfigEvent
  ) -> String {
    guard path == .vfio, method.origin != .notice else { return method.name }
    return "VFIO: guest reset trapped (\(method.name))"
  }

  private static func verdict(
    _ proof: CaseProof, _ reset: ResetCase, natural: Answer, deviations: [Deviation],
    scenario: String, regionName: (Int) -> String
  ) -> ResetVerdict {
    ResetVerdict(
      scenario: scenario, before: answer(proof.before), after: answer(proof.after),
      verdict: answer(proof.verdict), natural: answer(natural),
      gatheredBytes: reset.gatheredBytes,
      deviations: deviations.map {
        ResetDeviation(code: $0.kind.rawValue, detail: $0.detail, risk: $0.kind.risk)
      },
      accesses: proof.accesses.map { access in
        ResetAccess(
          role: access.role.rawValue, record: access.access.record,
          timeNs: access.access.timeNs, vcpu: access.access.vcpu,
          region: regionName(access.access.region), isStore: access.access.isStore,
          type: access.access.type.name, verdict: answer(access.verdict),
          hangsOn: access.hangsOn, rows: access.rows.map(row))
      }, upstream: row(proof.upstream))
  }

  private static func row(_ row: ProofRow) -> ResetRow {
    ResetRow(
      segment: row.segment.rawValue, answer: answer(row.answer), rule: row.rule.id,
      source: row.rule.source, reason: row.reason, notExpressible: row.notExpressible)
  }

  private static func answer(_ answer: Answer) -> ResetVerdict.Answer {
    switch answer {
    case .yes: .yes
    case .no: .no
    case .hostDependent: .hostDependent
    case .notShown: .notShown
    case .doesNotArise: .doesNotArise
    }
  }
}

/// The programs of an audit as litmus texts, each once, named after the first reset that asks it.
struct ProgramTexts {
  private(set) var texts: [String] = []
  private var known: [AskedProgram] = []

  mutating func add(_ proof: CaseProof, _ reset: ResetCase, number: Int, scenario: String) {
    for access in proof.accesses {
      for asked in access.programs where !known.contains(asked) {
        known.append(asked)
        var program = asked.program.program
        program.name = "R\(number)-\(scenario.split(separator: " ")[0])-\(access.role.rawValue)"
        if access.programs.count > 1 {
          program.name += "-\((access.programs.firstIndex(of: asked) ?? 0) + 1)"
        }
        let removed = asked.program.withoutRules
        program.title =
          "reset at record \(reset.event.record), \(access.role.rawValue) at record "
          + "\(access.access.record)"
          + (removed.isEmpty ? "" : "; without " + removed.joined(separator: " and "))
        let test = LitmusTest(
          program, sources: ["mmioscope reset"], options: asked.program.options,
          claims: [Claim(asked.isKept ? .forbidden : .allowed, asked.program.overtaking)])
        texts.append(test.text)
      }
    }
  }
}
