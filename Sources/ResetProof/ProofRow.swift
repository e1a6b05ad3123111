/// A stretch of the way from a CPU to a device.
public enum Segment: String, Sendable, CaseIterable {
  case cpuBuffer = "cpu-buffer"
  case interconnect
  case rootComplex = "root-complex"
  case link
  case device
}

/// Whether a segment keeps an access and a reset in order.
public enum Answer: String, Sendable, CaseIterable {
  case yes
  case no
  /// The question has no sense there.
  case doesNotArise = "does-not-arise"
  /// What is known of the host leaves both open.
  case hostDependent = "host-dependent"
  /// The capture does not tell.
  case notShown = "not-shown"
}

/// What keeps the order, or would have to.
public struct ProofRule: Sendable, Hashable {
  /// `arm.completion.dsb`, `pcie.C2a`, `linux.wait`; empty for nothing.
  public var id: String
  public var source: String

  public init(_ id: String, _ source: String) {
    self.id = id
    self.source = source
  }

  /// No rule at all.
  public static let nothing = ProofRule("", "")
}

/// One segment of one access's way.
public struct ProofRow: Sendable, Hashable {
  public var segment: Segment
  public var answer: Answer
  public var rule: ProofRule
  /// Why, in a sentence without records.
  public var reason: String
  /// Why no program can ask it; nil where one does.
  public var notExpressible: String?

  public init(
    _ segment: Segment, _ answer: Answer, _ rule: ProofRule, _ reason: String,
    notExpressible: String? = nil
  ) {
    self.segment = segment
    self.answer = answer
    self.rule = rule
    self.reason = reason
    self.notExpressible = notExpressible
  }
}

extension ProofRow {
  /// The way of one access on one host, segment by segment; what no program can ask is not in it.
  ///
  /// - Parameters:
  ///   - pair: The access and the reset.
  ///   - host: The machine.
  /// - Returns: A row for each segment.
  public static func rows(_ pair: ResetPair, _ host: Host) -> [ProofRow] {
    PairProof.rows(pair, host)
  }
}

extension [ProofRow] {
  /// The rows that a program can ask about say that the order is kept.
  public var expressesOrder: Bool {
    allSatisfy { $0.notExpressible != nil || $0.answer != .no }
  }
}
