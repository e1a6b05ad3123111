/// One scenario's settings as the naive model reads them; only what counts depend on.
public struct NaiveSettings: Equatable, Sendable {
  /// `kvm-device`, `kvm-normal-nc` or `none`.
  public var policy = "none"
  public var fwb = false
  /// `--stage1`: type name by region name, or by `all`; a region's own entry wins.
  public var stage1: [String: String] = [:]
  /// `auto`, `recorded`, `relaxed`, `linux-writel` or `bursts`.
  public var accessors = "recorded"

  /// Lines that can be open at once.
  public var buffers = 4
  /// `lru` or `fifo`.
  public var evict = "lru"
  public var lineBytes = 64
  public var singleStream = false
  public var loadBreaksGather = false
  public var deviceDrainsNC = false
  public var deviceBusBytes = 8
  /// nil = never.
  public var drainAfterNs: UInt64?
  /// `access` or `line`.
  public var ncLoad = "access"
  public var trapDrains = false
  public var lse2 = true

  /// `runs`, `minimal`, `aligned` or `qword`.
  public var split = "runs"
  public var ecrc = false

  public var generation = 4
  /// Flit mode; implied by generations 6 and 7.
  public var flit = false
  public var maxPayload = 256
  public var maxReadRequest = 512
  public var readCompletionBoundary = 64

  public init() {}

  /// Flit mode is in force (PCIe Base 6.0, 4.2.3: required at 64 GT/s).
  public var usesFlits: Bool { flit || generation >= 6 }

  /// A copy with changes: `NaiveSettings().with { $0.buffers = 1 }`.
  public func with(_ change: (inout NaiveSettings) -> Void) -> NaiveSettings {
    var copy = self
    change(&copy)
    return copy
  }
}
