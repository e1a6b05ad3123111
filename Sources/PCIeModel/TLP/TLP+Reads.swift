/// Forming memory reads and the completions of all requests.
extension TLP {
  /// The memory reads of consecutive bytes, cut at every 4 KiB and at Max_Read_Request_Size.
  ///
  /// - Parameters:
  ///   - address: Byte address of the first byte.
  ///   - bytes: 1 or more; the last lies below 2^64.
  ///   - link: Says Max_Read_Request_Size.
  ///   - label: Requester ID, traffic class and attributes of all of them, tag of the first; the
  ///     others count on within 8 bits.
  /// - Returns: Requests in address order.
  public static func memoryReads(
    address: UInt64, bytes: Int, link: LinkConfiguration, label: Label = Label()
  ) -> [TLP] {
    precondition(bytes > 0, "a read of no bytes")
    var requests: [TLP] = []
    var label = label
    var start = address
    var rest = bytes
    while rest > 0 {
      let length = DwordCut.length(at: start, rest: rest, limit: link.maxReadRequest)
      requests.append(
        memoryRead(
          at: start, dwords: (Int(start & 3) + length + 3) >> 2,
          enables: ByteEnables(address: start, bytes: length), payloadBytes: length, label: label))
      label.tag = label.tag & ~0xff | (label.tag &+ 1) & 0xff
      start &+= UInt64(length)
      rest -= length
    }
    return requests
  }

  /// A read of one DW without an enabled byte: a flush, answered by a DW of no meaning.
  ///
  /// - Parameters:
  ///   - address: Byte address; its DW is named.
  ///   - label: Requester ID, tag, traffic class, attributes.
  /// - Returns: The request.
  public static func zeroLengthRead(address: UInt64, label: Label = Label()) -> TLP {
    memoryRead(at: address, dwords: 1, enables: .none, payloadBytes: 0, label: label)
  }

  private static func memoryRead(
    at address: UInt64, dwords: Int, enables: ByteEnables, payloadBytes: Int, label: Label
  ) -> TLP {
    let isShort = WireCost.headerDwords(address: address) == 3
    return TLP(
      isShort ? .memoryRead32 : .memoryRead64, .address(address & ~3), dwords: dwords,
      enables: enables, payloadBytes: payloadBytes, label: label)
  }

  /// The successful completions of this request, in the order in which they must come.
  ///
  /// One, but for a memory read: see ``CompletionPiece``. A posted request has none.
  ///
  /// - Parameters:
  ///   - split: How a memory read's answer is cut.
  ///   - link: Says Read Completion Boundary and Max_Payload_Size.
  ///   - completer: Completer ID.
  /// - Returns: CplD, or Cpl for a configuration write; with the request's label and digest.
  public func completions(
    _ split: CompletionSplit, link: LinkConfiguration, completer: UInt16
  ) -> [TLP] {
    switch route {
    case .address(let address):
      if type.pool == .posted { return [] }
      if type.isAtomic { return [atomicCompletion(completer: completer)] }
      return pieces(at: address, split, link).map {
        completion(
          byteCount: $0.byteCount, lowerAddress: $0.lowerAddress, dwords: $0.dwords,
          payloadBytes: $0.bytes, completer: completer)
      }
    case .config:
      return [
        completion(
          byteCount: 4, lowerAddress: 0, dwords: type.hasData ? 0 : 1,
          payloadBytes: type.hasData ? 0 : payloadBytes, completer: completer)
      ]
    case .completion: return []
    }
  }

  private func pieces(
    at address: UInt64, _ split: CompletionSplit, _ link: LinkConfiguration
  ) -> [CompletionPiece] {
    // The request enables one run, or nothing.
    let skew = enables.first == 0 ? 0 : enables.first.trailingZeroBitCount
    return CompletionPiece.pieces(
      address: address + UInt64(skew), bytes: payloadBytes,
      boundary: link.readCompletionBoundary, maxPayload: link.maxPayload, split: split)
  }

  /// A successful completion of this request.
  func completion(
    byteCount: Int, lowerAddress: UInt8, dwords: Int, payloadBytes: Int, completer: UInt16
  ) -> TLP {
    let fields = CompletionFields(
      completer: completer, status: .successful, byteCount: byteCount, lowerAddress: lowerAddress)
    return TLP(
      dwords == 0 ? .completion : .completionWithData, .completion(fields), dwords: dwords,
      payloadBytes: payloadBytes, label: label, digest: digest)
  }
}
