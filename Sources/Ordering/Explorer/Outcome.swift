/// One allowed outcome of a program.
public struct Outcome: Sendable, Hashable {
  /// In the order in which they reach their endpoints, all endpoints interleaved.
  public var arrivals: [Transaction]
  /// Registers loaded, by agent and register: `P0:r0`.
  public var registers: [String: UInt64]
  /// Final value of each location.
  public var values: [String: UInt64]
  /// Accesses that fault, with the stage that faults.
  public var faults: [String: Int]
  /// Loads served from a write buffer.
  public var forwarded: [String]
  /// Accesses that wait for a mapping that was taken away.
  public var blocked: [String]

  init() {
    arrivals = []
    registers = [:]
    values = [:]
    faults = [:]
    forwarded = []
    blocked = []
  }
}

/// One access as the endpoint sees it.
public struct Transaction: Sendable, Hashable {
  /// What it does.
  public enum Kind: String, Sendable { case write, read, configWrite, configRead }

  /// Bytes of one access in a transaction.
  public struct Part: Sendable, Hashable {
    public var label: String
    /// Address of the first byte, in the peripheral's space.
    public var address: UInt64
    public var size: Int
  }

  public var kind: Kind
  /// Name of the agent.
  public var agent: String
  /// Name of the peripheral.
  public var peripheral: String
  /// In program order; later ones win where bytes overlap.
  public var parts: [Part]
  /// The endpoint threw it away.
  public var isLost: Bool
  /// A read that no instruction asked for.
  public var isSpeculative: Bool

  init(kind: Kind, agent: String, peripheral: String) {
    self.kind = kind
    self.agent = agent
    self.peripheral = peripheral
    parts = []
    isLost = false
    isSpeculative = false
  }
}
