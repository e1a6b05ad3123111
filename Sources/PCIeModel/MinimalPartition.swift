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

  init() {
    costs = FixedBuffer(repeating: 0, count: 129)
    ends = FixedBuffer(repeating: 0, count: 129)
  }

  /// The end of the group that begins at a position: the first enabled byte, or the first one
  /// after another group's end.
  func end(ofGroupAt first: Int) -> Int { Int(ends[first]) }

  /// Partitions the bytes of a window, whose bit 0 stands for a multiple of 8.
  mutating func solve(_ window: UInt128) {
    // Most lines have 64 bytes, and words of 64 bits are much faster.
    if window >> 64 == 0 {
      solve(narrowed: UInt64(truncatingIfNeeded: window))
    } else {
      solve(narrowed: window)
    }
  }

  @inline(__always)
  private mutating func solve<Mask: FixedWidthInteger & UnsignedInteger>(narrowed window: Mask) {
    let dwordStarts = Mask.max / 15
    var starts = window & (~(window &<< 1) | dwordStarts)
    while starts != 0 {
      let first = Mask.bitWidth - 1 - starts.leadingZeroBitCount
      starts ^= 1 &<< Mask(truncatingIfNeeded: first)
      choose(first, window)
    }
  }

  @inline(__always)
  private mutating func choose<Mask: FixedWidthInteger & UnsignedInteger>(
    _ first: Int, _ window: Mask
  ) {
    let runEnd = TLPSplitter.runEnd(window, from: first)
    var best = cost(window, from: first, to: runEnd)
    var end = runEnd
    consider((runEnd - 1) & ~3, window, from: first, &best, &end)
    let qword = first & ~7
    let bytes = UInt8(truncatingIfNeeded: window &>> Mask(truncatingIfNeeded: qword))
    consider(qword + 8 - bytes.leadingZeroBitCount, window, from: first, &best, &end)
    costs[first] = best
    ends[first] = UInt8(end)
  }

  /// Takes another end if it costs less, or as much and makes the group longer.
  @inline(__always)
  private func consider<Mask: FixedWidthInteger & UnsignedInteger>(
    _ candidate: Int, _ window: Mask, from first: Int, _ best: inout UInt32, _ end: inout Int
  ) {
    guard candidate > first else { return }
    let cost = cost(window, from: first, to: candidate)
    guard cost < best || cost == best && candidate > end else { return }
    best = cost
    end = candidate
  }

  @inline(__always)
  private func cost<Mask: FixedWidthInteger & UnsignedInteger>(
    _ window: Mask, from first: Int, to end: Int
  ) -> UInt32 {
    let rest = TLPSplitter.clear(window, below: end)
    let group = UInt32(1 << 16 + (end - 1) >> 2 - first >> 2 + 1)
    return rest == 0 ? group : group + costs[rest.trailingZeroBitCount]
  }
}
