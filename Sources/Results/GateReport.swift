/// What a gate decided, condition by condition.
public struct GateReport: Sendable, Equatable {
  public enum Outcome: Sendable, Equatable {
    case passed
    /// With what does not pass, line by line; at least one.
    case failed([String])
    /// It could not be judged.
    case undecided(String)
  }

  public struct Case: Sendable, Equatable {
    public var name: String
    public var outcome: Outcome

    public init(name: String, outcome: Outcome) {
      self.name = name
      self.outcome = outcome
    }

    public var isFailed: Bool { if case .failed = outcome { true } else { false } }
    public var isUndecided: Bool { if case .undecided = outcome { true } else { false } }
  }

  /// The command.
  public var gate: String
  /// What was looked at.
  public var subject: String
  public var cases: [Case]

  public init(gate: String, subject: String, cases: [Case]) {
    self.gate = gate
    self.subject = subject
    self.cases = cases
  }
}
