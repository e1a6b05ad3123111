public import ConfigSpace
public import Results

/// What becomes of the three kinds of TLP in one situation.
public struct TrafficEffect: Sendable, Hashable {
  /// A memory write.
  public enum Posted: String, Sendable, CaseIterable {
    case accepted
    /// Dropped without a word.
    case discarded
    /// Dropped, and logged as an unsupported request.
    case unsupported
  }

  /// A memory read.
  public enum NonPosted: String, Sendable, CaseIterable {
    case accepted
    /// Answered with Unsupported Request: most hosts return all ones.
    case unsupported
    /// Dropped without a word, so that the requester's completion timeout ends it.
    case timeout
  }

  /// A completion for a request that the function made before.
  public enum Completion: String, Sendable, CaseIterable {
    case accepted
    /// Dropped without a word.
    case discarded
    /// An error is logged: no request is waiting for it.
    case unexpected
    /// None can arrive.
    case none
  }

  public var posted: Posted
  public var nonPosted: NonPosted
  public var completion: Completion

  public init(posted: Posted, nonPosted: NonPosted, completion: Completion) {
    self.posted = posted
    self.nonPosted = nonPosted
    self.completion = completion
  }
}

/// What becomes of traffic in each situation around a reset, and who says so.
public struct TrafficTable: Sendable, Equatable {
  /// One situation.
  public struct Row: Sendable, Equatable {
    public var situation: TrafficSituation
    public var effect: TrafficEffect
    /// What else there is to say; one sentence.
    public var note: String
    public var source: String
    public var status: Setting.Status

    public init(
      situation: TrafficSituation, effect: TrafficEffect, note: String, source: String,
      status: Setting.Status
    ) {
      self.situation = situation
      self.effect = effect
      self.note = note
      self.source = source
      self.status = status
    }
  }

  /// One row a situation, in the order of ``TrafficSituation``.
  public var rows: [Row]

  /// The row of a situation.
  public subscript(situation: TrafficSituation) -> Row {
    // The decoder refuses a table without every situation.
    rows[TrafficSituation.allCases.firstIndex(of: situation) ?? 0]
  }
}
