extension WireCost {
  /// The memory reads of one load, and their completions.
  ///
  /// Requests ask for the DWs that the bytes touch, cut in address order at every 4 KiB and at
  /// Max_Read_Request_Size; completions are as few as RCB and Max_Payload_Size allow.
  ///
  /// - Parameters:
  ///   - address: Byte address of the first byte.
  ///   - bytes: Bytes to read, 1 or more.
  /// - Returns: TLPs and wire bytes of both directions.
  public func memoryRead(address: UInt64, bytes: Int) -> NonPostedCost {
    precondition(bytes > 0, "a read of no bytes")
    var cost = NonPostedCost(requests: 0, completions: 0, downBytes: 0, upBytes: 0)
    var start = address
    var rest = bytes
    while rest > 0 {
      let length = DwordCut.length(at: start, rest: rest, limit: link.maxReadRequest)
      add(request: start, length: length, to: &cost)
      start &+= UInt64(length)
      rest -= length
    }
    return cost
  }

  /// Adds one request of bytes that lie in one page, and its completions.
  private func add(request start: UInt64, length: Int, to cost: inout NonPostedCost) {
    let skew = Int(start & 3)
    let dwords = (skew + length + 3) >> 2
    let request = memoryReadRequest(
      partial: length != 4 * dwords, headerDwords: Self.headerDwords(address: start))
    let pieces = Self.completions(
      address: start & ~3, bytes: 4 * dwords, boundary: link.readCompletionBoundary,
      maxPayload: link.maxPayload)
    cost.requests += 1
    cost.completions += UInt64(pieces)
    cost.downBytes += UInt64(request)
    cost.upBytes += UInt64(pieces * completion(dwords: 0) + 4 * dwords)
    cost.dataUnits += UInt64(
      Self.dataUnits(
        address: start & ~3, bytes: 4 * dwords, boundary: link.readCompletionBoundary,
        maxPayload: link.maxPayload))
  }

  /// The fewest completions that one memory read request may be answered with.
  ///
  /// A completion carries at most Max_Payload_Size, and all but the last one end at a multiple of
  /// the Read Completion Boundary (PCI Express Base Specification 5.0, section 2.3.1.1).
  ///
  /// - Parameters:
  ///   - address: Byte address of the request's first DW.
  ///   - bytes: Bytes asked for, 1 or more.
  ///   - boundary: Read Completion Boundary in bytes, 64 or 128.
  ///   - maxPayload: Max_Payload_Size in bytes.
  /// - Returns: Completions, 1 or more.
  public static func completions(
    address: UInt64, bytes: Int, boundary: Int, maxPayload: Int
  ) -> Int {
    guard bytes > maxPayload else { return 1 }
    let skew = Int(address & UInt64(boundary - 1))
    let first = (skew + maxPayload) / boundary * boundary - skew
    return 1 + (bytes - first + maxPayload - 1) / maxPayload
  }

  /// Data credits of the completions that ``completions(address:bytes:boundary:maxPayload:)`` counts.
  ///
  /// - Returns: Units of 16 bytes, those of each completion rounded up (PCI Express Base
  ///   Specification 5.0, section 2.6.1).
  static func dataUnits(address: UInt64, bytes: Int, boundary: Int, maxPayload: Int) -> Int {
    guard bytes > maxPayload else { return (bytes + 15) / 16 }
    let skew = Int(address & UInt64(boundary - 1))
    let first = (skew + maxPayload) / boundary * boundary - skew
    let (whole, last) = (bytes - first).quotientAndRemainder(dividingBy: maxPayload)
    return (first + 15) / 16 + whole * (maxPayload / 16) + (last + 15) / 16
  }
}
