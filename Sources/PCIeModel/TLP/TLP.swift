/// One TLP as a value: what its header says, and how many bytes of data follow.
///
/// Made by the factories of this folder, which keep the specification's rules; see ``headerWords``
/// and ``flitHeaderWords`` for the encodings. The data's values are no part of it.
public struct TLP: Equatable, Sendable {
  /// What it is.
  public let type: TLPType
  /// Where it goes, and what that says beside.
  public let route: Route
  /// DWs of data, of a memory read the DWs asked for: 1 to 1024, 0 of a Cpl.
  public let dwords: Int
  /// First and Last DW BE; both 0, which is reserved, where the kind has none.
  public let enables: ByteEnables
  /// Bytes carried or asked for, disabled ones left out.
  public let payloadBytes: Int
  /// Requester ID, tag, traffic class and attributes.
  public var label: Label
  /// An ECRC follows the data: bit TD, in flit mode a trailer of 1 DW.
  public var digest = false

  /// How a TLP is routed.
  public enum Route: Equatable, Sendable {
    /// By the byte address of the first DW, a multiple of 4.
    case address(UInt64)
    /// To a function's register.
    ///
    /// `function` is bus 15:8, device 7:3 and function 2:0; `register` the byte offset of a DW, 0 to
    /// 0xffc.
    case config(function: UInt16, register: UInt16)
    /// To the requester of the request that it completes.
    case completion(CompletionFields)
  }

  /// What a TLP carries of its sender's choice; a completion's is copied from the request.
  public struct Label: Equatable, Sendable {
    /// Requester ID: bus 15:8, device 7:3, function 2:0.
    public var requester: UInt16
    /// 10 bits, in flit mode 14; what lies above is not sent.
    public var tag: UInt16
    /// 0 to 7.
    public var trafficClass: UInt8
    public var attributes: TLPAttributes

    public init(
      requester: UInt16 = 0, tag: UInt16 = 0, trafficClass: UInt8 = 0,
      attributes: TLPAttributes = []
    ) {
      precondition(trafficClass < 8, "a traffic class has three bits")
      self.requester = requester
      self.tag = tag
      self.trafficClass = trafficClass
      self.attributes = attributes
    }

    /// Of a configuration request TC and Attr are 0 (PCI Express Base Specification 5.0, section
    /// 2.2.7.1), and of its completion therefore as well.
    var ofConfig: Label { Label(requester: requester, tag: tag) }
  }

  init(
    _ type: TLPType, _ route: Route, dwords: Int, enables: ByteEnables = .none, payloadBytes: Int,
    label: Label, digest: Bool = false
  ) {
    self.type = type
    self.route = route
    self.dwords = dwords
    self.enables = enables
    self.payloadBytes = payloadBytes
    self.label = type.isConfig ? label.ofConfig : label
    self.digest = digest
  }

  /// DWs of data behind the header: none of a memory read.
  public var dataDwords: Int { type.hasData ? dwords : 0 }

  /// A byte of the DWs is disabled, so flit mode must spell out the byte enables (OHC-A1).
  ///
  /// Without an OHC-A1 the First DW BE counts as 1111, and so does the Last where there are two DWs
  /// (PCI Express Base Specification 6.0, section 2.2.5).
  public var isPartial: Bool {
    switch type {
    case .memoryRead32, .memoryRead64, .memoryWrite32, .memoryWrite64: payloadBytes != 4 * dwords
    default: false
    }
  }
}

/// What a completion says of its request's progress.
public struct CompletionFields: Equatable, Sendable {
  /// Completion Status, with its encoding.
  public enum Status: UInt8, Sendable, CaseIterable {
    case successful = 0b000
    case unsupportedRequest = 0b001
    /// Request Retry Status, formerly Configuration Request Retry Status.
    case requestRetry = 0b010
    case completerAbort = 0b100

    /// `SC`, `UR`, `RRS` or `CA`.
    public var name: String {
      switch self {
      case .successful: "SC"
      case .unsupportedRequest: "UR"
      case .requestRetry: "RRS"
      case .completerAbort: "CA"
      }
    }
  }

  /// Completer ID: bus 15:8, device 7:3, function 2:0.
  public var completer: UInt16
  public var status: Status
  /// Bytes still to come with this completion, 1 to 4096; 4096 is encoded as 0.
  ///
  /// Of a memory read from the first to the last enabled byte; of an AtomicOp the operand; else 4
  /// (PCI Express Base Specification 5.0, section 2.2.9).
  public var byteCount: Int
  /// Address bits 6:0 of the first enabled byte of this completion of a memory read; else 0.
  public var lowerAddress: UInt8

  public init(completer: UInt16, status: Status, byteCount: Int, lowerAddress: UInt8) {
    self.completer = completer
    self.status = status
    self.byteCount = byteCount
    self.lowerAddress = lowerAddress
  }
}
