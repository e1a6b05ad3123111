import TraceCore

/// The fewest memory writes that PCIe's byte-enable rules allow for a set of bytes.
///
/// A group is legal if it is one contiguous run, or lies inside one aligned 8 bytes (PCI Express
/// Base Specification 5.0, section 2.2.5: holes only in a TLP of at most 2 DWs, and of 2 DWs only
/// on an 8-byte boundary). Groups are consecutive in address order. Among partitions of equally
/// few groups the one with the fewest DWs in all is chosen, and among those the one whose first
/// group has the most bytes, then its second, and so on.
///
/// Solved backwards over the positions where a group can begin. A group begun at p need only end
/// at one of three places: the end of p's run; that run's last 4-byte boundary, where the rest of
/// the run joins what follows it in its 8 bytes; the end of p's 8 bytes. Any other cut can be
/// moved to one of these with no more groups or DWs, and no shorter groups first.
struct MinimalPartition: ~Copyable {
  /// Groups and DWs from a position to the end, as groups << 16 + DWs.
  private var costs: FixedBuffer<UInt32>
  /// End (position after the last byte) of the group that begins at a position.
  private var ends: FixedBuffer<UInt8>
  private var window: UInt128 = 0

  init() {
    costs = FixedBuffer(repeating: 0, count: 129)
    ends = FixedBuffer(repeating: 0, count: 129)
  }

  /// The end of the group that begins at a position: the first enabled byte, or the first one
  /// after another group's end.
  func end(ofGroupAt first: Int) -> Int { Int(ends[first]) }

  /// Partitions the bytes of a window, whose bit 0 stands for a multiple of 8.
  mutating func solve(_ window: UInt128) {
    self.window = window
    let dwordStarts = UInt128.max / 15
    var starts = window & (~(window << 1) | dwordStarts)
    while starts != 0 {
      let first = 127 - starts.leadingZeroBitCount
      starts ^= UInt128(1) << UInt128(first)
      choose(first)
    }
  }

  private mutating func choose(_ first: Int) {
    let runEnd = TLPSplitter.runEnd(window, from: first)
    var best = cost(from: first, to: runEnd)
    var end = runEnd
    consider((runEnd - 1) & ~3, from: first, &best, &end)
    let qword = first & ~7
    let bytes = UInt8(truncatingIfNeeded: window >> UInt128(qword))
    consider(qword + 8 - bytes.leadingZeroBitCount, from: first, &best, &end)
    costs[first] = best
    ends[first] = UInt8(end)
  }

  /// Takes another end if it costs less, or as much and makes the group longer.
  private func consider(
    _ candidate: Int, from first: Int, _ best: inout UInt32, _ end: inout Int
  ) {
    guard candidate > first else { return }
    let cost = cost(from: first, to: candidate)
    guard cost < best || cost == best && candidate > end else { return }
    best = cost
    end = candidate
  }

  private func cost(from first: Int, to end: Int) -> UInt32 {
    let rest = TLPSplitter.clear(window, below: end)
    let group = UInt32(1 << 16 + (end - 1) >> 2 - first >> 2 + 1)
    return rest == 0 ? group : group + costs[rest.trailingZeroBitCount]
  }
}
