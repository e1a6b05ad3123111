import ArgumentParser
import ArmMemory
import Profiles
import Replay
import Results
import TraceCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a sweep runs: the grid, what its points share, and on how many cores.
struct SweepOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: """
      The values to try: any profile value by its dotted name, or cpu, rc, link, device \
      (profiles) or accessors: KEY=VALUE,VALUE,…; repeats. Each point is one combination.
      """)
  var axes: [String] = []

  @Option(help: "Mapping before: kvm-device, kvm-normal-nc or none.")
  var before: KVMPolicy = .kvmDevice

  @Option(help: "Mapping after.")
  var after: KVMPolicy = .kvmNormalNC

  @Option(help: "Only one mapping, instead of two side by side.")
  var policy: KVMPolicy?

  @OptionGroup var mapping: MappingOptions

  @Option(help: "CPU profile of all points: a name or a YAML file.")
  var cpu: String?

  @Option(help: "Root complex profile of all points.")
  var rc: String?

  @Option(help: "Link of all points: genGxL[,mps=…,mrrs=…,rcb=…,ph=…,pd=…].")
  var link: String?

  @Option(help: "Device profile of all points.")
  var device: String?

  @Option(help: "Clocks to run: both, saturated or paced.")
  var clock: ScenarioConfiguration.Clocks = .both

  @Option(help: "Cores to use; all where nothing is said. The output is the same.")
  var threads: Int?

  func validate() throws {
    guard !axes.isEmpty else {
      throw ValidationError("nothing to sweep: give --set KEY=VALUE,VALUE,… once or more")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
  }

  /// The grid, every point of which is known to be possible.
  ///
  /// - Throws: ``TraceError`` for a wrong option or value.
  func plan() throws(TraceError) -> SweepPlan {
    let library = try ProfileLibrary()
    let words = AccessorAssumption.allCases.map(\.rawValue) + ["auto"]
    let grid = try SweepGrid(axes, library: library, others: [SweepPlan.accessors: words])
    let base = SweepBase(cpu: cpu, rc: rc, link: link, device: device)
    for axis in grid.axes {
      let isGiven = axis.name == SweepPlan.accessors ? mapping.accessors != "auto" : false
      guard !base.isGiven(axis.name), !isGiven else {
        throw TraceError(
          .configuration, "'\(axis.name)' is swept, and given by --\(axis.name) as well")
      }
    }
    let names = toldApart(before.rawValue, after.rawValue)
    let policies =
      policy.map { [($0, $0.rawValue)] } ?? [(before, names.before), (after, names.after)]
    return try SweepPlan(grid, library: library, base: base, policies) {
      policy, name, accessors, settings throws(TraceError) in
      var mapping = mapping
      if let accessors { mapping.accessors = accessors }
      return try mapping.configuration(
        policy: policy, name: name, clocks: clock, settings: settings)
    }
  }

  /// Cores that the system has for this process.
  var usableThreads: Int { threads ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

/// A sweep as scenarios with variants, for one pass over a trace.
struct SweepPlan {
  /// The axis that is no profile value.
  static let accessors = "accessors"

  let grid: SweepGrid
  /// For each accessor assumption that is swept, each mapping.
  let scenarios: [ScenarioConfiguration]
  /// Number of mappings.
  private let width: Int

  /// - Parameters:
  ///   - grid: The points.
  ///   - library: Has the profiles.
  ///   - base: Profiles that all points share.
  ///   - policies: The mappings, each with a name of its own.
  ///   - configuration: The scenario of a mapping under an accessor assumption, where one is swept.
  /// - Throws: ``TraceError`` where the values of a point do not go together.
  init(
    _ grid: SweepGrid, library: ProfileLibrary, base: SweepBase,
    _ policies: [(policy: KVMPolicy, name: String)],
    configuration: (KVMPolicy, String, String?, ModelSettings) throws(TraceError) ->
      ScenarioConfiguration
  ) throws(TraceError) {
    self.grid = grid
    width = policies.count
    let axis = grid.axes.firstIndex { $0.name == Self.accessors }
    var all: [ModelSettings] = []
    for point in 0..<grid.count {
      let places = grid.places(point)
      // The other assumptions have the same settings.
      guard axis.map({ places[$0] == 0 }) ?? true else { continue }
      all.append(try grid.settings(places, library: library, base: base))
    }
    var settings = all[0]
    settings.variants = all.dropFirst().map { SettingsVariant(changes: [], settings: $0) }
    var scenarios: [ScenarioConfiguration] = []
    let assumptions: [String?] = axis.map { grid.axes[$0].values } ?? [nil]
    for accessors in assumptions {
      for (policy, name) in policies {
        var scenario = try configuration(policy, name, accessors, settings)
        scenario.variantClocks = scenario.clocks
        scenario.measures = false
        scenarios.append(scenario)
      }
    }
    self.scenarios = scenarios
  }

  /// The run's scenarios, point by point.
  func result(_ run: RunResult) -> SweepResult {
    let settings = [run.scenarios] + run.variations.map(\.scenarios)
    let axis = grid.axes.firstIndex { $0.name == Self.accessors }
    var next = 0
    var places: [[Int]: Int] = [:]
    let points = (0..<grid.count).map { point -> SweepResult.Point in
      let own = grid.places(point)
      var shared = own
      if let axis { shared[axis] = 0 }
      let index = places[shared] ?? next
      if index == next {
        places[shared] = index
        next += 1
      }
      let first = (axis.map { own[$0] } ?? 0) * width
      return SweepResult.Point(
        places: own, scenarios: Array(settings[index][first..<first + width]))
    }
    return SweepResult(
      trace: run.trace, axes: grid.axes.map { .init(name: $0.name, values: $0.values) },
      points: points)
  }
}
