public import TraceCore

/// A config access that resets something, or changes what MMIO meets.
public struct ConfigEvent: Sendable, Equatable {
  /// What happened.
  public enum Kind: String, Sendable, CaseIterable {
    case functionLevelReset = "flr"
    case advancedFeaturesReset = "af-flr"
    /// D3hot entered and left by a function that loses its state there.
    case pmResetStart = "pm-reset-start"
    case pmResetDone = "pm-reset-done"
    /// D3hot entered and left without a known reset.
    case powerDown = "power-down"
    case powerUp = "power-up"
    case busResetAssert = "sbr-assert"
    case busResetRelease = "sbr-release"
    case linkDisable = "link-disable"
    case linkEnable = "link-enable"
    /// Seen in a status read, or asked for by software.
    case dpcTrigger = "dpc-trigger"
    case dpcRelease = "dpc-release"
    case cxlReset = "cxl-reset"
    case cxlBusResetUnmask = "cxl-sbr-unmask"
    case memoryDisable = "memory-disable"
    case memoryEnable = "memory-enable"
    case barSizing = "bar-sizing"
    case barMove = "bar-move"
    case vfDisable = "vf-disable"
    case vfEnable = "vf-enable"
    /// VF MSE, the memory enable of all VFs.
    case vfMemoryDisable = "vf-memory-disable"
    case vfMemoryEnable = "vf-memory-enable"
    case slotPowerOff = "slot-power-off"
    case slotPowerOn = "slot-power-on"
    /// A source announced that it is about to reset by some method.
    case resetRequested = "reset-requested"
    /// A source reported a reset through D3hot and back.
    case pmReset = "pm-reset"
    /// A source reported a reset of the whole bus that a function is on, or of those below a
    /// bridge.
    case hotReset = "hot-reset"
    /// A source reported a reset of a kind that is not known; no window.
    case unknownReset = "unknown-reset"

    /// The access starts a reset: what is still on its way to the device is late.
    public var issuesReset: Bool {
      switch self {
      case .functionLevelReset, .advancedFeaturesReset, .pmResetStart, .busResetAssert,
        .linkDisable, .dpcTrigger, .cxlReset, .slotPowerOff, .hotReset, .pmReset, .unknownReset,
        .vfDisable:
        true
      default: false
      }
    }

    /// The reset happens at a bridge, so that its downstream port discards what it holds.
    public var isAtBridge: Bool {
      switch self {
      case .busResetAssert, .busResetRelease, .linkDisable, .linkEnable, .dpcTrigger,
        .dpcRelease, .slotPowerOff, .slotPowerOn, .hotReset:
        true
      default: false
      }
    }
  }

  /// Who is affected.
  public enum Scope: Sendable, Equatable {
    case function
    /// All functions of the device: those of one device number.
    case device
    /// All functions of a device with alternative routing IDs: every number of the bus.
    case ariDevice
    /// Every function on these buses of the segment.
    case buses(ClosedRange<UInt8>)
    /// Everything below the bridge, whose buses are not known.
    case belowBridge
    /// The VFs of the function; nil where their numbers are not known.
    case virtualFunctions(VirtualFunctions?)
    /// The function and its VFs, which vanish; nil where their numbers are not known.
    case functionAndVirtual(VirtualFunctions?)

    /// The scope covers a function.
    ///
    /// - Parameters:
    ///   - candidate: The function in question.
    ///   - cause: The function that the scope belongs to.
    /// - Returns: false for members that are not known.
    public func contains(_ candidate: PCIFunction, cause: PCIFunction) -> Bool {
      switch self {
      case .function: candidate == cause
      case .device: candidate.rawValue >> 3 == cause.rawValue >> 3
      case .ariDevice: candidate.rawValue >> 8 == cause.rawValue >> 8
      case .buses(let range):
        candidate.segment == cause.segment && range.contains(candidate.bus)
      case .belowBridge: false
      case .virtualFunctions(let numbers):
        numbers?.number(of: candidate, physical: cause) != nil
      case .functionAndVirtual(let numbers):
        candidate == cause || numbers?.number(of: candidate, physical: cause) != nil
      }
    }
  }

  public var kind: Kind
  /// Function whose register was written.
  public var function: PCIFunction
  public var scope: Scope
  /// Time that MMIO must stay away; nil where the event asks for none.
  public var window: QuietWindow?
  public var record: UInt64
  public var timeNs: UInt64
  /// Record of the last read since the previous reset that showed no transactions pending.
  public var pendingClearRecord: UInt64?
  /// Of a notice: record of the config write that makes the same reset.
  public var repeatedRecord: UInt64?
  /// The time is the capture's own.
  public var isTimed = true

  public init(
    kind: Kind, function: PCIFunction, scope: Scope = .function, window: QuietWindow? = nil,
    record: UInt64, timeNs: UInt64, pendingClearRecord: UInt64? = nil
  ) {
    self.kind = kind
    self.function = function
    self.scope = scope
    self.window = window
    self.record = record
    self.timeNs = timeNs
    self.pendingClearRecord = pendingClearRecord
  }
}
