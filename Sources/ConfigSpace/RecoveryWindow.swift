public import TraceCore

/// Whether a function answers MMIO, as far as the capture tells.
public struct RecoveryWindow: Sendable, Equatable {
  /// The reset behind a window.
  public struct Cause: Sendable, Equatable {
    public var kind: ConfigEvent.Kind
    /// Function whose register was written: the function itself, or a bridge above it.
    public var function: PCIFunction
    public var scope: ConfigEvent.Scope
    public var fromNs: UInt64
    /// When the reset itself ended, as far as the capture shows; nil while nothing has ended it.
    public var releaseNs: UInt64?
    /// First time in ns at which requests are allowed; nil while nothing has ended the reset.
    public var untilNs: UInt64?
    public var record: UInt64
    /// Where the time comes from.
    public var source: String
    /// Whether a read showed the link trained, from which the time runs; nil where it runs from
    /// the release of the reset.
    public var linkSeen: Bool?
    /// The times are the capture's own; without stamps an end says nothing.
    public var isTimed = true
  }

  /// Command.MEM of the function; VF MSE and VF Enable for a virtual function.
  public enum MemoryState: Sendable, Equatable { case unknown, off, on }

  /// The covering reset with the latest end; it may be over.
  public var cause: Cause?
  public var memory: MemoryState
  /// Record of the first config read since the function's last reset, or the end of a reset above
  /// it, that returned a value of the function: not all ones, not a Vendor ID of 0x0001.
  ///
  /// nil where no read did. Without a ``cause`` it is the first one of the capture.
  public var readyRecord: UInt64?
  /// Time of ``readyRecord`` in ns.
  public var readyNs: UInt64?
  /// Config reads before it that returned all ones or asked for a retry.
  public var failedReads: UInt64 = 0
  /// A reset cleared Command.MEM, and nothing has set it since.
  public var isBeforeInit = false

  /// What the traffic to the function meets.
  public func situation(at timeNs: UInt64) -> TrafficSituation {
    if let cause, cause.covers(timeNs) { return TrafficSituation(in: cause.kind) }
    guard memory == .off else { return .normal }
    return isBeforeInit ? .afterReset : .memoryOff
  }
}

extension RecoveryWindow.Cause {
  /// The time is known to lie in the window.
  func covers(_ timeNs: UInt64) -> Bool {
    timeNs >= fromNs && (untilNs.map { isTimed && timeNs < $0 } ?? true)
  }
}

/// What a request or completion meets at a function or on the way to it.
public enum TrafficSituation: String, Sendable, CaseIterable {
  case normal
  /// Command.MEM is 0, or the function is in D3hot, or a VF that VF Enable does not show.
  case memoryOff = "memory-off"
  /// The function is being reset, its link is up.
  case resetting = "function-reset"
  /// The reset is over, BARs and Command.MEM are not restored.
  case afterReset = "after-reset"
  /// A port above holds the link down, or it is not trained again.
  case linkDown = "link-down"
  /// DPC holds the link down.
  case contained = "dpc"
  /// A request that nobody answers.
  case completionTimeout = "completion-timeout"

  /// The situation while a reset of this kind lasts.
  init(in kind: ConfigEvent.Kind) {
    switch kind {
    case .busResetAssert, .busResetRelease, .linkDisable, .linkEnable, .slotPowerOff,
      .slotPowerOn, .hotReset, .dpcRelease:
      self = .linkDown
    case .dpcTrigger: self = .contained
    case .pmResetStart, .powerDown, .vfDisable: self = .memoryOff
    default: self = .resetting
    }
  }
}

extension ConfigEvent.Kind {
  /// A change of power state that is not known to be a reset.
  public var isPowerChange: Bool { self == .powerDown || self == .powerUp }

  /// The function enters D3hot or leaves it.
  public var isPowerState: Bool {
    isPowerChange || self == .pmResetStart || self == .pmResetDone
  }
}
