import ArmMemory
import PCIeModel
import TraceCore

/// Wire bytes of one scenario's TLPs, looked up instead of computed.
struct WireTable: ~Copyable {
  /// A 128-byte line that is not aligned to 4 bytes touches 33 DWs.
  private static let dwordLimit = 34
  private let cost: WireCost
  /// A read of at most this many bytes that stays in its page is one request with one completion,
  /// whatever the link: no link may be configured to less than 128 bytes.
  private static let readLimit = 64
  private var writes: FixedBuffer<UInt64>
  private var reads: FixedBuffer<NonPostedCost>
  let configRead: NonPostedCost
  let configWrite: NonPostedCost

  init(link: LinkConfiguration, ecrc: Bool) {
    cost = WireCost(link: link, ecrc: ecrc)
    writes = FixedBuffer(repeating: 0, count: 4 * Self.dwordLimit)
    reads = FixedBuffer(
      repeating: NonPostedCost(requests: 0, completions: 0, downBytes: 0, upBytes: 0),
      count: 8 * (Self.readLimit + 1))
    configRead = cost.configRead
    configWrite = cost.configWrite
    for dwords in 1..<Self.dwordLimit {
      for partial in [false, true] {
        for header in [3, 4] {
          let bytes = cost.memoryWrite(dwords: dwords, partial: partial, headerDwords: header)
          writes[Self.index(dwords, partial, wide: header == 4)] = UInt64(bytes)
        }
      }
    }
    for bytes in 1...Self.readLimit {
      for start in [0, 1, 2, 3, 1 << 32, 1 << 32 + 1, 1 << 32 + 2, 1 << 32 + 3] as [UInt64] {
        reads[Self.readIndex(start, bytes)] = cost.memoryRead(address: start, bytes: bytes)
      }
    }
  }

  @inline(__always)
  private static func readIndex(_ address: UInt64, _ size: Int) -> Int {
    size &* 8 &+ Int(truncatingIfNeeded: address & 3) &+ (address >> 32 != 0 ? 4 : 0)
  }

  @inline(__always)
  private static func index(_ dwords: Int, _ partial: Bool, wide: Bool) -> Int {
    dwords * 4 + (partial ? 2 : 0) + (wide ? 1 : 0)
  }

  /// Bytes of a memory write of `dwords` DWs.
  @inline(__always)
  func write(address: UInt64, dwords: Int, partial: Bool) -> UInt64 {
    writes[Self.index(dwords, partial, wide: address >> 32 != 0)]
  }

  /// The read requests for some bytes, and their completions.
  @inline(__always)
  func read(address: UInt64, size: Int) -> NonPostedCost {
    if size <= Self.readLimit, Int(truncatingIfNeeded: address & 4095) &+ size <= 4096 {
      return reads[Self.readIndex(address, size)]
    }
    return cost.memoryRead(address: address, bytes: size)
  }
}
