/// Why an open line left the CPU.
///
/// The names are those of the CSV and JSON files.
public enum FlushCause: UInt8, Sendable, CaseIterable, Codable {
  case full, capacity, stream, barrier, dgh, release, read, load, device, singleCopy, trap, timer
  case lost, end

  public var name: String {
    switch self {
    case .full: "full"
    case .capacity: "capacity"
    case .stream: "stream"
    case .barrier: "barrier"
    case .dgh: "dgh"
    case .release: "release"
    case .read: "read"
    case .load: "load"
    case .device: "device"
    case .singleCopy: "single-copy"
    case .trap: "trap"
    case .timer: "timer"
    case .lost: "lost"
    case .end: "end"
    }
  }
}

/// Busy time and goodput under one clock.
public struct ClockMetrics: Sendable, Equatable {
  /// First issue to last end, in ps; 0 where nothing was issued.
  public var timePs: UInt64 = 0
  /// Store payload bytes per second, at most `UInt64.max`; nil where `timePs` is 0.
  public var goodputBytesPerSecond: UInt64?
  /// From when a vCPU comes to a bus write's first store to its acceptance by the root complex,
  /// which is the start of its last TLP; a sample each bus write.
  public var storeLatency = Latency()
  /// From the issue of a load to the arrival of its data; a sample each load.
  public var loadLatency = Latency()
  /// Under the paced clock, of a whole scenario: from the recorded time of the first access to that
  /// of the last, in ps; 0 elsewhere.
  public var recordedPs: UInt64 = 0
  /// What the vCPUs' time went into, in `TimeShare` order, no zero rows.
  ///
  /// A wait counts for the region of the access that waits; at a barrier and while there is nothing
  /// to do, of the one before it.
  public var timeParts: [TimePart] = []

  public init(timePs: UInt64 = 0, goodputBytesPerSecond: UInt64? = nil) {
    self.timePs = timePs
    self.goodputBytesPerSecond = goodputBytesPerSecond
  }
}

/// The counts of one region or of a whole scenario.
///
/// Exact; they add up over regions.
public struct Metrics: Sendable, Equatable {
  /// Guest accesses that did not fault.
  public var stores: UInt64 = 0
  public var loads: UInt64 = 0
  /// Stores of a type that gathers, ST64B among them.
  public var gatheringStores: UInt64 = 0
  public var storeBytes: UInt64 = 0
  public var loadBytes: UInt64 = 0
  /// Accesses that take an alignment fault, by the stage that made the location Device; stage 1
  /// where the instruction itself checks, as it does the type of ST64B and LD64B.
  public var faultsStage1: UInt64 = 0
  public var faultsStage2: UInt64 = 0
  /// Those of stage 1 that LD64B and ST64B take on cacheable memory, whatever their alignment.
  public var faultsUnsupported64: UInt64 = 0
  public var faultsAlignment: UInt64 { faultsStage1 + faultsStage2 }
  /// Flushed lines plus Device pieces plus single-copy 64-byte stores.
  public var busWrites: UInt64 = 0
  /// Memory write and memory read TLPs.
  public var mwr: UInt64 = 0
  public var mrd: UInt64 = 0
  public var cfgReads: UInt64 = 0
  public var cfgWrites: UInt64 = 0
  /// Enabled bytes of memory writes, and 4 x their DWs.
  public var payloadBytes: UInt64 = 0
  public var paddedBytes: UInt64 = 0
  public var wireDownBytes: UInt64 = 0
  public var wireUpBytes: UInt64 = 0
  /// Wire bytes of the memory writes alone.
  public var mwrWireBytes: UInt64 = 0
  /// Pending bytes overwritten before they left.
  public var collapsedBytes: UInt64 = 0
  /// Memory writes by enabled bytes: (payload bytes, TLPs), ascending, no zero rows.
  public var mwrPayloadHistogram: [SizeCount] = []
  /// Flushed lines by cause, in `FlushCause` order, no zero rows.
  public var flushCauses: [CauseCount] = []
  public var saturated = ClockMetrics()
  public var paced = ClockMetrics()

  public init() {}
}

/// One row of the TLP size histogram.
public struct SizeCount: Sendable, Equatable {
  public var payloadBytes: Int
  public var tlps: UInt64
  public init(payloadBytes: Int, tlps: UInt64) {
    self.payloadBytes = payloadBytes
    self.tlps = tlps
  }
}

/// One row of the flush causes.
public struct CauseCount: Sendable, Equatable {
  public var cause: FlushCause
  public var flushes: UInt64
  public var bytes: UInt64
  public init(cause: FlushCause, flushes: UInt64, bytes: UInt64) {
    self.cause = cause
    self.flushes = flushes
    self.bytes = bytes
  }
}
