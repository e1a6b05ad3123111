/// What a rule is called, what it says, and where that is written.
public struct RuleInfo: Sendable, Equatable, Hashable {
  /// How far the source can be trusted.
  public enum Status: String, Sendable { case specified, assumed }

  /// What taking the rule away does.
  public enum Effect: String, Sendable {
    /// The rule forbids: without it there are more outcomes.
    case forbids
    /// The rule permits: without it there are fewer.
    case permits
  }

  /// Stable identifier: `arm.arrival.A`, `pcie.C2a`.
  public var id: String
  /// One sentence.
  public var title: String
  /// Document, section or table.
  public var source: String
  public var status: Status
  public var effect: Effect

  init(
    _ id: String, _ title: String, source: String, status: Status = .specified,
    effect: Effect = .forbids
  ) {
    self.id = id
    self.title = title
    self.source = source
    self.status = status
    self.effect = effect
  }
}
