/// Consecutive bytes read with as few requests as Max_Read_Request_Size allows: the closed form of
/// a DMA read's throughput, and of reads and writes together.
///
/// The first byte is taken to lie on a Read Completion Boundary and on a page.
public struct ContiguousRead: Sendable, Equatable {
  /// Bytes asked for.
  public let payloadBytes: Int
  /// Memory reads.
  public let requests: Int
  /// Bytes of all of them on the wire, in one direction.
  public let requestBytes: Int
  public let completions: Int
  /// Bytes of all of them on the wire, in the other direction.
  public let completionBytes: Int

  /// - Parameters:
  ///   - payloadBytes: Bytes to read, 1 to 2^40.
  ///   - headerDwords: 3 or 4, of the requests.
  ///   - cost: The link and its TLPs' overhead.
  ///   - split: How each request's answer is cut.
  ///   - padding: Whether a last, partial DW counts in full.
  public init(
    payloadBytes: Int, headerDwords: Int, cost: WireCost, split: CompletionSplit = .few,
    padding: TransferPadding = .dwords
  ) {
    precondition(payloadBytes > 0, "a read of no bytes")
    let limit = cost.link.maxReadRequest
    let piece = split == .few ? cost.link.maxPayload : cost.link.readCompletionBoundary
    let whole = (payloadBytes - 1) / limit
    let last = payloadBytes - whole * limit
    self.payloadBytes = payloadBytes
    requests = whole + 1
    requestBytes =
      whole * cost.memoryReadRequest(partial: false, headerDwords: headerDwords)
      + cost.memoryReadRequest(partial: last & 3 != 0, headerDwords: headerDwords)
    completions = whole * Self.pieces(limit, each: piece) + Self.pieces(last, each: piece)
    let data = padding == .dwords ? (payloadBytes + 3) & ~3 : payloadBytes
    completionBytes = completions * cost.completion(dwords: 0) + data
  }

  private static func pieces(_ bytes: Int, each piece: Int) -> Int { (bytes + piece - 1) / piece }

  /// Payload bits per second on a link that does nothing else: the fuller direction binds.
  public func goodputBitsPerSecond(_ rate: LinkRate) -> Double {
    goodput(rate, busiest: max(completionBytes, requestBytes))
  }

  /// Payload bits per second of each direction where as many bytes are read as written.
  ///
  /// The writes share a direction with the read requests.
  ///
  /// - Parameters:
  ///   - write: Of as many bytes, on the same link.
  ///   - rate: The link's.
  /// - Returns: Bits per second read, and as many written.
  public func goodputBitsPerSecond(with write: ContiguousWrite, _ rate: LinkRate) -> Double {
    precondition(write.payloadBytes == payloadBytes, "reads and writes must be of one size")
    return goodput(rate, busiest: max(completionBytes, write.wireBytes + requestBytes))
  }

  private func goodput(_ rate: LinkRate, busiest bytes: Int) -> Double {
    rate.tlpBitsPerSecond * Double(payloadBytes) / Double(bytes)
  }
}
