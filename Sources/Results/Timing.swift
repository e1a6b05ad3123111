/// What a vCPU spent its time on, or waited for.
///
/// The names are those of the CSV and JSON files. Of one vCPU, from its first issue to its last
/// step, they add up to its time exactly.
public enum TimeShare: UInt8, Sendable, CaseIterable, BitwiseCopyable {
  /// Issuing stores, loads and config accesses.
  case issue
  /// For a gathering buffer, an acknowledgement or a config request, while the TLP it hangs on
  /// waited for others on the link.
  case link
  /// The same, while the TLP at the head waited for flow control credits (or room in the replay
  /// buffer).
  case credit
  /// The same, while the link was idle: the trace has an access of another vCPU before it that is
  /// issued later, and TLPs keep the trace's order.
  case turn
  /// For a gathering buffer, for no reason further down.
  case buffer
  /// For the acknowledgement of a Device write.
  case acknowledgement
  /// For the data of an earlier load.
  case read
  /// At a DSB.
  case barrier
  /// For the completion of a config access, from its request on.
  case config
  /// Under the paced clock: until the recorded time of the next access; of the region before it.
  case idle

  public var name: String {
    switch self {
    case .issue: "issue"
    case .link: "link"
    case .credit: "credit"
    case .turn: "turn"
    case .buffer: "buffer"
    case .acknowledgement: "acknowledgement"
    case .read: "read"
    case .barrier: "barrier"
    case .config: "config"
    case .idle: "idle"
    }
  }
}

/// A part of the time of all vCPUs.
public struct TimePart: Sendable, Equatable {
  public var share: TimeShare
  /// Over all vCPUs, in ps; exact below 2^64 ps (213 vCPU days), and `UInt64.max` from there on.
  public var timePs: UInt64

  public init(share: TimeShare, timePs: UInt64) {
    self.share = share
    self.timePs = timePs
  }
}

/// How long something took, over many samples.
///
/// Bins are exact below 64 ps and 1/64 of an octave wide above, so a percentile is at most 1.6 %
/// above the true value and never below it; ``maxPs`` and ``samples`` are exact.
public struct Latency: Sendable, Equatable {
  /// Samples from `lowPs` on, up to and including `highPs`.
  public struct Bin: Sendable, Equatable {
    public var lowPs: UInt64
    public var highPs: UInt64
    public var samples: UInt64

    public init(lowPs: UInt64, highPs: UInt64, samples: UInt64) {
      self.lowPs = lowPs
      self.highPs = highPs
      self.samples = samples
    }
  }

  /// Ascending, none empty.
  public var bins: [Bin]
  public var maxPs: UInt64
  public var samples: UInt64 { bins.reduce(0) { $0 + $1.samples } }

  public init(bins: [Bin] = [], maxPs: UInt64 = 0) {
    self.bins = bins
    self.maxPs = maxPs
  }

  /// The smallest time, as a bin's upper end, that so many samples do not exceed.
  ///
  /// - Parameter perMille: 500 is the median, 999 the last thousandth; 1 to 1000.
  /// - Returns: ps; nil without samples.
  public func percentilePs(perMille: UInt64) -> UInt64? {
    let all = samples
    guard all > 0 else { return nil }
    let wanted = (UInt128(all) * UInt128(perMille) + 999) / 1000
    var seen: UInt128 = 0
    for bin in bins {
      seen += UInt128(bin.samples)
      if seen >= wanted { return min(bin.highPs, maxPs) }
    }
    return maxPs
  }
}

/// How busy a link was over time, in each direction.
public struct LinkUse: Sendable, Equatable {
  /// Width of a bin in ps, a power of two; 0 where nothing was sent.
  public var binPs: UInt64
  /// TLP transmission time in each bin, from the first record on, in ps; at most `binPs`.
  public var downPs: [UInt64]
  public var upPs: [UInt64]

  public init(binPs: UInt64 = 0, downPs: [UInt64] = [], upPs: [UInt64] = []) {
    self.binPs = binPs
    self.downPs = downPs
    self.upPs = upPs
  }
}
