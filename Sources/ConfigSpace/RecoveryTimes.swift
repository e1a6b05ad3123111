/// How long MMIO must stay away after a reset, and who says so.
public struct QuietWindow: Sendable, Hashable {
  /// From the end of the reset to the first request allowed, in ns; nil while the reset lasts.
  public var nanoseconds: UInt64?
  /// Specification or implementation that the time comes from.
  public var source: String

  public init(nanoseconds: UInt64?, source: String) {
    self.nanoseconds = nanoseconds
    self.source = source
  }

  /// Until something ends it.
  static func open(_ source: String) -> QuietWindow {
    QuietWindow(nanoseconds: nil, source: source)
  }
}

/// Recovery times by kind of reset, as a device profile gives them.
public struct RecoveryTimes: Sendable, Hashable {
  public var functionLevelReset: QuietWindow
  public var advancedFeaturesReset: QuietWindow
  /// One hop between D3hot and D0.
  public var powerState: QuietWindow
  /// Secondary bus reset, link disable, DPC, slot power: after the link is let go, or trained.
  public var conventionalReset: QuietWindow
  /// The same where the bus below is conventional PCI.
  public var conventionalBus: QuietWindow
  /// From VF Enable := 1 to the first request to a VF.
  public var virtualFunctionEnable: QuietWindow
  /// The least time that a secondary bus reset is held.
  public var busResetHold: QuietWindow
  /// From the end of a conventional reset to the start of link training, at most.
  public var linkTrainingStart: QuietWindow
  /// From the end of a reset until the device has to be ready, at most.
  public var deviceReady: QuietWindow

  public init(
    functionLevelReset: QuietWindow, advancedFeaturesReset: QuietWindow, powerState: QuietWindow,
    conventionalReset: QuietWindow, conventionalBus: QuietWindow,
    virtualFunctionEnable: QuietWindow, busResetHold: QuietWindow,
    linkTrainingStart: QuietWindow, deviceReady: QuietWindow
  ) {
    self.functionLevelReset = functionLevelReset
    self.advancedFeaturesReset = advancedFeaturesReset
    self.powerState = powerState
    self.conventionalReset = conventionalReset
    self.conventionalBus = conventionalBus
    self.virtualFunctionEnable = virtualFunctionEnable
    self.busResetHold = busResetHold
    self.linkTrainingStart = linkTrainingStart
    self.deviceReady = deviceReady
  }

  /// No time at all: for who asks for events and not for windows.
  public static let untimed: RecoveryTimes = {
    let none = QuietWindow(nanoseconds: 0, source: "")
    return RecoveryTimes(
      functionLevelReset: none, advancedFeaturesReset: none, powerState: none,
      conventionalReset: none, conventionalBus: none, virtualFunctionEnable: none,
      busResetHold: none, linkTrainingStart: none, deviceReady: none)
  }()

  /// CXL Reset Timeout of the DVSEC for devices, codes 0 to 4: what the device itself says, so
  /// that no profile does (CXL 3.0, section 8.1.3.6).
  static let cxlReset: [QuietWindow] = [
    10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
  ].map { QuietWindow(nanoseconds: $0, source: "CXL DVSEC for devices, CXL Reset Timeout") }
}
