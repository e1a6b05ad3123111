import ArgumentParser
import ArmMemory
import Litmus
import Ordering
import Profiles
import Replay
import Reporting
import Results
import TraceCore
import TraceIO

/// Minimal programs for findings, cut from the trace.
struct MinimalLitmusOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write for each ordering and fault finding the smallest litmus program, cut from the trace, "
        + "that shows it; - is standard output. Reads the trace a second time.",
      valueName: "file"), transform: outputPath)
  var minimalLitmus: String?

  /// Refuses what cannot be done before the work begins.
  ///
  /// - Parameters:
  ///   - trace: What is read.
  ///   - output: Where the other results go.
  /// - Throws: `ValidationError`.
  func check(_ trace: FilteredTraceOptions, _ output: OutputOptions) throws {
    guard minimalLitmus != nil else { return }
    try trace.whole.checkReadAgain(by: "--minimal-litmus")
    guard minimalLitmus != "-" || !output.usesStandardOutput else {
      throw ValidationError("only one output can be -")
    }
  }

  /// Writes the run and the programs, whatever was asked for of them.
  ///
  /// - Parameters:
  ///   - run: The results.
  ///   - trace: How to read the trace again.
  ///   - configurations: The scenarios of the run.
  ///   - output: Where the results go.
  /// - Throws: ``TraceError`` where the trace cannot be read twice or a file not be written.
  func write(
    _ run: RunResult, _ trace: FilteredTraceOptions, _ configurations: [ScenarioConfiguration],
    with output: OutputOptions
  ) throws(TraceError) {
    var said: String?
    try Outputs.write { outputs throws(TraceError) in
      try output.add(run, to: &outputs)
      said = try add(run, trace, configurations, to: &outputs)
    }
    try output.show(run, isAlone: minimalLitmus != "-")
    if let said { Console.note(said) }
  }

  /// Adds the programs where they were asked for; returns what is to be said of them.
  private func add(
    _ run: RunResult, _ trace: FilteredTraceOptions, _ configurations: [ScenarioConfiguration],
    to outputs: inout Outputs
  ) throws(TraceError) -> String? {
    guard let path = minimalLitmus else { return nil }
    var texts: [String] = []
    var skipped = 0
    for configuration in configurations {
      let findings = run.findings.filter { $0.scenario == configuration.name }
      let cutter = try MinimalLitmus(findings, configuration, trace)
      let cut = try cutter.texts()
      texts += cut.texts
      skipped += cut.skipped
    }
    try outputs.add(path) { texts.joined(separator: "\n") }
    let rest = skipped == 0 ? "" : "; \(counted(UInt64(skipped), "finding")) without one"
    guard !texts.isEmpty else {
      return "no finding makes a minimal program: \(path) is empty" + rest
    }
    return "\(counted(UInt64(texts.count), "minimal program")), confirmed by the explorer" + rest
  }
}

/// Cuts the records of findings out of a trace and makes programs of them.
struct MinimalLitmus {
  private let findings: [Finding]
  private let configuration: ScenarioConfiguration
  private var lookup: RecordLookup

  init(
    _ findings: [Finding], _ configuration: ScenarioConfiguration, _ trace: FilteredTraceOptions
  ) throws(TraceError) {
    self.findings = findings.filter { Self.codes.contains($0.code) }
    self.configuration = configuration
    var wanted: Set<UInt64> = []
    for finding in self.findings {
      wanted.insert(finding.firstRecord)
      if let earlier = finding.earlierRecord { wanted.insert(earlier) }
    }
    let overwriting = Set(self.findings.filter { $0.code == "ORD004" }.map(\.firstRecord))
    lookup = RecordLookup(wanted, overwriting: overwriting, configuration)
    try lookup.run(trace.open(hashes: false))
  }

  /// Findings that two accesses, or one, can show.
  private static let codes: Set = [
    "ORD001", "ORD002", "ORD003", "ORD004", "ORD005", "MAP001", "MAP002", "FLT001",
  ]

  /// One program a finding, each confirmed by the explorer.
  ///
  /// - Returns: The programs, and how many findings have none: the store that is overwritten lies too
  ///   far back.
  /// - Throws: ``TraceError`` where the explorer contradicts a finding.
  func texts() throws(TraceError) -> (texts: [String], skipped: Int) {
    var texts: [String] = []
    var skipped = 0
    for (number, finding) in findings.enumerated() {
      guard let test = test(finding, number: number + 1) else {
        skipped += 1
        continue
      }
      guard try test.isConfirmed() else {
        throw TraceError(
          .internal, "the explorer does not confirm \(finding.code):\n\(test.text)",
          record: finding.firstRecord)
      }
      texts.append(test.text)
    }
    return (texts, skipped)
  }

  private func test(_ finding: Finding, number: Int) -> LitmusTest? {
    guard let last = lookup.found[finding.firstRecord] else { return nil }
    let earlier =
      finding.code == "ORD004"
      ? lookup.overwritten[finding.firstRecord]
      : finding.earlierRecord.flatMap { lookup.found[$0] }
    var accesses = [earlier, last].compactMap { $0 }
    // What is denied is gathering: the access, and one right behind it.
    if finding.code == "MAP002" { accesses.append(Self.following(last)) }
    // Faults depend on the whole access; every other finding shows on a part of it.
    if finding.code != "FLT001" { accesses = Self.narrowed(accesses) }
    guard let condition = condition(finding.code, pair: accesses.count == 2) else { return nil }
    let name = "\(finding.code)-\(configuration.policy.rawValue)-\(number)"
    let records = Set(accesses.map(\.record)).sorted().map { "record \($0)" }.joined(
      separator: ", then ")
    var program = Program(
      name: name, title: records + (finding.region.map { " of \($0)" } ?? ""),
      peripherals: [Peripheral(name: "bar", kind: .mmio)])
    let base = Self.base(of: accesses)
    for (index, access) in accesses.enumerated() {
      add(access, "ab".map(String.init)[index], base, finding.code, &program)
    }
    return LitmusTest(
      program, sources: [finding.rule], options: options,
      claims: [Claim(Self.quantifiers[finding.code] ?? .allowed, condition)])
  }

  /// What a finding says of its condition, where that is not that it may happen.
  private static let quantifiers: [String: Quantifier] = [
    "FLT001": .required, "MAP002": .forbidden,
  ]

  /// An address that the program's offsets may count from: what an access's size is a divisor of,
  /// and of 4 KiB, stays so.
  private static func base(of accesses: [ResolvedRecord]) -> UInt64 {
    let lowest = accesses.map(\.address).min() ?? 0
    let odd = accesses.map { UInt64($0.size) >> UInt64($0.size.trailingZeroBitCount) }.max() ?? 1
    let unit = 4096 * odd
    return lowest / unit * unit
  }

  /// Accesses that are indivisible: themselves, or where one is not, the byte that both have, or the
  /// first.
  private static func narrowed(_ accesses: [ResolvedRecord]) -> [ResolvedRecord] {
    guard !accesses.allSatisfy({ $0.isSingle64 || isIndivisible($0) }) else { return accesses }
    let common = accesses.map(\.address).max() ?? 0
    let isShared = accesses.allSatisfy { common - $0.address < UInt64($0.size) }
    return accesses.map { access in
      var byte = access
      byte.address = isShared ? common : access.address
      byte.size = 1
      byte.isSingle64 = false
      return byte
    }
  }

  private static func isIndivisible(_ access: ResolvedRecord) -> Bool {
    [1, 2, 4, 8].contains(access.size) && access.address % UInt64(access.size) == 0
  }

  private static func following(_ record: ResolvedRecord) -> ResolvedRecord {
    var next = record
    next.address += UInt64(record.size)
    return next
  }

  /// What the finding says, of the accesses a and b.
  private func condition(_ code: String, pair: Bool) -> Condition? {
    switch code {
    case "ORD005": .speculated("a")
    case "FLT001": .faults("a", stage: nil)
    case "ORD004", "MAP002": pair ? .together("a", "b") : nil
    default: pair ? .arrivesBefore("b", "a") : nil
    }
  }

  private var options: ExplorerOptions {
    var options = ExplorerOptions()
    options.lineBytes = configuration.settings.cpu.lineBytes
    options.deviceBusBytes = configuration.settings.cpu.deviceBusBytes
    options.lse2 = configuration.settings.cpu.lse2
    return options
  }

  private func add(
    _ record: ResolvedRecord, _ label: String, _ base: UInt64, _ code: String,
    _ program: inout Program
  ) {
    let location = Location(
      name: label == "a" ? "X" : "Y", peripheral: 0, address: record.address - base,
      size: record.size,
      attributes: AccessAttributes(record.memoryType, faultStage: record.faultStage),
      clearsOnRead: code == "ORD005")
    let same = program.locations.firstIndex {
      $0.address == location.address && $0.size == location.size
        && $0.attributes == location.attributes
    }
    if same == nil { program.locations.append(location) }
    let access = Access(
      label: label, direction: record.isStore ? .store : .load,
      location: same ?? program.locations.count - 1, size: record.size, form: form(record),
      order: record.isRelease ? .release : record.isAcquire ? .acquire : .plain,
      value: record.isStore
        ? [label == "a" ? 1 : 2] + Array(repeating: 0, count: record.size - 1) : [],
      register: record.isStore ? nil : "r" + label)
    let name = "P\(record.vcpu)"
    if let agent = program.agents.firstIndex(where: { $0.name == name }) {
      program.agents[agent].instructions.append(.access(access))
    } else {
      program.agents.append(Agent(name: name, instructions: [.access(access)]))
    }
  }

  private func form(_ record: ResolvedRecord) -> Access.Form {
    if record.isSingle64 { return .single64 }
    return Self.isIndivisible(record) ? .single : .recorded
  }
}
