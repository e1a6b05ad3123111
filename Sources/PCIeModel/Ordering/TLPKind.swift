/// A request that is answered by a completion.
public enum NonPostedKind: UInt8, Sendable, CaseIterable {
  case memoryRead, ioRead, configRead
  case configWrite, ioWrite, atomicOp, deferrableMemoryWrite

  /// The TLP's name in the specification: `MRd`, `IORd`, `CfgRd`, `CfgWr`, `IOWr`, `AtomicOp` or
  /// `DMWr`.
  public var name: String {
    switch self {
    case .memoryRead: "MRd"
    case .ioRead: "IORd"
    case .configRead: "CfgRd"
    case .configWrite: "CfgWr"
    case .ioWrite: "IOWr"
    case .atomicOp: "AtomicOp"
    case .deferrableMemoryWrite: "DMWr"
    }
  }

  /// The request carries no data.
  public var isRead: Bool { rawValue <= Self.configRead.rawValue }

  /// A configuration or I/O request, whose Attr[1:0] must be 0.
  public var isConfigOrIO: Bool {
    switch self {
    case .ioRead, .configRead, .configWrite, .ioWrite: true
    case .memoryRead, .atomicOp, .deferrableMemoryWrite: false
    }
  }

  /// The completion of a configuration or I/O write, which alone may pass posted requests freely.
  public var isConfigOrIOWrite: Bool { self == .configWrite || self == .ioWrite }
}

/// A TLP as the ordering rules tell it apart.
///
/// Unordered I/O (UIO) lies outside the table, in virtual channels of its own, and is left out; so
/// is Flow-Through IDE.
public enum TLPKind: Hashable, Sendable {
  /// MWr, message-signalled interrupts among them.
  case postedWrite
  /// Msg or MsgD.
  case message
  case request(NonPostedKind)
  /// Cpl or CplD, of whatever status.
  case completion(of: NonPostedKind)

  public static let read = TLPKind.request(.memoryRead)
  public static let configRead = TLPKind.request(.configRead)
  public static let configWrite = TLPKind.request(.configWrite)
  public static let ioWrite = TLPKind.request(.ioWrite)
  public static let atomic = TLPKind.request(.atomicOp)

  /// All 16 kinds: posted, then requests, then completions.
  public static let allKinds: [TLPKind] =
    [.postedWrite, .message] + NonPostedKind.allCases.map { .request($0) }
    + NonPostedKind.allCases.map { .completion(of: $0) }

  /// The row and the column of the table.
  public var orderingClass: OrderingClass {
    switch self {
    case .postedWrite, .message: .posted
    case .request(let request): request.isRead ? .read : .nonPostedWithData
    case .completion: .completion
    }
  }

  /// `MWr`, `Msg`, the request's name, or `Cpl of` with it.
  public var name: String {
    switch self {
    case .postedWrite: "MWr"
    case .message: "Msg"
    case .request(let request): request.name
    case .completion(let request): "Cpl of " + request.name
    }
  }

  /// Whether Attr[1] can be set.
  ///
  /// Attr[1:0] of a configuration or I/O request must be 0 (PCI Express Base Specification 5.0,
  /// section 2.2.7), and a completion copies the request's attributes (2.2.9).
  public var carriesRelaxedOrdering: Bool {
    switch self {
    case .postedWrite, .message: true
    case .request(let request), .completion(let request): !request.isConfigOrIO
    }
  }
}

/// A row, and by its number a column, of the ordering table.
public enum OrderingClass: UInt8, Sendable, CaseIterable {
  case posted, read, nonPostedWithData, completion

  /// `A` to `D`.
  public var row: String { ["A", "B", "C", "D"][Int(rawValue)] }

  /// 2 to 5; the specification's column 1 names the rows.
  public var column: Int { Int(rawValue) + 2 }

  /// `posted`, `read`, `NP with data` or `completion`.
  public var name: String {
    switch self {
    case .posted: "posted"
    case .read: "read"
    case .nonPostedWithData: "NP with data"
    case .completion: "completion"
    }
  }
}
