/// What the accessor assumption `auto` comes to, which the whole trace tells: the barriers that it
/// records, or where it records none, those around bursts.
///
/// Until then a replay of each goes on, so that the trace is read only once and may be a pipe.
enum AccessorContest {
  /// The assumptions to replay under: the scenario's own, or both that `auto` may come to.
  static func choices(of configuration: ScenarioConfiguration) -> [AccessorAssumption] {
    configuration.accessors.map { [$0] } ?? [.recorded, .bursts]
  }

  /// The replay that counts.
  ///
  /// - Parameters:
  ///   - contenders: One a choice, in the order of ``choices(of:)``.
  ///   - hasBarriers: The trace records a barrier.
  /// - Returns: One of them.
  static func winner<Contender>(_ contenders: [Contender], hasBarriers: Bool) -> Contender {
    contenders[hasBarriers ? 0 : contenders.count - 1]
  }
}
