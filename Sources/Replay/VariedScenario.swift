import ArmMemory
import PCIeModel
import Profiles
import Results
import TraceCore

/// A scenario under its own settings and under each of their variants, in one pass.
///
/// Variants that differ only in what time depends on are further clocks of one replay, and those
/// whose clocks are equal share one; the others share a replay with those that count alike.
final class VariedScenario {
  /// Under the scenario's own settings.
  var replay: ScenarioReplay { replays[0] }
  /// First that of the scenario's own settings.
  ///
  /// Of the others the totals alone are kept, and nothing is looked for.
  let replays: [ScenarioReplay]
  /// Of each replay: its variants, and which of its clocks are theirs.
  private let members: [[Member]]
  private let variants: [ModelSettings]

  private struct Member {
    var variant: Int
    /// nil for the replay's own.
    var clocks: Int?
  }

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
    variants = configuration.settings.variants.map(\.settings)
    var plans = Self.plans(configuration, variants)
    let clocks = plans.reduce(0) { $0 + $1.clocks.count }
    plans = plans.flatMap { $0.split(into: parts * $0.clocks.count / clocks) }
    members = plans.map(\.members)
    replays = plans.enumerated().map { index, plan in
      var varied = configuration
      if index > 0 {
        varied.settings = plan.clocks[0]
        varied.clocks = configuration.variantClocks
        varied.measures = false
      }
      return ScenarioReplay(
        varied, accessors: accessors, context: context,
        timeVariants: Array(plan.clocks.dropFirst()))
    }
  }

  /// A replay: settings with equal counts, each with clocks of its own, and what is read off them.
  private struct Plan {
    var clocks: [ModelSettings]
    var members: [Member]

    /// Clocks that are worth counting once more for.
    static let leastClocks = 4

    /// The same as several replays that have about as many clocks each.
    func split(into parts: Int) -> [Plan] {
      let parts = max(1, min(parts, clocks.count / Self.leastClocks))
      return (0..<parts).map { part in
        let range = clocks.count * part / parts..<clocks.count * (part + 1) / parts
        let kept = members.compactMap { member -> Member? in
          let place = member.clocks.map { $0 + 1 } ?? 0
          guard range.contains(place) else { return nil }
          let index = place - range.lowerBound
          return Member(variant: member.variant, clocks: index == 0 ? nil : index - 1)
        }
        return Plan(clocks: Array(clocks[range]), members: kept)
      }
    }
  }

  /// One plan for each set of counts, first that of the scenario's own settings.
  private static func plans(
    _ configuration: ScenarioConfiguration, _ variants: [ModelSettings]
  ) -> [Plan] {
    let own = configuration.settings
    let policy = configuration.policy
    // Its own clocks keep more than those of variants do, unless neither does.
    let isShared =
      !configuration.measures && configuration.clocks == configuration.variantClocks
    var plans = [Plan(clocks: [own], members: [])]
    var planOfCounts = [counted(own, under: policy): 0]
    var clockOfTimes: [TimeKey: Int] = [:]
    if isShared { clockOfTimes[TimeKey(plan: 0, own, under: policy)] = 0 }
    for (index, settings) in variants.enumerated() {
      let counts = counted(settings, under: policy)
      let plan = planOfCounts[counts] ?? plans.count
      if plan == plans.count {
        planOfCounts[counts] = plan
        plans.append(Plan(clocks: [], members: []))
      }
      let key = TimeKey(plan: plan, settings, under: policy)
      let clock = clockOfTimes[key] ?? plans[plan].clocks.count
      if clock == plans[plan].clocks.count {
        clockOfTimes[key] = clock
        plans[plan].clocks.append(settings)
      }
      plans[plan].members.append(Member(variant: index, clocks: clock == 0 ? nil : clock - 1))
    }
    return plans
  }

  /// What a clock depends on, within settings that count alike.
  private struct TimeKey: Hashable {
    var plan: Int
    var cpu: CPUProfile
    var link: LinkConfiguration
    var device: DeviceProfile

    init(plan: Int, _ settings: ModelSettings, under policy: KVMPolicy) {
      self.plan = plan
      cpu = VariedScenario.relevant(settings.cpu, under: policy)
      link = settings.link
      device = settings.device
    }
  }

  private static func counted(
    _ settings: ModelSettings, under policy: KVMPolicy
  ) -> CountedSettings {
    var part = settings.countedPart
    part.cpu = relevant(part.cpu, under: policy)
    return part
  }

  /// A profile without what makes no difference: a policy that keeps all memory Device does not
  /// depend on how a core gathers.
  private static func relevant(_ cpu: CPUProfile, under policy: KVMPolicy) -> CPUProfile {
    guard policy == .kvmDevice else { return cpu }
    var cpu = cpu
    cpu.buffers = 1
    cpu.eviction = .lru
    cpu.singleStream = false
    cpu.loadBreaksGather = false
    cpu.deviceDrainsNC = false
    cpu.drainAfterNs = nil
    cpu.trapDrains = false
    return cpu
  }

  /// Ends the trace.
  ///
  /// - Parameter records: Records read, which every replay must have accounted for.
  /// - Throws: ``TraceError`` with code `internal` where one has not.
  func finish(records: UInt64) throws(TraceError) {
    for replay in replays {
      try replay.finish()
      guard replay.records == records else {
        throw TraceError(
          .internal, "\(records) records read, \(replay.records) accounted for")
      }
    }
  }

  /// The scenario under each variant, in the settings' order.
  func variantResults() -> [ScenarioResult] {
    var results: [ScenarioResult?] = variants.map { _ in nil }
    for (replay, members) in zip(replays, members) {
      let own = replay.results(members.map { (variants[$0.variant], $0.clocks) })
      for (member, result) in zip(members, own) { results[member.variant] = result }
    }
    return results.compactMap(\.self)
  }
}
