import Results

extension Clock {
  /// The clock that a report shows where there is room for one: the saturated one, if it was run.
  static func main(of scenario: ScenarioResult) -> Clock {
    scenario.clocks == Clock.paced.rawValue ? .paced : .saturated
  }

  /// The clocks that the scenario ran.
  static func run(by scenario: ScenarioResult) -> [Clock] {
    allCases.filter { $0.metrics(scenario.totals, in: scenario) != nil }
  }

  /// How busy the link was; nil where the scenario did not run this clock.
  func use(in scenario: ScenarioResult) -> LinkUse? {
    guard Clock.run(by: scenario).contains(self) else { return nil }
    return self == .saturated ? scenario.saturatedUse : scenario.pacedUse
  }
}

extension LinkUse {
  /// Bins of the longer direction; the other one is idle where it has none.
  var bins: Int { binPs == 0 ? 0 : max(downPs.count, upPs.count) }

  /// Start of a bin from the first record on, in ps.
  func startPs(_ bin: Int) -> UInt64 { UInt64(clamping: UInt128(bin) * UInt128(binPs)) }
}
