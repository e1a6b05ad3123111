/// How the root complex groups a line's enabled bytes into memory writes.
public enum SplitPolicy: String, Sendable, CaseIterable {
  /// One TLP a contiguous byte run.
  case runs
  /// The fewest TLPs that the byte-enable rules allow, among equals the fewest DWs.
  case minimal
  /// Each run cut into naturally aligned power-of-two pieces.
  case aligned
  /// One TLP per aligned 8 bytes with an enabled byte; a full line goes as one.
  case qword
}

/// What the model must know of the root complex.
public struct RootComplexProfile: Sendable, Hashable {
  public var split: SplitPolicy
  /// TLPs carry an end-to-end CRC (1 DW).
  public var ecrc: Bool
  /// Where a DSB stops waiting for a write that is posted on PCIe.
  public enum SerialisationPoint: String, Sendable, CaseIterable {
    /// Somewhere before the root complex: a config write that goes another way may overtake.
    case interconnect
    /// PCIe's ordering holds from there on.
    case rootComplex = "root-complex"
  }

  public var serialisationPoint = SerialisationPoint.interconnect
  /// The ECAM window and the BARs lie in one ordering region of the interconnect.
  public var ecamSharesRegion = false
  /// The host turns config writes into posted ones.
  public var configWritesPosted = false
  /// A request without a completion for this many ns is given up; nil = never.
  public var completionTimeoutNs: UInt64? = 50_000_000

  public init(split: SplitPolicy, ecrc: Bool) {
    self.split = split
    self.ecrc = ecrc
  }
}

/// A PCIe link and its flow control, as negotiated.
public struct LinkConfiguration: Sendable, Hashable {
  /// 1 to 7.
  public var generation: Int
  /// 1, 2, 4, 8, 12, 16 or 32.
  public var lanes: Int
  /// Max_Payload_Size in bytes, 128 to 4096.
  public var maxPayload: Int
  /// Max_Read_Request_Size in bytes, 128 to 4096.
  public var maxReadRequest: Int
  /// Read Completion Boundary in bytes, 64 or 128.
  public var readCompletionBoundary: Int
  /// Flit mode; always in generations 6 and 7.
  public var flit: Bool
  /// Credits of each virtual channel.
  public var flowControl: FlowControl
  /// Acks and replays.
  public var dataLink: DataLink
  /// The virtual channel of memory requests, 0 or 1; config requests always use 0.
  public var memoryChannel: Int

  public init(
    generation: Int, lanes: Int, maxPayload: Int, maxReadRequest: Int,
    readCompletionBoundary: Int, flit: Bool, flowControl: FlowControl = .unlimited,
    dataLink: DataLink = DataLink(), memoryChannel: Int = 0
  ) {
    self.generation = generation
    self.lanes = lanes
    self.maxPayload = maxPayload
    self.maxReadRequest = maxReadRequest
    self.readCompletionBoundary = readCompletionBoundary
    self.flit = flit
    self.flowControl = flowControl
    self.dataLink = dataLink
    self.memoryChannel = memoryChannel
  }
}

/// What the model must know of the device behind the link.
public struct DeviceProfile: Sendable, Hashable {
  /// From the end of a memory read request to the start of its first completion, in ps.
  public var readLatencyPs: UInt64
  /// The same for a config request.
  public var configLatencyPs: UInt64

  public init(readLatencyPs: UInt64, configLatencyPs: UInt64) {
    self.readLatencyPs = readLatencyPs
    self.configLatencyPs = configLatencyPs
  }
}
