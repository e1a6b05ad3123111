import ArmMemory
import Profiles

/// Settings with equal counts, and the clocks that are wanted of them.
struct ReplayPlan {
  /// Of its scenario; 0 is that of the scenario's own settings.
  var number: Int
  var settings: ModelSettings
  /// What its counts depend on.
  var counted: CountedSettings
  var clocks: [(place: Int, settings: ModelSettings)]

  /// The plan's clocks as members of lanes.
  var members: [ClockLane.Member] {
    clocks.map { .init(ClockID(plan: number, place: $0.place), $0.settings) }
  }
}

extension ReplayPlan {
  /// Plans in groups, each of which follows its first one.
  static func led(_ plans: [ReplayPlan]) -> [[ReplayPlan]] {
    var groups: [[ReplayPlan]] = []
    for plan in plans {
      if let group = groups.firstIndex(where: { Follower(plan, of: $0[0]) != nil }) {
        groups[group].append(plan)
      } else {
        groups.append([plan])
      }
    }
    return groups
  }
}

/// A plan that has had the counts of another one so far.
struct Follower {
  var plan: ReplayPlan
  var condition: ForkCondition

  /// Fails where it may part at any record.
  init?(_ plan: ReplayPlan, of leader: ReplayPlan) {
    guard let condition = ForkCondition(of: plan.counted, from: leader.counted) else { return nil }
    self.plan = plan
    self.condition = condition
  }
}
