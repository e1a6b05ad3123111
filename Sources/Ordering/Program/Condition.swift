/// What may be asked of an outcome.
public indirect enum Condition: Sendable, Equatable {
  case yes
  /// Every effect of the first access arrives before every effect of the second; both arrive, in
  /// transactions of their own.
  case arrivesBefore(String, String)
  /// The two accesses arrive in one transaction, whole.
  case together(String, String)
  /// The access arrives in one transaction.
  case whole(String)
  /// The access arrives at its endpoint in full.
  case arrives(String)
  /// Arrived, and thrown away: Memory Space off, or in reset.
  case lost(String)
  /// The access faults; at this stage, where given.
  case faults(String, stage: Int?)
  /// The load was served from a write buffer: no bus access.
  case forwarded(String)
  /// The bus saw a read of the load's bytes that no instruction asked for.
  case speculated(String)
  /// Final value of a location's bytes.
  case value(location: String, UInt64)
  /// Value loaded; agent name and register.
  case register(agent: String, String, UInt64)
  /// Number of write transactions at the location's peripheral.
  case writes(location: String, Int)
  /// Number of read transactions at the location's bytes.
  case reads(location: String, Int)
  case not(Condition)
  case and([Condition])
  case or([Condition])
}

/// What a file claims about a condition.
public enum Quantifier: Sendable, Equatable {
  /// Some allowed outcome satisfies it.
  case allowed
  /// No allowed outcome does.
  case forbidden
  /// Every allowed outcome does.
  case required
}

/// A claim to be checked against all allowed outcomes.
public struct Claim: Sendable, Equatable {
  public var quantifier: Quantifier
  public var condition: Condition

  /// - Parameters:
  ///   - quantifier: What is claimed.
  ///   - condition: Of what.
  public init(_ quantifier: Quantifier, _ condition: Condition) {
    self.quantifier = quantifier
    self.condition = condition
  }
}
