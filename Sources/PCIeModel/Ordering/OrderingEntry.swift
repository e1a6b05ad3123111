/// What the ordering table says of a later TLP and an earlier one.
public enum OrderingVerdict: String, Sendable, CaseIterable {
  /// The later one must not pass.
  case no
  /// The later one must be able to pass, or there could be a deadlock.
  case yes
  /// It may pass or not; the specification writes Y/N.
  case free
}

/// When an entry of the ordering table holds.
public enum OrderingCondition: String, Sendable, CaseIterable {
  /// Unless another entry of the cell holds.
  case otherwise
  /// The later request has RO, or IDO and another Requester ID or PASID.
  case relaxedOrIndependent = "ro-or-ido"
  /// The later request has IDO and another Requester ID or PASID.
  case independent = "ido"
  /// The completion is of a configuration or I/O write, or has RO, or has IDO and a Completer ID
  /// that is not the posted request's Requester ID.
  case writeCompletionOrRelaxed = "write-completion-or-ro-or-ido"
  /// Inside a bridge from PCI Express to a conventional PCI bus, downstream.
  case conventionalBridge = "conventional-bridge"
  /// Both complete the same request.
  case sameTransaction = "same-transaction"

  /// Whether it holds.
  ///
  /// - Parameters:
  ///   - later: The TLP that would pass.
  ///   - earlier: The TLP that would be passed.
  ///   - bridge: The place is such a bridge.
  /// - Returns: true for ``otherwise``.
  func holds(_ later: OrderedTLP, _ earlier: OrderedTLP, bridge: Bool) -> Bool {
    switch self {
    case .otherwise: true
    case .relaxedOrIndependent: later.isRelaxed || later.isIndependentRequest(of: earlier)
    case .independent: later.isIndependentRequest(of: earlier)
    case .writeCompletionOrRelaxed:
      later.completesConfigOrIOWrite || later.isRelaxed
        || later.isIndependentCompletion(of: earlier)
    case .conventionalBridge: bridge
    case .sameTransaction: later.hasSameTransaction(as: earlier)
    }
  }
}

extension OrderedTLP {
  var completesConfigOrIOWrite: Bool {
    if case .completion(let request) = kind { request.isConfigOrIOWrite } else { false }
  }
}

/// One entry of the ordering table.
public struct OrderingEntry: Sendable, Equatable {
  /// Row, column, and a letter where a cell has two entries: `A2a`.
  public let code: String
  /// Class of the later TLP.
  public let row: OrderingClass
  /// Class of the earlier TLP.
  public let column: OrderingClass
  /// What it says; ``PCIeOrderingTable/init(without:conventionalBridge:)`` can change it.
  public internal(set) var verdict: OrderingVerdict
  public let condition: OrderingCondition
  /// The rule, as a sentence without commas.
  public let text: String

  /// Where the rule stands.
  public var source: String {
    "PCI Express Base Specification 5.0 section 2.4.1 Table 2-40 (6.0 Table 2-42) entry " + code
  }
}
