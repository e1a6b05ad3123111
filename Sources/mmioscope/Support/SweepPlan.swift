import ArmMemory
import Profiles
import Replay
import Results
import TraceCore

/// A sweep as scenarios with variants, for one pass over a trace.
struct SweepPlan {
  /// The axis that is no profile value.
  static let accessors = Setting.accessorsKey

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
