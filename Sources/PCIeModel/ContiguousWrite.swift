/// Whether the closed forms count what a last, partial DW really takes.
public enum TransferPadding: Sendable {
  /// Whole DWs, as on the wire.
  case dwords
  /// Bytes as asked for: too little, but what pcie-bench/pcie-model counts; for comparison only.
  case none
}

/// Consecutive bytes written as few TLPs as Max_Payload_Size allows: the closed form of a
/// copy's throughput.
///
/// The first byte is taken to lie on a DW, and TLPs to be cut by payload alone. What bounds a
/// real stream besides the link is ``PostedStream``.
public struct ContiguousWrite: Sendable, Equatable {
  /// Enabled bytes.
  public let payloadBytes: Int
  /// Memory writes.
  public let tlps: Int
  /// Bytes of all of them on the wire.
  public let wireBytes: Int
  /// PD that all of them take.
  public let dataCredits: Int

  /// - Parameters:
  ///   - payloadBytes: Bytes to write, 1 to 2^40.
  ///   - headerDwords: 3 or 4.
  ///   - cost: The link and its TLPs' overhead.
  ///   - padding: Whether a last, partial DW counts in full.
  public init(
    payloadBytes: Int, headerDwords: Int, cost: WireCost, padding: TransferPadding = .dwords
  ) {
    precondition(payloadBytes > 0, "a write of no bytes")
    let limit = cost.link.maxPayload
    let whole = (payloadBytes - 1) / limit
    let last = payloadBytes - whole * limit
    let dwords = (last + 3) / 4
    let full = cost.memoryWrite(dwords: limit / 4, partial: false, headerDwords: headerDwords)
    let rest = cost.memoryWrite(
      dwords: dwords, partial: last & 3 != 0, headerDwords: headerDwords)
    self.payloadBytes = payloadBytes
    tlps = whole + 1
    let padded = whole * full + rest
    wireBytes = padding == .dwords ? padded : padded - (4 * dwords - last)
    dataCredits = whole * (limit / 16) + (dwords + 3) / 4
  }

  /// Payload bits per second on a link that does nothing else.
  public func goodputBitsPerSecond(_ rate: LinkRate) -> Double {
    rate.tlpBitsPerSecond * Double(payloadBytes) / Double(wireBytes)
  }
}
