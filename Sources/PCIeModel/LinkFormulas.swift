/// Every closed form of one link and one transfer size, side by side.
///
/// B1 to B12 are the numbers of the article on the link model, in this room's documentation.
public struct LinkFormulas: Sendable {
  /// What the link itself does not fix.
  public struct Assumptions: Sendable, Equatable {
    /// Reads of the transfer's size in flight at once.
    ///
    /// 32 are the tags of a requester without Extended Tags (PCI Express Base Specification 5.0,
    /// section 2.2.6.2).
    public var outstandingReads = 32
    /// From a read's request to its last completion, in ps.
    ///
    /// A network card's DMA read of up to 64 bytes took 586 to 600 ns (Neugebauer et al.,
    /// SIGCOMM 2018, Haswell-EP); a CPU's MMIO read takes 0.8 to 1.6 us.
    public var roundTripPs: UInt64 = 600_000
    /// From one write of the transfer's size by the CPU to the next, in ps; nil binds nothing.
    public var issuePs: UInt64?

    public init() {}
  }

  public let link: LinkConfiguration
  /// B1: after the line code, over all lanes.
  public let rawBitsPerSecond: Double
  /// B4.
  public let tlpBitsPerSecond: Double
  /// B5: limit of Ack and UpdateFC, in symbol times; nil in flit mode, whose DLLPs cost nothing.
  public let updateLimitSymbols: Double?
  /// B6: the same in ps.
  public let updateLimitPs: Double?
  /// B2 or B3, and B7.
  public let write: ContiguousWrite
  /// The TLPs of B8 and B9.
  public let read: ContiguousRead
  /// B7.
  public let writeBitsPerSecond: Double
  /// B8.
  public let readBitsPerSecond: Double
  /// B9.
  public let readWriteBitsPerSecond: Double
  /// B10: the link left aside.
  public let latencyReadBitsPerSecond: Double
  /// B11 by header credits; infinite where they are.
  public let headerCreditBitsPerSecond: Double
  /// B11 by data credits.
  public let dataCreditBitsPerSecond: Double
  /// B12: a CPU's stream of writes.
  public let programmedBitsPerSecond: Double

  /// - Parameters:
  ///   - link: The link and its credits.
  ///   - payloadBytes: Bytes of a transfer, 1 to 2^40.
  ///   - headerDwords: 3 or 4.
  ///   - ecrc: TLPs carry an end-to-end CRC.
  ///   - split: How a read's answer is cut.
  ///   - assumptions: What the link does not fix.
  public init(
    link: LinkConfiguration, payloadBytes: Int, headerDwords: Int, ecrc: Bool,
    split: CompletionSplit = .few, assumptions: Assumptions = Assumptions()
  ) {
    let cost = WireCost(link: link, ecrc: ecrc)
    let rate = LinkRate(link)
    self.link = link
    rawBitsPerSecond = rate.rawBitsPerSecond
    tlpBitsPerSecond = rate.tlpBitsPerSecond
    let limit = LinkRate.updateLimit(
      generation: link.generation, lanes: link.lanes, maxPayload: link.maxPayload)
    updateLimitSymbols = link.flit ? nil : limit
    updateLimitPs = link.flit ? nil : limit * LinkRate.symbolPs(generation: link.generation)
    write = ContiguousWrite(payloadBytes: payloadBytes, headerDwords: headerDwords, cost: cost)
    read = ContiguousRead(
      payloadBytes: payloadBytes, headerDwords: headerDwords, cost: cost, split: split)
    writeBitsPerSecond = write.goodputBitsPerSecond(rate)
    readBitsPerSecond = read.goodputBitsPerSecond(rate)
    readWriteBitsPerSecond = read.goodputBitsPerSecond(with: write, rate)
    let bits = Double(8 * payloadBytes)
    latencyReadBitsPerSecond =
      bits * Double(assumptions.outstandingReads) / (Double(assumptions.roundTripPs) * 1e-12)
    let stream = PostedStream(write, link: link)
    headerCreditBitsPerSecond = bits * stream.headerCreditBound
    dataCreditBitsPerSecond = bits * stream.dataCreditBound
    let issue = assumptions.issuePs.map { bits / (Double($0) * 1e-12) } ?? .infinity
    programmedBitsPerSecond = min(
      issue, headerCreditBitsPerSecond, dataCreditBitsPerSecond, writeBitsPerSecond)
  }
}
