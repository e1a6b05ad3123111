/// How long MMIO must stay away after a reset, and who says so.
public struct QuietWindow: Sendable, Equatable {
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

/// Recovery times by kind of reset; data, so that a caller may replace them.
public struct RecoveryTimes: Sendable, Equatable {
  public var functionLevelReset: QuietWindow
  public var advancedFeaturesReset: QuietWindow
  /// One hop between D3hot and D0.
  public var powerState: QuietWindow
  /// Secondary bus reset, link disable, DPC, slot power: after the link is let go.
  public var conventionalReset: QuietWindow
  /// CXL reset by timeout code 0 to 4.
  public var cxlReset: [QuietWindow]

  public init(
    functionLevelReset: QuietWindow, advancedFeaturesReset: QuietWindow, powerState: QuietWindow,
    conventionalReset: QuietWindow, cxlReset: [QuietWindow]
  ) {
    self.functionLevelReset = functionLevelReset
    self.advancedFeaturesReset = advancedFeaturesReset
    self.powerState = powerState
    self.conventionalReset = conventionalReset
    self.cxlReset = cxlReset
  }

  /// What the specifications demand and Linux 6.18 waits for.
  public static let standard = RecoveryTimes(
    functionLevelReset: QuietWindow(
      nanoseconds: 100_000_000,
      source: "PCIe Base 5.0, section 6.6.2: a Function completes FLR within 100 ms"),
    advancedFeaturesReset: QuietWindow(
      nanoseconds: 100_000_000,
      source: "Conventional PCI Advanced Features ECN: 100 ms; Linux pci_af_flr"),
    powerState: QuietWindow(
      nanoseconds: 10_000_000,
      source: "PCI Power Management 1.2, section 5.4: 10 ms between D3hot and D0"),
    conventionalReset: QuietWindow(
      nanoseconds: 100_000_000,
      source: "PCIe Base 5.0, section 6.6.1: 100 ms after the end of a conventional reset"),
    cxlReset: [10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000].map {
      QuietWindow(nanoseconds: $0, source: "CXL DVSEC for devices, CXL Reset Timeout")
    })
}
