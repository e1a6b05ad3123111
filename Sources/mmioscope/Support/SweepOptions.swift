import ArgumentParser
import ArmMemory
import Profiles
import Replay
import TraceCore

/// What a sweep runs: the grid, what its points share, and on how many cores.
struct SweepOptions: ParsableArguments {
  @Option(
    name: .customLong("set"),
    help: """
      The values to try: any profile value by its dotted name, or cpu, rc, link, device \
      (profiles) or accessors: KEY=VALUE,VALUE,…; repeats. Each point is one combination.
      """)
  var axes: [String] = []

  @Option(
    help: """
      The same as a YAML file: a mapping of keys to a value or a list of values, before those of \
      --set.
      """)
  var matrix: String?

  @OptionGroup var policies: PolicyOptions

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

  func validate() throws {
    guard !axes.isEmpty || matrix != nil else {
      throw ValidationError(
        "nothing to sweep: give --set KEY=VALUE,VALUE,… once or more, or --matrix FILE")
    }
    guard policy == nil || !policies.isGiven else {
      throw ValidationError("--policy is one mapping; --before and --after are two")
    }
  }

  /// The grid, every point of which is known to be possible.
  ///
  /// - Throws: ``TraceError`` for a wrong option or value.
  func plan() throws(TraceError) -> SweepPlan {
    let library = ProfileLibrary()
    let words = AccessorAssumption.allCases.map(\.rawValue) + ["auto"]
    let others = [SweepPlan.accessors: words]
    var texts = axes
    if let matrix {
      texts.insert(
        contentsOf: try SweepMatrix.read(matrix, library: library, others: others), at: 0)
    }
    let grid = try SweepGrid(texts, library: library, others: others)
    let base = SweepBase(cpu: cpu, rc: rc, link: link, device: device)
    for axis in grid.axes {
      let isGiven = axis.name == SweepPlan.accessors ? mapping.accessors != "auto" : false
      guard !base.isGiven(axis.name), !isGiven else {
        throw TraceError(
          .configuration, "'\(axis.name)' is swept, and given by --\(axis.name) as well")
      }
    }
    let (before, after) = policies.pair
    let policies = policy.map { [($0, $0.rawValue)] } ?? [before, after]
    return try SweepPlan(grid, library: library, base: base, policies) {
      policy, name, accessors, settings throws(TraceError) in
      var mapping = mapping
      if let accessors { mapping.accessors = accessors }
      return try mapping.configuration(
        policy: policy, name: name, clocks: clock, settings: settings)
    }
  }
}
