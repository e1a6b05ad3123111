/// The values that only times depend on, as the naive clock reads them; times in ps.
public struct NaiveTiming: Equatable, Sendable {
  public var lanes = 8
  public var issue = 500
  public var ack = 100_000
  public var writesInFlight = 4
  public var deviceLoads = 1
  public var normalLoads = 4
  public var readLatency = 800_000
  public var configLatency = 1_000_000
  /// Credits; 0 = infinite.
  public var ph = 32
  public var pd = 256
  public var nph = 0
  public var npd = 0
  public var cplh = 0
  public var cpld = 0
  public var creditLoop = 300_000
  /// Every so many TLPs towards the device one is sent again, so long after its end; 0 = none is.
  public var replayEvery = 0
  public var replayWait = 0
  /// Bytes that may be without an Ack, which comes so long after a TLP's end; 0 = any number.
  public var replayBuffer = 0
  public var ackLatency = 0

  public init() {}

  /// Values of every size, of which the smallest and infinite ones are frequent.
  ///
  /// - Parameters:
  ///   - seed: Any number.
  ///   - settings: What decides how many data credits the largest write takes.
  public init(seed: UInt64, for settings: NaiveSettings) {
    // Another sequence than that of the program of the same seed.
    var random = SplitMix64(seed: ~seed)
    lanes = random.pick([1, 2, 4, 8, 16])
    issue = random.pick([1, 300, 500, 2_000, 20_000, 700_000])
    ack = random.pick([0, 1, 10_000, 100_000, 100_000, 1_500_000])
    writesInFlight = random.pick([1, 2, 3, 4, 10, 1000])
    deviceLoads = random.pick([1, 1, 2, 3, 8])
    normalLoads = random.pick([1, 2, 4, 4, 16])
    readLatency = random.pick([0, 1_000, 100_000, 800_000, 3_000_000])
    configLatency = random.pick([0, 1_000, 200_000, 1_000_000])
    // No write is longer than a line or 64 bytes.
    let least = max(settings.lineBytes, 64) / 16
    ph = random.pick([0, 1, 2, 5, 32])
    pd = random.pick([0, least, least + 1, 2 * least, 5 * least + 3, 256])
    nph = random.pick([0, 0, 1, 2, 5])
    npd = random.pick([0, 0, 1, 2])
    cplh = random.pick([0, 0, 1, 2, 5])
    cpld = random.pick([0, 0, 1, 4, 9])
    creditLoop = random.pick([0, 1_000, 60_000, 300_000, 2_000_000])
    replayEvery = random.pick([0, 0, 0, 1, 2, 7])
    replayWait = random.pick([0, 50_000, 600_000])
    replayBuffer = random.pick([0, 0, 0, 160, 256, 1_000])
    ackLatency = random.pick([0, 1_000, 300_000, 1_000_000])
  }
}
