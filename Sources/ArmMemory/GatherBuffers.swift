public import TraceCore

/// The gathering lines of every vCPU: which are open, with which bytes, since when.
///
/// Lines of one vCPU lie in the order in which they were opened, oldest first, so that a flush of
/// several walks them in order. Deciding *when* a line leaves is the caller's business.
public struct GatherBuffers: ~Copyable {
  /// A copy of an open line.
  public struct Line: BitwiseCopyable {
    /// Pending bytes; bit 0 is the line's first.
    public var mask: UInt128 = 0
    /// Address of the line's first byte.
    public var address: UInt64 = 0
    /// Capture time at which the line was opened, in ns.
    public var opened: UInt64 = 0
    /// The record that wrote the line last.
    public var record: UInt64 = 0
    /// The record that opened the line: no store before it has a byte in it.
    public var firstRecord: UInt64 = 0
    @usableFromInline var lastWrite: UInt64 = 0
    // Small ones last: a line is 64 bytes.
    @usableFromInline var regionNumber: Int32 = 0
    @usableFromInline var byteCount: Int16 = 0
    /// The buffer that holds the line, from 0; it stays the same while the line is open.
    public var buffer: UInt8 = 0
    /// Memory type of the store that opened the line.
    public var type = MemoryType.normalNC

    /// The caller's number of the region that the line belongs to.
    @inlinable @inline(__always) public var region: Int { Int(regionNumber) }
    /// Bytes pending.
    @inlinable @inline(__always) public var bytes: Int { Int(byteCount) }

    /// Makes it an open line without bytes.
    @inlinable @inline(__always)
    mutating func open(
      _ line: UInt64, _ region: Int, _ opening: Opening, buffer number: Int
    ) {
      mask = 0
      address = line
      opened = opening.time
      firstRecord = opening.record
      type = opening.type
      regionNumber = Int32(truncatingIfNeeded: region)
      byteCount = 0
      buffer = UInt8(truncatingIfNeeded: number)
    }

    /// Adds bytes; returns how many of them were pending already.
    @inlinable @inline(__always)
    mutating func merge(
      _ bytes: UInt128, count: Int, record number: UInt64, write: UInt64
    ) -> Int {
      let again = mask & bytes
      let overwritten = again == 0 ? 0 : again.nonzeroBitCount
      mask |= bytes
      byteCount &+= Int16(truncatingIfNeeded: count &- overwritten)
      lastWrite = write
      record = number
      return overwritten
    }
  }

  /// The store that opens a line.
  public struct Opening: BitwiseCopyable {
    @usableFromInline var record: UInt64
    @usableFromInline var time: UInt64
    @usableFromInline var type: MemoryType

    /// - Parameters:
    ///   - record: Its record.
    ///   - time: Its capture time in ns.
    ///   - type: Its memory type.
    @inlinable @inline(__always)
    public init(record: UInt64, time: UInt64, type: MemoryType) {
      self.record = record
      self.time = time
      self.type = type
    }
  }

  /// Lines per vCPU.
  public let capacity: Int
  public let lineBytes: Int
  private let eviction: CPUProfile.Eviction

  @usableFromInline var lines: FixedBuffer<Line>
  @usableFromInline var counts: FixedBuffer<Int>
  /// A bit for each free buffer, one word a vCPU.
  @usableFromInline var free: FixedBuffer<UInt64>
  @usableFromInline var writes: UInt64 = 0

  /// - Parameters:
  ///   - profile: Number, size and eviction of the lines.
  ///   - vcpus: vCPUs to hold lines for; ``grow(vcpus:)`` makes room for more.
  public init(profile: CPUProfile, vcpus: Int) {
    capacity = profile.buffers
    lineBytes = profile.lineBytes
    eviction = profile.eviction
    lines = FixedBuffer(repeating: Line(), count: vcpus * profile.buffers)
    counts = FixedBuffer(repeating: 0, count: vcpus)
    free = FixedBuffer(repeating: .max, count: vcpus)
  }

  /// Makes room for more vCPUs; the lines of the present ones stay.
  public mutating func grow(vcpus: Int) {
    lines.grow(to: vcpus * capacity, repeating: Line())
    counts.grow(to: vcpus, repeating: 0)
    free.grow(to: vcpus, repeating: .max)
  }

  /// Takes the open lines of other buffers.
  ///
  /// - Parameter other: With lines of the same size, no more of them open on any vCPU than there
  ///   are here, and no more vCPUs.
  public mutating func take(_ other: borrowing GatherBuffers) {
    precondition(lineBytes == other.lineBytes)
    for vcpu in 0..<other.counts.count {
      precondition(other.counts[vcpu] <= capacity, "a line too many is open")
      counts[vcpu] = other.counts[vcpu]
      free[vcpu] = other.free[vcpu]
      for line in 0..<counts[vcpu] {
        lines[oldest(vcpu) + line] = other.lines[other.oldest(vcpu) + line]
      }
    }
    writes = other.writes
  }

  /// Open lines of a vCPU.
  @inlinable @inline(__always)
  public func count(_ vcpu: Int) -> Int { counts[vcpu] }

  /// The slot of the oldest open line of a vCPU; younger ones follow.
  @inlinable @inline(__always)
  public func oldest(_ vcpu: Int) -> Int { vcpu &* capacity }

  /// The open line in a slot.
  @inlinable @inline(__always)
  public subscript(slot: Int) -> Line { lines[slot] }

  /// The slot of the open line with this line address, or -1; the newest is looked at first.
  @inlinable @inline(__always)
  public func find(line: UInt64, vcpu: Int) -> Int {
    let base = oldest(vcpu)
    var slot = base &+ counts[vcpu] &- 1
    while slot >= base {
      if lines[slot].address == line { return slot }
      slot &-= 1
    }
    return -1
  }

  /// Whether one of the vCPU's open lines starts in a range of addresses.
  @inlinable @inline(__always)
  public func hasLine(from first: UInt64, through last: UInt64, vcpu: Int) -> Bool {
    let base = oldest(vcpu)
    for slot in base..<base &+ counts[vcpu] {
      if lines[slot].address &- first <= last &- first { return true }
    }
    return false
  }

  /// Opens a line.
  ///
  /// - Parameters:
  ///   - line: Line address.
  ///   - vcpu: The writing vCPU.
  ///   - region: The caller's number of the region that the line belongs to.
  ///   - opening: The store that opens it.
  /// - Returns: Its slot, with an empty mask.
  /// - Precondition: fewer than ``capacity`` lines are open.
  @inlinable @inline(__always)
  public mutating func open(line: UInt64, vcpu: Int, region: Int, by opening: Opening) -> Int {
    precondition(counts[vcpu] < capacity, "no free gathering line")
    let slot = oldest(vcpu) &+ counts[vcpu]
    counts[vcpu] &+= 1
    let buffers = free[vcpu]
    free[vcpu] = buffers & (buffers &- 1)
    lines[slot].open(line, region, opening, buffer: buffers.trailingZeroBitCount)
    return slot
  }

  /// Adds bytes to an open line.
  ///
  /// - Parameters:
  ///   - mask: The bytes.
  ///   - count: How many they are.
  ///   - slot: The line's slot.
  ///   - record: The record that writes them.
  /// - Returns: How many of them were pending already, and so will never reach the device.
  @inlinable @inline(__always)
  public mutating func merge(
    _ mask: UInt128, count: Int, into slot: Int, record: UInt64
  ) -> Int {
    writes &+= 1
    return lines[slot].merge(mask, count: count, record: record, write: writes)
  }

  /// Every byte of the line is pending.
  @inlinable @inline(__always)
  public func isFull(_ slot: Int) -> Bool { lines[slot].bytes == lineBytes }

  /// The line to give up when all are open.
  public func victim(_ vcpu: Int) -> Int {
    let base = oldest(vcpu)
    guard eviction == .lru else { return base }
    var best = base
    for slot in base..<base + counts[vcpu] where lines[slot].lastWrite < lines[best].lastWrite {
      best = slot
    }
    return best
  }

  /// Closes a line; younger ones of the vCPU move down one slot.
  @inlinable @inline(__always)
  public mutating func close(_ slot: Int, vcpu: Int) {
    let end = oldest(vcpu) &+ counts[vcpu] &- 1
    free[vcpu] |= 1 &<< UInt64(truncatingIfNeeded: lines[slot].buffer)
    var index = slot
    while index < end {
      lines[index] = lines[index &+ 1]
      index &+= 1
    }
    counts[vcpu] &-= 1
  }

  /// Closes all lines of a vCPU.
  @inlinable @inline(__always)
  public mutating func closeAll(_ vcpu: Int) {
    counts[vcpu] = 0
    free[vcpu] = .max
  }
}
