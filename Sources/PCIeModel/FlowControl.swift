/// Credits of one virtual channel, as a receiver advertises them, and how fast they come back.
///
/// A header credit holds the header of one TLP, a data credit 16 bytes of its data. Posted and
/// non-posted credits are the device's; completion credits are the root complex's, which mostly
/// advertises infinite ones (PCI Express Base Specification 5.0, section 2.6.1).
public struct FlowControl: Sendable, Hashable {
  /// Credits of one kind of TLP; 0 is infinite, as an initial value of 0 is on the link.
  public struct Pool: Sendable, Hashable {
    public var headers: Int
    /// In units of 16 bytes.
    public var data: Int

    public init(headers: Int, data: Int) {
      self.headers = headers
      self.data = data
    }

    public static let infinite = Pool(headers: 0, data: 0)
  }

  /// PH and PD.
  public var posted: Pool
  /// NPH and NPD.
  public var nonPosted: Pool
  /// CPLH and CPLD.
  public var completion: Pool
  /// Scaled flow control: 1, 4 or 16.
  ///
  /// An UpdateFC counts header credits in this unit, so a credit is back when all of its group
  /// are (PCI Express Base Specification 5.0, section 3.4.2). More than 127 header or 2047 data credits need a scale on a real link; with 1 they are taken
  /// as they are, and the grouping is left out.
  public var headerScale: Int
  /// The same of data credits.
  public var dataScale: Int
  /// From the start of a TLP's transmission to the return of its credits, in ps.
  public var loopPs: UInt64

  public init(
    posted: Pool, nonPosted: Pool = .infinite, completion: Pool = .infinite, headerScale: Int = 1,
    dataScale: Int = 1, loopPs: UInt64
  ) {
    self.posted = posted
    self.nonPosted = nonPosted
    self.completion = completion
    self.headerScale = headerScale
    self.dataScale = dataScale
    self.loopPs = loopPs
  }

  /// No TLP ever waits for a credit.
  public static let unlimited = FlowControl(posted: .infinite, loopPs: 0)
}

/// What the data link layer adds: TLPs are kept until acknowledged, and sent again when damaged.
public struct DataLink: Sendable, Hashable {
  /// From the end of a TLP to the arrival of its Ack, in ps.
  public var ackLatencyPs: UInt64
  /// Bytes of TLPs that may wait for an Ack; 0 is as many as there are.
  public var replayBufferBytes: Int
  /// Every so many TLPs towards the device one is damaged and sent again; 0 is never.
  public var replayEvery: Int
  /// From the end of the damaged TLP to the start of its repetition, in ps.
  public var replayPs: UInt64

  public init(
    ackLatencyPs: UInt64 = 0, replayBufferBytes: Int = 0, replayEvery: Int = 0,
    replayPs: UInt64 = 0
  ) {
    self.ackLatencyPs = ackLatencyPs
    self.replayBufferBytes = replayBufferBytes
    self.replayEvery = replayEvery
    self.replayPs = replayPs
  }
}
