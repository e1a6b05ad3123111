import Results

/// A memory request of one of both lists that is compared.
struct WaitingTLP {
  /// Which list it is of, and what is known of it there.
  enum Origin {
    case predicted(MatchResult.Predicted, saturatedPs: UInt64?, pacedPs: UInt64?)
    case observed(MatchResult.Observed)
  }

  /// A list; the raw values are indices.
  enum Side: Int {
    case predicted, observed

    var other: Side { self == .predicted ? .observed : .predicted }
  }

  /// Place among those of its list that are compared, from 0.
  var index: UInt64
  /// As it is compared: without byte enables where one list has none.
  var request: MatchResult.Request
  /// Number of its region.
  var region: Int
  var origin: Origin

  var side: Side {
    if case .predicted = origin { .predicted } else { .observed }
  }
}

extension MatchResult.Request {
  /// The same with all bytes of its DWs.
  var wholeDWs: MatchResult.Request {
    MatchResult.Request(
      isWrite: isWrite, address: address, dwords: dwords, firstEnables: 15,
      lastEnables: dwords > 1 ? 15 : 0)
  }

  /// Enabled bytes.
  var payloadBytes: Int {
    let ends = firstEnables.nonzeroBitCount + lastEnables.nonzeroBitCount
    return ends + 4 * max(0, dwords - 2)
  }

  /// The line that its first DW is in, apart for reads and writes.
  ///
  /// - Parameter lineBytes: A power of two from 16 on.
  /// - Returns: The line's address, with bit 0 set for a write.
  func line(_ lineBytes: Int) -> UInt64 {
    address & ~UInt64(lineBytes - 1) | (isWrite ? 1 : 0)
  }

  /// The bytes of its line that are enabled, bit 0 the first; nil where it goes beyond the line.
  ///
  /// - Parameter lineBytes: A power of two from 16 to 128.
  /// - Returns: A bit each.
  func bytes(_ lineBytes: Int) -> UInt128? {
    let offset = Int(address & UInt64(lineBytes - 1))
    guard offset + 4 * dwords <= lineBytes else { return nil }
    var bytes = UInt128(firstEnables)
    if dwords > 1 {
      bytes |= ((1 << UInt128(4 * (dwords - 1))) - 1) & ~15
      bytes |= UInt128(lastEnables) << UInt128(4 * (dwords - 1))
    }
    return bytes << UInt128(offset)
  }
}
