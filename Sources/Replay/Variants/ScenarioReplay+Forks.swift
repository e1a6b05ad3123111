import TraceCore

// Plans that have followed a replay go their own way.
extension ScenarioReplay {
  /// This one and all that come from it.
  var family: [ScenarioReplay] { [self] + forks.flatMap(\.family) }

  /// Gives replays of their own to the plans whose counts have parted.
  ///
  /// - Parameters:
  ///   - clocks: The followers' clocks as they were ahead of the last block.
  ///   - records: Records ahead of it.
  /// - Returns: Replays that are to take that block.
  func part(_ clocks: ClockSet, records: UInt64) -> [ScenarioReplay] {
    let parting = followers.filter { $0.condition.isMet(by: engine.forks) }
    guard !parting.isEmpty else { return [] }
    followers.removeAll { $0.condition.isMet(by: engine.forks) }
    let replays = ReplayPlan.led(parting.map(\.plan)).map { plans in
      for plan in plans { engine.clocks.remove(plan: plan.number) }
      let numbers = Set(plans.map(\.number))
      return ScenarioReplay(
        plans, of: self, clocks.copy { numbers.contains($0) }, records: records)
    }
    forks += replays
    return replays
  }
}
