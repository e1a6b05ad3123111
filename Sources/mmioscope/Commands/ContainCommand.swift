import ArgumentParser
import ArmMemory
import Containment
import Profiles
import Replay
import Reporting
import Results
import TraceCore

/// `contain`: who pays for accesses that the device fails.
struct ContainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contain",
    abstract: "Say who pays when the device fails an access: guest, device or host.",
    discussion: """
      mmioscope contain --matrix                        every fault on every built-in platform
      mmioscope contain --matrix --platform rpi-cm4 --types device-ngnre,device-gre
      mmioscope contain trace.mmt --platform pcie-server --platform rpi-cm4
      mmioscope contain trace.mmt --fault ur --at 2 --steps
      mmioscope contain trace.mmt --set platform.normal_load_abort=serror --csv -

      A fault is ur, ca, timeout, poisoned, link-down or slave-error. An outcome is contained, \
      device lost or host down; where the architecture or a value in range leaves a choice, each \
      possible one is named. `profiles pcie-server` shows a platform's values.
      """)

  @Argument(help: "A native trace or any capture that can be imported; - is standard input.")
  var trace: String?

  @Flag(help: "Print the outcomes alone, without a trace.")
  var matrix = false

  @Option(help: "Two memory types to compare with --matrix.")
  var types: String?

  @Option(help: "How the device fails the access; repeats; all is every way.")
  var fault: [String] = ["all"]

  @Option(
    help: ArgumentHelp(
      "Which access fails: every one, a record's, or those of a region.",
      valueName: "every|record|region NAME"))
  var at: String?

  @Option(help: "Platform profile: a name or a YAML file; repeats; all is every built-in one.")
  var platform: [String] = ["all"]

  @OptionGroup var policies: PolicyOptions

  @Flag(help: "Print every step with its rule and source.")
  var steps = false

  @OptionGroup var scenario: ScenarioOptions
  @OptionGroup var input: InputOptions
  @OptionGroup(title: "Filters, as in slice")
  var filter: FilterOptions
  @OptionGroup var output: ContainmentOutputOptions

  func validate() throws {
    guard matrix != (trace != nil) else {
      throw ValidationError(
        matrix
          ? "--matrix is the outcomes alone, without a trace"
          : "give a trace, or --matrix for the outcomes alone")
    }
    let isAboutTrace =
      at != nil || policies.isGiven || scenario.mapping.isGiven || input.isGiven
      || filter.isGiven
    if matrix, isAboutTrace { throw ValidationError("options about a trace need a trace") }
    if !matrix, types != nil { throw ValidationError("--types needs --matrix") }
  }

  func run() throws {
    let platforms = try chosenPlatforms()
    let faults = try chosenFaults()
    let result: ContainmentResult
    if let trace {
      let scope = try scope()
      var isOneRecord = false
      if case .record = scope { isOneRecord = true }
      result = try ContainmentOfTrace(
        platforms: platforms, faults: faults, isOneRecord: isOneRecord
      ).result(census(trace, scope))
    } else {
      result = try matrixAlone(platforms, faults)
    }
    try output.finish(result, steps: steps)
  }

  // MARK: Options

  private func chosenPlatforms() throws(TraceError) -> [PlatformSettings] {
    let library = ProfileLibrary()
    let names = platform.flatMap { $0 == "all" ? library.names(of: .platform) : [$0] }
    let overrides = scenario.overrides.filter { $0.hasPrefix("platform.") }
    var chosen: [PlatformSettings] = []
    for name in names {
      let settings = try library.platform(name, overrides: overrides)
      if !chosen.contains(where: { $0.name == settings.name }) { chosen.append(settings) }
    }
    return chosen
  }

  private func chosenFaults() throws(TraceError) -> [FaultKind] {
    var chosen: [FaultKind] = []
    for name in fault {
      if name == "all" { return FaultKind.allCases }
      guard let kind = FaultKind(rawValue: name) else {
        throw TraceError(
          .configuration,
          "--fault \(name): expected all, "
            + FaultKind.allCases.map(\.rawValue).joined(separator: ", "))
      }
      chosen.append(kind)
    }
    return FaultKind.allCases.filter(chosen.contains)
  }

  private func scope() throws(TraceError) -> FaultCensus.Scope {
    guard let at, at != "every" else { return .every }
    if at.hasPrefix("region ") { return .region(String(at.dropFirst("region ".count))) }
    guard at.isDecimal, let record = UInt64(at) else {
      throw TraceError(
        .configuration, "--at \(at): expected every, a record's number, or region NAME")
    }
    return .record(record)
  }

  private func chosenTypes() throws(TraceError) -> (MemoryType, MemoryType) {
    guard let types else { return (.deviceNGnRE, .normalNC) }
    let chosen = types.split(separator: ",", omittingEmptySubsequences: false).map {
      MemoryType(name: String($0))
    }
    guard chosen.count == 2, let first = chosen[0], let second = chosen[1] else {
      throw TraceError(
        .configuration,
        "--types \(types): expected two of "
          + MemoryType.allCases.map(\.name).joined(separator: ", ") + ", separated by a comma")
    }
    return (first, second)
  }

  // MARK: Results

  private func census(
    _ path: String, _ scope: FaultCensus.Scope
  ) throws(TraceError) -> ContainmentOfTrace.Census {
    var scenario = scenario
    scenario.overrides.removeAll { $0.hasPrefix("platform.") }
    let (before, after) = policies.pair
    let configurations = try policies.configurations(scenario)
    let source = try filter.open(input.open(path))
    var progress = Progress()
    defer {
      progress.finish()
      reportLosses(source.context.counters.rows)
    }
    var census = FaultCensus(
      source, before: configurations[0], after: configurations[1], scope: scope)
    census.onBlock = { records in progress.update(records: records, source: source) }
    try census.run()
    return ContainmentOfTrace.Census(
      counts: census, context: source.context, before: before.name, after: after.name,
      withoutKVM: before.policy == .none || after.policy == .none,
      filtered: filter.isGiven ? source.context.blindSpots.first : nil)
  }

  private func matrixAlone(
    _ platforms: [PlatformSettings], _ faults: [FaultKind]
  ) throws(TraceError) -> ContainmentResult {
    let (before, after) = try chosenTypes()
    let (rows, verdicts) = ContainmentMatrix.over(platforms) { matrix in
      let place = matrix.settings.platform.attachment == .soc ? "SoC device" : "BAR"
      return faults.flatMap { fault in
        AccessKind.allCases.compactMap { access in
          matrix.row(place: place, fault: fault, access: access, before: before, after: after)
        }
      }
    }
    let names = toldApart(before.name, after.name)
    return ContainmentResult(
      trace: nil, before: names.before, after: names.after, rows: rows, verdicts: verdicts,
      blast: [], failed: nil, notes: [])
  }
}
