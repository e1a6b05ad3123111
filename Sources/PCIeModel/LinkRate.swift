/// How fast a link moves the bytes of TLPs, in one direction.
public struct LinkRate: Sendable, Equatable {
  /// Bits per second after the line code, over all lanes.
  public let rawBitsPerSecond: Double
  /// Bits per second left for TLPs.
  ///
  /// Non-flit, what Ack and UpdateFC DLLPs (8 bytes each, as often as the specification's latency
  /// limits ask) and SKP ordered sets (4 symbols in 1538) leave of the raw rate. A DLLP takes one
  /// symbol time a lane for `lanes` bytes, so its share of the link falls with the lanes. Flit
  /// mode: 236 of a flit's 256 bytes; DLLPs travel inside the flit and SKP is not modelled, its
  /// interval being unpublished. Generation 7 is assumed to have generation 6's flits; at the
  /// lower rates the line code is taken off first.
  public let tlpBitsPerSecond: Double
  /// Picoseconds that one byte of a TLP takes.
  public let picosecondsPerByte: Double
  /// ``picosecondsPerByte`` times 2^24: at most 2^37, so the error stays below 2^-12 ps for the
  /// 4 KiB of the largest TLP.
  private let scaledPsPerByte: UInt64

  /// - Parameters:
  ///   - link: Generation 1 to 7, a width of the specification.
  ///   - accounting: How DLLPs are charged; anything but the default is for comparison only.
  public init(_ link: LinkConfiguration, accounting: DLLPAccounting = .allLanes) {
    let lanes = Double(link.lanes)
    let transfers = Self.transfersPerSecond(generation: link.generation)
    switch accounting {
    case .allLanes:
      rawBitsPerSecond = transfers * Self.codeEfficiency(generation: link.generation) * lanes
      tlpBitsPerSecond = rawBitsPerSecond * Self.tlpShare(link)
    case .pcieBench:
      rawBitsPerSecond = transfers * PcieBench.codeEfficiency(link.generation) * lanes
      tlpBitsPerSecond = rawBitsPerSecond * PcieBench.tlpShare(link)
    }
    picosecondsPerByte = 8e12 / tlpBitsPerSecond
    scaledPsPerByte = UInt64(picosecondsPerByte * Double(1 << 24) + 0.5)
  }

  /// Part of the rate that is left for TLPs.
  private static func tlpShare(_ link: LinkConfiguration) -> Double {
    guard !link.flit else { return 236.0 / 256 }
    let limit = updateLimit(
      generation: link.generation, lanes: link.lanes, maxPayload: link.maxPayload)
    let dllp = 8 / (limit * Double(link.lanes))
    return 1 - dllp - dllp - 4 / 1538
  }

  /// Time on the link of so many TLP bytes, 0 to 2^24: in ps, rounded to the nearest.
  public func serialisationPs(_ bytes: Int) -> UInt64 {
    (UInt64(truncatingIfNeeded: bytes) &* scaledPsPerByte &+ 1 << 23) &>> 24
  }

  /// Transfers per second and lane: 2.5, 5, 8, 16, 32, 64, 128 GT/s.
  static func transfersPerSecond(generation: Int) -> Double {
    precondition(1...7 ~= generation, "no such generation")
    return generation < 3 ? 2.5e9 * Double(generation) : 1e9 * Double(1 << generation)
  }

  /// 8b/10b in generations 1 and 2, 128b/130b up to 5, then none.
  static func codeEfficiency(generation: Int) -> Double {
    switch generation {
    case 1, 2: 0.8
    case 3, 4, 5: 128.0 / 130.0
    default: 1
    }
  }

  /// Time of one symbol on one lane, in ps: 10 bits up to 5 GT/s, 8 from 8 GT/s on.
  public static func symbolPs(generation: Int) -> Double {
    (generation < 3 ? 10e12 : 8e12) / transfersPerSecond(generation: generation)
  }

  /// Latency limit of Ack and of UpdateFC, in symbol times of one lane, not rounded down.
  ///
  /// (Max_Payload_Size + 28) x AF / lanes + internal delay (PCI Express Base Specification, tables
  /// of the Ack Transmission Latency Limit and the UpdateFC Transmission Latency Guidelines).
  /// The specification's tables drop the fraction; the formula keeps it.
  ///
  /// - Parameters:
  ///   - generation: 1 to 7.
  ///   - lanes: Width of the link.
  ///   - maxPayload: Max_Payload_Size in bytes.
  /// - Returns: Symbol times.
  public static func updateLimit(generation: Int, lanes: Int, maxPayload: Int) -> Double {
    let delay = generation == 1 ? 19.0 : generation == 2 ? 70.0 : 115.0
    let factor = ackFactor(lanes: lanes, maxPayload: maxPayload)
    return Double(maxPayload + 28) * factor / Double(lanes) + delay
  }

  /// AF of the latency limits.
  ///
  /// The published rows are x1 to x4, x8 and from x12 on for payloads up to 256 bytes, up to x8
  /// and from x16 on above. x12 above 256 bytes is taken as x16, as cocotbext-pcie does: the
  /// factor changes with more than 8 lanes in the other rows as well.
  static func ackFactor(lanes: Int, maxPayload: Int) -> Double {
    if maxPayload > 256 { return lanes <= 8 ? 1 : 2 }
    return lanes <= 4 ? 1.4 : lanes <= 8 ? 2.5 : 3
  }
}
