import ArmMemory
import PCIeModel
import Profiles
import TraceCore

/// Wire bytes and transmission times of one scenario's TLPs, looked up instead of computed.
struct WireTable: ~Copyable {
  struct Write: BitwiseCopyable {
    var bytes: UInt64 = 0
    var picoseconds: UInt64 = 0
  }

  struct NonPosted: BitwiseCopyable {
    var requests: UInt64
    var downBytes: UInt64
    var upBytes: UInt64
    var downPs: UInt64
    var upPs: UInt64
  }

  /// A 128-byte line that is not aligned to 4 bytes touches 33 DWs.
  private static let dwordLimit = 34
  private let cost: WireCost
  private let rate: LinkRate
  /// A read of at most this many bytes that stays in its page is one request with one completion,
  /// whatever the link: no link may be configured to less than 128 bytes.
  private static let readLimit = 64
  private var writes: FixedBuffer<Write>
  private var reads: FixedBuffer<NonPosted>
  let configRead: NonPosted
  let configWrite: NonPosted

  init(link: LinkConfiguration, ecrc: Bool) {
    cost = WireCost(link: link, ecrc: ecrc)
    rate = LinkRate(link)
    writes = FixedBuffer(repeating: Write(), count: 4 * Self.dwordLimit)
    reads = FixedBuffer(
      repeating: NonPosted(requests: 0, downBytes: 0, upBytes: 0, downPs: 0, upPs: 0),
      count: 8 * (Self.readLimit + 1))
    configRead = Self.nonPosted(cost.configRead, rate)
    configWrite = Self.nonPosted(cost.configWrite, rate)
    for dwords in 1..<Self.dwordLimit {
      for partial in [false, true] {
        for header in [3, 4] {
          let bytes = cost.memoryWrite(dwords: dwords, partial: partial, headerDwords: header)
          writes[Self.index(dwords, partial, wide: header == 4)] = Write(
            bytes: UInt64(bytes), picoseconds: rate.serialisationPs(bytes))
        }
      }
    }
    for bytes in 1...Self.readLimit {
      for start in [0, 1, 2, 3, 1 << 32, 1 << 32 + 1, 1 << 32 + 2, 1 << 32 + 3] as [UInt64] {
        reads[Self.readIndex(start, bytes)] = Self.nonPosted(
          cost.memoryRead(address: start, bytes: bytes), rate)
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

  /// A memory write of `dwords` DWs.
  @inline(__always)
  func write(address: UInt64, dwords: Int, partial: Bool) -> Write {
    writes[Self.index(dwords, partial, wide: address >> 32 != 0)]
  }

  /// The read requests for some bytes, and their completions.
  @inline(__always)
  func read(address: UInt64, size: Int) -> NonPosted {
    if size <= Self.readLimit, Int(truncatingIfNeeded: address & 4095) &+ size <= 4096 {
      return reads[Self.readIndex(address, size)]
    }
    return Self.nonPosted(cost.memoryRead(address: address, bytes: size), rate)
  }

  private static func nonPosted(_ cost: NonPostedCost, _ rate: LinkRate) -> NonPosted {
    NonPosted(
      requests: cost.requests,
      downBytes: cost.downBytes, upBytes: cost.upBytes,
      downPs: rate.serialisationPs(Int(cost.downBytes)),
      upPs: rate.serialisationPs(Int(cost.upBytes)))
  }
}

extension ReplayClock.Parameters {
  init(_ settings: ModelSettings, paced: Bool) {
    self.init(
      paced: paced, storeIssuePs: settings.cpu.storeIssuePs, buffers: settings.cpu.buffers,
      deviceWritesInFlight: settings.cpu.deviceWritesInFlight,
      deviceAckPs: settings.cpu.deviceAckPs,
      deviceLoadsInFlight: settings.cpu.deviceLoadsInFlight,
      normalLoadsInFlight: settings.cpu.normalLoadsInFlight,
      postedHeaderCredits: settings.link.flowControl.posted.headers,
      postedDataCredits: settings.link.flowControl.posted.data,
      creditLoopPs: settings.link.flowControl.loopPs,
      readLatencyPs: settings.device.readLatencyPs,
      configLatencyPs: settings.device.configLatencyPs)
  }
}
