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
    clocks.map { .init(id: ClockID(plan: number, place: $0.place), settings: $0.settings) }
  }
}

/// A plan that has had the counts of another one so far.
struct Follower {
  var plan: ReplayPlan
  var condition: ForkCondition

  /// - Returns: nil where it may part at any record.
  init?(_ plan: ReplayPlan, of leader: ReplayPlan) {
    guard let condition = ForkCondition(of: plan.counted, from: leader.counted) else { return nil }
    self.plan = plan
    self.condition = condition
  }
}
