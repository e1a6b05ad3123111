/// How the answer to a memory read is cut into completions.
public enum CompletionSplit: String, Sendable, CaseIterable {
  /// As few as Read Completion Boundary and Max_Payload_Size allow.
  case few
  /// One each block between two Read Completion Boundaries: as many as are allowed.
  case rcb
}

/// One completion of a memory read: which bytes it carries and what its header says of them.
///
/// A request that one completion can answer may get just one, wherever it starts; else all but the
/// last piece end at a multiple of the Read Completion Boundary (RCB), the next starts there, and none
/// has more than Max_Payload_Size (PCI Express Base Specification 5.0, section 2.3.1.1). Between
/// fewest and most any such cut is legal.
public struct CompletionPiece: Equatable, Sendable {
  /// Byte address of the first byte asked for.
  public let address: UInt64
  /// Bytes asked for in it; 0 of a zero-length read.
  public let bytes: Int
  /// The Length field.
  public let dwords: Int
  /// The Byte Count field: bytes from here to the end of the request; 1 of a zero-length read.
  public let byteCount: Int
  /// The Lower Address field: address bits 6:0.
  public var lowerAddress: UInt8 { UInt8(truncatingIfNeeded: address & 0x7f) }

  /// The completions of one request.
  ///
  /// - Parameters:
  ///   - address: Byte address of the first byte asked for.
  ///   - bytes: Consecutive bytes, 0 to 4096, within one 4 KiB page.
  ///   - boundary: Read Completion Boundary in bytes: 64 or 128.
  ///   - maxPayload: Max_Payload_Size in bytes, a multiple of the boundary.
  ///   - split: How many.
  /// - Returns: Pieces in address order; one or more.
  public static func pieces(
    address: UInt64, bytes: Int, boundary: Int, maxPayload: Int, split: CompletionSplit
  ) -> [CompletionPiece] {
    guard bytes > 0 else {
      return [CompletionPiece(address: address, bytes: 0, dwords: 1, byteCount: 1)]
    }
    let skew = Int(address & 3)
    let total = (skew + bytes + 3) & ~3
    let first = address & ~3
    var pieces: [CompletionPiece] = []
    // Counted in bytes from the first DW.
    var start = 0
    while start < total {
      let place = Int(first & UInt64(boundary - 1)) + start
      let reach = split == .few ? (place + maxPayload) / boundary : place / boundary + 1
      let isWhole = split == .few && total - start <= maxPayload
      let end = isWhole ? total : min(total, reach * boundary - place + start)
      let from = max(start, skew)
      let to = min(end, skew + bytes)
      pieces.append(
        CompletionPiece(
          address: first &+ UInt64(from), bytes: to - from, dwords: (end - start) / 4,
          byteCount: skew + bytes - from))
      start = end
    }
    return pieces
  }
}
