/// The Attr field of a TLP header (PCI Express Base Specification 5.0, section 2.2.6.3).
///
/// Bit 0 is No Snoop, without effect on order, and not Relaxed Ordering: a public scoreboard takes
/// it for that.
public struct TLPAttributes: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Attr[1].
  public static let relaxedOrdering = TLPAttributes(rawValue: 1 << 1)
  /// Attr[2].
  public static let idBasedOrdering = TLPAttributes(rawValue: 1 << 2)
}

/// All of a TLP that its order hangs on.
public struct OrderedTLP: Hashable, Sendable {
  public var kind: TLPKind
  /// 0 to 7; configuration and I/O requests are TC0.
  public var trafficClass: UInt8
  /// Attr[1]; without effect where the kind cannot carry it.
  public var relaxedOrdering: Bool
  /// Attr[2].
  public var idBasedOrdering: Bool
  /// Requester ID: bus 15:8, device 7:3, function 2:0; in flit mode the segment in 31:16, else 0.
  ///
  /// Of a completion, the ID of whom it answers.
  public var requester: UInt32
  /// Completer ID, of a completion alone; same form.
  public var completer: UInt32
  /// Process address space, of a request alone; nil without a PASID.
  public var pasid: UInt32?
  /// The tag; with ``requester`` it is the Transaction ID.
  public var transaction: UInt32

  /// - Parameters:
  ///   - kind: What it is.
  ///   - trafficClass: 0 to 7.
  ///   - attributes: The Attr field.
  ///   - requester: Requester ID.
  ///   - completer: Completer ID of a completion.
  ///   - pasid: PASID of a request, if it has one.
  ///   - transaction: The tag.
  public init(
    _ kind: TLPKind, trafficClass: UInt8 = 0, attributes: TLPAttributes = [],
    requester: UInt32 = 0, completer: UInt32 = 0, pasid: UInt32? = nil, transaction: UInt32 = 0
  ) {
    precondition(trafficClass < 8, "a traffic class has three bits")
    self.kind = kind
    self.trafficClass = trafficClass
    relaxedOrdering = attributes.contains(.relaxedOrdering)
    idBasedOrdering = attributes.contains(.idBasedOrdering)
    self.requester = requester
    self.completer = completer
    self.pasid = pasid
    self.transaction = transaction
  }

  /// RO as it counts.
  var isRelaxed: Bool { relaxedOrdering && kind.carriesRelaxedOrdering }

  /// IDO lets this request pass an earlier posted one.
  ///
  /// The Requester IDs differ, or both have a PASID and those differ.
  func isIndependentRequest(of posted: OrderedTLP) -> Bool {
    guard idBasedOrdering else { return false }
    if requester != posted.requester { return true }
    if let pasid, let other = posted.pasid { return pasid != other }
    return false
  }

  /// IDO lets this completion pass an earlier posted request: it comes from another Function.
  func isIndependentCompletion(of posted: OrderedTLP) -> Bool {
    idBasedOrdering && completer != posted.requester
  }

  /// Both are completions of the same request.
  func hasSameTransaction(as other: OrderedTLP) -> Bool {
    requester == other.requester && transaction == other.transaction
  }
}
