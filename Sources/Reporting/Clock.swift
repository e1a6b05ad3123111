import Results

/// A clock of the model, under its name in CSV and JSON.
enum Clock: String, CaseIterable {
  case saturated, paced

  /// nil where the scenario did not run this clock.
  func metrics(_ metrics: Metrics, in scenario: ScenarioResult) -> ClockMetrics? {
    guard scenario.clocks == "both" || scenario.clocks == rawValue else { return nil }
    return self == .saturated ? metrics.saturated : metrics.paced
  }
}
