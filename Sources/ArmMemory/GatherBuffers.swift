import TraceCore

/// The gathering lines of every vCPU: which are open, with which bytes, since when.
///
/// Lines of one vCPU lie in the order in which they were opened, oldest first, so that a flush of
/// several walks them in order. Deciding *when* a line leaves is the caller's business.
public struct GatherBuffers: ~Copyable {
  /// Lines per vCPU.
  public let capacity: Int
  public let lineBytes: Int
  /// The mask of a line with every byte pending.
  public let fullMask: UInt128
  private let eviction: CPUProfile.Eviction

  private var addresses: FixedBuffer<UInt64>
  private var masks: FixedBuffer<UInt128>
  private var regions: FixedBuffer<Int32>
  private var lastWrites: FixedBuffer<UInt64>
  private var openedAt: FixedBuffer<UInt64>
  private var records: FixedBuffer<UInt64>
  private var counts: FixedBuffer<Int>
  private var writes: UInt64 = 0

  /// - Parameters:
  ///   - profile: Number, size and eviction of the lines.
  ///   - vcpus: vCPUs to hold lines for; ``grow(vcpus:)`` makes room for more.
  public init(profile: CPUProfile, vcpus: Int) {
    capacity = profile.buffers
    lineBytes = profile.lineBytes
    fullMask = profile.lineBytes >= 128 ? ~0 : (1 << UInt128(profile.lineBytes)) - 1
    eviction = profile.eviction
    let slots = vcpus * profile.buffers
    addresses = FixedBuffer(repeating: 0, count: slots)
    masks = FixedBuffer(repeating: 0, count: slots)
    regions = FixedBuffer(repeating: 0, count: slots)
    lastWrites = FixedBuffer(repeating: 0, count: slots)
    openedAt = FixedBuffer(repeating: 0, count: slots)
    records = FixedBuffer(repeating: 0, count: slots)
    counts = FixedBuffer(repeating: 0, count: vcpus)
  }

  /// Makes room for more vCPUs; the lines of the present ones stay.
  public mutating func grow(vcpus: Int) {
    addresses.grow(to: vcpus * capacity, repeating: 0)
    masks.grow(to: vcpus * capacity, repeating: 0)
    regions.grow(to: vcpus * capacity, repeating: 0)
    lastWrites.grow(to: vcpus * capacity, repeating: 0)
    openedAt.grow(to: vcpus * capacity, repeating: 0)
    records.grow(to: vcpus * capacity, repeating: 0)
    counts.grow(to: vcpus, repeating: 0)
  }

  /// Open lines of a vCPU.
  @inline(__always)
  public func count(_ vcpu: Int) -> Int { counts[vcpu] }

  /// The slot of the open line with this line address, or -1; the newest is looked at first.
  @inline(__always)
  public func find(line: UInt64, vcpu: Int) -> Int {
    let base = vcpu * capacity
    var slot = base + counts[vcpu] - 1
    while slot >= base {
      if addresses[slot] == line { return slot }
      slot -= 1
    }
    return -1
  }

  /// The slot of the oldest open line of a vCPU.
  @inline(__always)
  public func oldest(_ vcpu: Int) -> Int { vcpu * capacity }

  @inline(__always) public func address(_ slot: Int) -> UInt64 { addresses[slot] }
  @inline(__always) public func mask(_ slot: Int) -> UInt128 { masks[slot] }
  @inline(__always) public func region(_ slot: Int) -> Int { Int(regions[slot]) }
  /// Capture time at which the line was opened, in ns.
  @inline(__always) public func opened(_ slot: Int) -> UInt64 { openedAt[slot] }
  /// The record that wrote the line last.
  @inline(__always) public func record(_ slot: Int) -> UInt64 { records[slot] }

  /// Opens a line.
  ///
  /// - Parameters:
  ///   - line: Line address.
  ///   - vcpu: The writing vCPU.
  ///   - region: The caller's number of the region that the line belongs to.
  ///   - time: Capture time in ns.
  /// - Returns: Its slot, with an empty mask.
  /// - Precondition: fewer than ``capacity`` lines are open.
  @inline(__always)
  public mutating func open(line: UInt64, vcpu: Int, region: Int, time: UInt64) -> Int {
    precondition(counts[vcpu] < capacity, "no free gathering line")
    let slot = vcpu * capacity + counts[vcpu]
    counts[vcpu] += 1
    addresses[slot] = line
    masks[slot] = 0
    regions[slot] = Int32(truncatingIfNeeded: region)
    openedAt[slot] = time
    return slot
  }

  /// Adds bytes to an open line.
  ///
  /// - Returns: How many of them were pending already, and so will never reach the device.
  @inline(__always)
  public mutating func merge(_ bytes: UInt128, into slot: Int, record: UInt64) -> Int {
    let pending = masks[slot]
    masks[slot] = pending | bytes
    writes += 1
    lastWrites[slot] = writes
    records[slot] = record
    let overwritten = pending & bytes
    return overwritten == 0 ? 0 : overwritten.nonzeroBitCount
  }

  /// The line to give up when all are open.
  public func victim(_ vcpu: Int) -> Int {
    let base = vcpu * capacity
    guard eviction == .lru else { return base }
    var best = base
    for slot in base..<base + counts[vcpu] where lastWrites[slot] < lastWrites[best] {
      best = slot
    }
    return best
  }

  /// Closes a line; younger ones of the vCPU move down one slot.
  @inline(__always)
  public mutating func close(_ slot: Int, vcpu: Int) {
    let end = vcpu * capacity + counts[vcpu] - 1
    var index = slot
    while index < end {
      addresses[index] = addresses[index + 1]
      masks[index] = masks[index + 1]
      regions[index] = regions[index + 1]
      lastWrites[index] = lastWrites[index + 1]
      openedAt[index] = openedAt[index + 1]
      records[index] = records[index + 1]
      index += 1
    }
    counts[vcpu] -= 1
  }
}
