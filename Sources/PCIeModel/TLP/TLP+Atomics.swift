/// What an AtomicOp does with the old value at its completer.
public enum AtomicOperation: String, Sendable, CaseIterable {
  case fetchAdd = "fetchadd"
  case swap
  /// Compare and swap: writes the second operand where the first one equals the old value.
  case compareAndSwap = "cas"

  /// Bytes that an operand may have.
  public var operandSizes: [Int] { self == .compareAndSwap ? [4, 8, 16] : [4, 8] }

  /// Operands that the request carries.
  public var operands: Int { self == .compareAndSwap ? 2 : 1 }

  func type(header dwords: Int) -> TLPType {
    let isShort = dwords == 3
    switch self {
    case .fetchAdd: return isShort ? .fetchAdd32 : .fetchAdd64
    case .swap: return isShort ? .swap32 : .swap64
    case .compareAndSwap: return isShort ? .compareAndSwap32 : .compareAndSwap64
    }
  }
}

/// Forming AtomicOps: non-posted requests with data, completed with the old value.
extension TLP {
  /// An AtomicOp request (PCI Express Base Specification 5.0, section 2.2.7.1).
  ///
  /// Its byte enables are reserved. CAS carries the compare value, then the swap value.
  ///
  /// - Parameters:
  ///   - operation: What is done.
  ///   - address: A multiple of the operand's bytes.
  ///   - operandBytes: One of ``AtomicOperation/operandSizes``.
  ///   - label: Requester ID, tag, traffic class, attributes.
  /// - Returns: The request.
  public static func atomic(
    _ operation: AtomicOperation, address: UInt64, operandBytes: Int, label: Label = Label()
  ) -> TLP {
    precondition(operation.operandSizes.contains(operandBytes), "no such operand")
    precondition(address.isMultiple(of: UInt64(operandBytes)), "an operand is naturally aligned")
    let bytes = operation.operands * operandBytes
    return TLP(
      operation.type(header: WireCost.headerDwords(address: address)), .address(address),
      dwords: bytes / 4, payloadBytes: bytes, label: label)
  }

  /// Bytes of one operand of an AtomicOp, and of the value that its completion brings.
  private var operandBytes: Int {
    let isPair = type == .compareAndSwap32 || type == .compareAndSwap64
    return isPair ? payloadBytes / 2 : payloadBytes
  }

  /// The completion with the old value: Byte Count is the operand's, Lower Address reserved
  /// (section 2.2.9).
  func atomicCompletion(completer: UInt16) -> TLP {
    completion(
      byteCount: operandBytes, lowerAddress: 0, dwords: operandBytes / 4,
      payloadBytes: operandBytes, completer: completer)
  }
}
