/// A grid of settings, each point of it a run of its own.
public struct SweepResult: Sendable, Equatable {
  /// A setting and the values that it takes in turn.
  public struct Axis: Sendable, Equatable {
    /// `cpu.buffers`, `link`, ...
    public var name: String
    /// As the user wrote them, at least one.
    public var values: [String]

    public init(name: String, values: [String]) {
      self.name = name
      self.values = values
    }
  }

  /// One combination of values.
  public struct Point: Sendable, Equatable {
    /// Index of the value of each axis.
    public var places: [Int]
    /// One, or two to be compared: before, after; the same number at each point.
    ///
    /// What findings, latencies, shares of time and the link's use would be is empty.
    public var scenarios: [ScenarioResult]

    public init(places: [Int], scenarios: [ScenarioResult]) {
      self.places = places
      self.scenarios = scenarios
    }
  }

  public var trace: TraceResult
  public var axes: [Axis]
  /// Every combination, the last axis varies fastest; at least one.
  public var points: [Point]

  public init(trace: TraceResult, axes: [Axis], points: [Point]) {
    self.trace = trace
    self.axes = axes
    self.points = points
  }
}
