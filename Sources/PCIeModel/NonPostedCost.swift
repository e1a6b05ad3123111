/// What a non-posted access costs: requests towards the device, completions back.
public struct NonPostedCost: Equatable, Sendable, BitwiseCopyable {
  /// Request TLPs.
  public var requests: UInt64
  /// Completion TLPs.
  public var completions: UInt64
  /// Wire bytes of the requests, towards the device.
  public var downBytes: UInt64
  /// Wire bytes of the completions, from the device.
  public var upBytes: UInt64
  /// Data credits of the completions, one each begun 16 bytes of one.
  public var dataUnits: UInt64

  public init(
    requests: UInt64, completions: UInt64, downBytes: UInt64, upBytes: UInt64,
    dataUnits: UInt64 = 0
  ) {
    self.dataUnits = dataUnits
    self.requests = requests
    self.completions = completions
    self.downBytes = downBytes
    self.upBytes = upBytes
  }
}
