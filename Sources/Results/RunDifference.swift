/// Two results of `analyze` or `compare`, number by number.
///
/// Everything that both say is here, also what is equal: a writer leaves out what it does not want.
public struct RunDifference: Sendable, Equatable {
  /// What one of the results is about.
  public struct Side: Sendable, Equatable {
    /// Where it came from, as the user gave it.
    public var path: String
    public var trace: String
    /// Hash of the trace; empty where it was not taken.
    public var sha256: String
    public var records: UInt64
    /// The version of the program that made it.
    public var version: String

    public init(path: String, trace: String, sha256: String, records: UInt64, version: String) {
      self.path = path
      self.trace = trace
      self.sha256 = sha256
      self.records = records
      self.version = version
    }
  }

  /// What a result says of something; nil where it does not speak of it.
  public struct Change<Value: Sendable & Equatable>: Sendable, Equatable {
    /// Scenario; nil where it is about the trace.
    public var scenario: String?
    /// Region; nil where it is about the whole scenario.
    public var region: String?
    /// Name of the setting or metric, code of the finding; parts of it behind dots.
    public var name: String
    public var before: Value?
    public var after: Value?

    public init(
      scenario: String?, region: String?, name: String, before: Value?, after: Value?
    ) {
      self.scenario = scenario
      self.region = region
      self.name = name
      self.before = before
      self.after = after
    }

    public var isChanged: Bool { before != after }
  }

  /// How often something was found, and where first.
  public struct Occurrence: Sendable, Equatable {
    public var severity: String
    public var count: UInt64
    public var firstRecord: UInt64
    public var message: String

    public init(severity: String, count: UInt64, firstRecord: UInt64, message: String) {
      self.severity = severity
      self.count = count
      self.firstRecord = firstRecord
      self.message = message
    }
  }

  public var before: Side
  public var after: Side
  /// Scenarios that both have, under the name that changes have them by, and those that one has.
  public var scenarios: [String]
  public var scenariosBefore: [String]
  public var scenariosAfter: [String]
  /// What the scenarios were run with: settings, profiles, memory types of regions.
  public var settings: [Change<String>]
  /// Counts, bytes, ps and bytes per second, by their names in JSON.
  public var metrics: [Change<UInt64>]
  public var findings: [Change<Occurrence>]

  public init(before: Side, after: Side) {
    self.before = before
    self.after = after
    scenarios = []
    scenariosBefore = []
    scenariosAfter = []
    settings = []
    metrics = []
    findings = []
  }

  /// A finding's count has changed, or it is new or gone; where it is first does not matter.
  public static func isChanged(_ finding: Change<Occurrence>) -> Bool {
    finding.before?.count != finding.after?.count
  }

  /// A metric or a finding has changed, or a scenario has come or gone; settings are no result.
  public var isChanged: Bool {
    !scenariosBefore.isEmpty || !scenariosAfter.isEmpty || metrics.contains(where: \.isChanged)
      || findings.contains(where: Self.isChanged)
  }
}
