import Tables

/// What the ordering table means for two TLPs that a driver or a hypervisor cares about.
///
/// All are TC0, of one Function unless said otherwise, and take the same way. A conclusion about
/// what a device sees needs besides that nothing before the root complex reorders.
public struct OrderingConsequence: Sendable, Equatable {
  /// Which way the TLPs go.
  public enum Direction: String, Sendable, CaseIterable {
    /// Towards the device.
    case downstream
    /// From the device.
    case upstream
  }

  public let first: OrderedTLP
  public let second: OrderedTLP
  public let direction: Direction
  /// The second is certain to stay behind the first.
  public let isKept: Bool
  /// The entry that decides.
  public let code: String
  /// What follows, as a sentence without commas.
  public let why: String
}

extension OrderingConsequence {
  private static let host: UInt32 = 0x0000
  private static let device: UInt32 = 0x0100
  private static let otherDevice: UInt32 = 0x0200

  /// A request of the host.
  private static func down(
    _ kind: TLPKind, _ attributes: TLPAttributes = []
  ) -> OrderedTLP {
    OrderedTLP(kind, attributes: attributes, requester: host)
  }

  /// A request of the device.
  private static func up(
    _ kind: TLPKind, _ attributes: TLPAttributes = [], from requester: UInt32 = device
  ) -> OrderedTLP {
    OrderedTLP(kind, attributes: attributes, requester: requester)
  }

  /// The device's answer to a request of the host.
  private static func answer(
    _ request: NonPostedKind, _ attributes: TLPAttributes = []
  ) -> OrderedTLP {
    OrderedTLP(
      .completion(of: request), attributes: attributes, requester: host, completer: device)
  }

  private static func downstream(
    _ first: OrderedTLP, _ second: OrderedTLP, kept: Bool, _ code: String, _ why: String
  ) -> Self {
    Self(
      first: first, second: second, direction: .downstream, isKept: kept, code: code, why: why)
  }

  private static func upstream(
    _ first: OrderedTLP, _ second: OrderedTLP, kept: Bool, _ code: String, _ why: String
  ) -> Self {
    Self(first: first, second: second, direction: .upstream, isKept: kept, code: code, why: why)
  }

  /// The pairs, derived from ``PCIeOrderingTable/rows``; a test derives them again.
  public static let all: [OrderingConsequence] = [
    downstream(
      down(.postedWrite), down(.postedWrite), kept: true, "A2a",
      "a payload reaches the device before the doorbell behind it"),
    downstream(
      down(.postedWrite), down(.postedWrite, .relaxedOrdering), kept: false, "A2b",
      "RO on the doorbell lets it overtake the payload: hosts are assumed to clear RO on MMIO"),
    downstream(
      down(.postedWrite), down(.configWrite), kept: true, "C2a",
      "a write reaches the Function before the reset through config space behind it"),
    downstream(
      down(.postedWrite), down(.configWrite, .relaxedOrdering), kept: true, "C2a",
      "a config write never carries RO"),
    downstream(
      down(.postedWrite), down(.ioWrite), kept: true, "C2a",
      "an I/O write pushes the writes before it"),
    downstream(
      down(.postedWrite), down(.configRead), kept: true, "B2a",
      "a config read pushes the writes before it"),
    downstream(
      down(.postedWrite), down(.read), kept: true, "B2a",
      "a register read flushes the writes before it"),
    downstream(
      down(.postedWrite), down(.read, .relaxedOrdering), kept: true, "B2a",
      "RO does not let a read pass writes"),
    downstream(
      down(.configWrite), down(.postedWrite), kept: false, "A4",
      "a write may overtake the config write before it: wait for the completion"),
    downstream(
      down(.configWrite), down(.read), kept: false, "B4",
      "a register read may overtake the config write before it: wait for the completion"),
    downstream(
      down(.configWrite), down(.configRead), kept: false, "B4",
      "a config read may overtake the config write before it: wait for the completion"),
    downstream(
      down(.configWrite), down(.configWrite), kept: false, "C4",
      "two config writes may change places: wait for the first one's completion"),
    downstream(
      down(.read), down(.postedWrite), kept: false, "A3",
      "a write may overtake the read before it"),
    downstream(
      down(.read), down(.read), kept: false, "B3", "two reads may change places"),
    upstream(
      up(.postedWrite), answer(.memoryRead), kept: true, "D2a",
      "a polled register pushes the DMA writes before its answer"),
    upstream(
      up(.postedWrite), answer(.memoryRead, .relaxedOrdering), kept: false, "D2b",
      "RO on the answer lets it overtake the DMA writes"),
    upstream(
      up(.postedWrite), answer(.configRead), kept: true, "D2a",
      "a config read's answer pushes the DMA writes before it"),
    upstream(
      up(.postedWrite), answer(.configWrite), kept: false, "D2b",
      "a config write can be complete with DMA or MSI of before it still on the way"),
    upstream(
      up(.postedWrite), up(.postedWrite), kept: true, "A2a",
      "DMA data reaches memory before the MSI behind it"),
    upstream(
      up(.postedWrite, from: otherDevice), up(.postedWrite, .idBasedOrdering), kept: false, "A2b",
      "IDO lets a Function overtake the writes of another one"),
    upstream(
      up(.postedWrite, from: otherDevice), up(.read, .idBasedOrdering), kept: false, "B2b",
      "IDO lets a Function's reads overtake the writes of another one"),
    upstream(
      answer(.memoryRead), answer(.memoryRead), kept: true, "D5b",
      "the parts of one read's answer arrive in order"),
  ]

  /// When a config write has taken effect.
  ///
  /// Linux maps ECAM Device-nGnRnE for this (commits cf9ea8ca4a0b, f1e209b7f802): the store is not
  /// acknowledged before the completion is there, and a DSB waits for the acknowledgement.
  public static let waitRule =
    "take a config write as done only when its completion has returned: a Device-nGnRnE store "
    + "with a DSB behind it or a read of the same register"

  /// All pairs as CSV with a header: `first,second,direction,order,entry,why`.
  public static func csv() -> String {
    var csv = CSVText(header: ["first", "second", "direction", "order", "entry", "why"])
    for pair in all {
      csv.add([
        pair.first.label, pair.second.label, pair.direction.rawValue,
        pair.isKept ? "kept" : "not kept", pair.code, pair.why,
      ])
    }
    return csv.text
  }
}

extension OrderedTLP {
  /// The kind with the attributes that are set: `MWr RO`.
  var label: String {
    kind.name + (relaxedOrdering ? " RO" : "") + (idBasedOrdering ? " IDO" : "")
  }
}
