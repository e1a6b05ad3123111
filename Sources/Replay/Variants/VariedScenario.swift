import ArmMemory
import Profiles
import Results
import TraceCore

/// A scenario under its own settings and under each of their variants, in one pass.
///
/// Variants that differ only in what time depends on are further clocks of one replay, and those
/// whose clocks are equal share one. Those that count alike up to some event follow a replay until
/// it comes, and so do clocks; see ``ScenarioReplay`` and ``ClockLane``.
final class VariedScenario {
  /// Under the scenario's own settings.
  var replay: ScenarioReplay { leaders[0] }
  /// All replays, first that of the scenario's own settings; more may follow after any block.
  ///
  /// Of the others the totals alone are kept, and nothing is looked for.
  var replays: [ScenarioReplay] { leaders.flatMap(\.family) }
  private let leaders: [ScenarioReplay]
  /// Of each variant, whose clocks are its.
  private let clocks: [ClockID]
  private let configuration: ScenarioConfiguration

  /// - Parameters:
  ///   - configuration: Whose settings may have variants.
  ///   - accessors: The accessor assumption in force.
  ///   - context: The trace's regions and texts.
  ///   - parts: Replays that the clocks are spread over, where there are enough of them, so that as
  ///     many cores have something to do; results do not depend on it.
  init(
    _ configuration: ScenarioConfiguration, accessors: AccessorAssumption, context: TraceContext,
    parts: Int = 1
  ) {
    self.configuration = configuration
    let (plans, clocks) = Self.plans(configuration)
    self.clocks = clocks
    let groups = Self.groups(plans, configuration, parts: parts)
    leaders = groups.enumerated().map { index, group in
      var varied = configuration
      var kinds = configuration.variantClocks
      if index > 0 {
        varied.settings = group[0].settings
        varied.measures = false
        varied.keepsResetCases = false
      } else if !configuration.measures, kinds != configuration.clocks {
        kinds = .both
      }
      return ScenarioReplay(
        varied, accessors: accessors, context: context, group, clocks: kinds)
    }
  }

  /// One plan for each set of counts, first that of the scenario's own settings; and the clocks of
  /// each variant.
  private static func plans(
    _ configuration: ScenarioConfiguration
  ) -> (plans: [ReplayPlan], clocks: [ClockID]) {
    var plans = [configuration.ownPlan]
    var planOfCounts = [plans[0].counted: 0]
    var clockOfTimes: [ClockInPlan: Int] = [:]
    let gathers = configuration.policy != .kvmDevice
    // The scenario's own clocks keep more than those of variants do, unless neither does.
    if !configuration.measures, configuration.clocks == configuration.variantClocks {
      clockOfTimes[ClockInPlan(plan: 0, key: ClockKey(configuration.settings, gathers: gathers))] =
        0
    }
    var clocks: [ClockID] = []
    for settings in configuration.settings.variants.map(\.settings) {
      let counts = configuration.counted(settings)
      let plan = planOfCounts[counts] ?? plans.count
      if plan == plans.count {
        planOfCounts[counts] = plan
        plans.append(
          ReplayPlan(number: plan, settings: settings, counted: counts, clocks: []))
      }
      let key = ClockInPlan(plan: plan, key: ClockKey(settings, gathers: gathers))
      let place = clockOfTimes[key] ?? plans[plan].clocks.count
      if place == plans[plan].clocks.count {
        clockOfTimes[key] = place
        plans[plan].clocks.append((place, settings))
      }
      clocks.append(ClockID(plan: plan, place: place))
    }
    return (plans, clocks)
  }

  private struct ClockInPlan: Hashable {
    var plan: Int
    var key: ClockKey
  }

  /// Lanes of clocks that are worth counting once more for.
  private static let leastLanes = 2

  /// The plans in groups that follow a leader each, the scenario's own first.
  private static func groups(
    _ plans: [ReplayPlan], _ configuration: ScenarioConfiguration, parts: Int
  ) -> [[ReplayPlan]] {
    var parts = parts
    var groups: [[ReplayPlan]] = []
    var rest = plans
    // What measures has enough to do.
    if parts > 1, configuration.measures, plans.contains(where: { $0.clocks.count > 1 }) {
      groups.append([plans[0].with { $0 == 0 }])
      rest[0] = plans[0].with { $0 > 0 }
      rest.removeAll { $0.clocks.isEmpty }
      parts -= 1
    }
    return groups + split(rest, configuration, into: parts).flatMap(ReplayPlan.led)
  }

  /// Spreads clocks over parts; those that may share a lane stay together.
  private static func split(
    _ plans: [ReplayPlan], _ configuration: ScenarioConfiguration, into parts: Int
  ) -> [[ReplayPlan]] {
    let gathers = configuration.policy != .kvmDevice
    var lanes: [ClockKey: Int] = [:]
    for settings in plans.flatMap(\.clocks).map(\.settings) {
      let key = ClockKey(settings, gathers: gathers, ignoring: .all)
      lanes[key] = lanes[key] ?? lanes.count
    }
    let parts = max(1, min(parts, lanes.count / leastLanes))
    guard parts > 1 else { return [plans] }
    return (0..<parts).map { part in
      let range = lanes.count * part / parts..<lanes.count * (part + 1) / parts
      return plans.compactMap { plan in
        var some = plan
        some.clocks.removeAll { clock in
          let key = ClockKey(clock.settings, gathers: gathers, ignoring: .all)
          return !range.contains(lanes[key] ?? 0)
        }
        return some.clocks.isEmpty ? nil : some
      }
    }
  }

  /// Ends the trace.
  ///
  /// - Parameter records: Records read, which every replay must have accounted for.
  /// - Throws: ``TraceError`` with code `internal` where one has not.
  func finish(records: UInt64) throws(TraceError) {
    for leader in leaders { try leader.finish() }
    for replay in replays where replay.records != records {
      throw TraceError(.internal, "\(records) records read, \(replay.records) accounted for")
    }
  }

  /// The scenario under each variant, in the settings' order.
  func variantResults() -> [ScenarioResult] {
    let variants = configuration.settings.variants.map(\.settings)
    var results: [ScenarioResult?] = variants.map { _ in nil }
    for replay in replays {
      let pairs = replay.clockPairs
      let own = clocks.indices.compactMap { index in pairs[clocks[index]].map { (index, $0) } }
      let found = replay.results(
        own.map { (variants[$0], $1) }, configuration.variantClocks)
      for ((index, _), result) in zip(own, found) { results[index] = result }
    }
    return results.compactMap(\.self)
  }
}

extension ReplayPlan {
  /// With some of its clocks.
  fileprivate func with(_ isWanted: (_ place: Int) -> Bool) -> ReplayPlan {
    var plan = self
    plan.clocks.removeAll { !isWanted($0.place) }
    return plan
  }
}

extension ScenarioConfiguration {
  /// The plan of its own settings, with its own clock.
  var ownPlan: ReplayPlan {
    ReplayPlan(
      number: 0, settings: settings, counted: counted(settings), clocks: [(0, settings)])
  }

  /// What counts depend on under its policy.
  func counted(_ settings: ModelSettings) -> CountedSettings {
    var part = settings.countedPart
    guard policy == .kvmDevice else { return part }
    // A policy that keeps all memory Device does not depend on how a core gathers.
    part.cpu.buffers = 1
    part.cpu.eviction = .lru
    part.cpu.singleStream = false
    part.cpu.loadBreaksGather = false
    part.cpu.deviceDrainsNC = false
    part.cpu.drainAfterNs = nil
    part.cpu.trapDrains = false
    return part
  }
}
