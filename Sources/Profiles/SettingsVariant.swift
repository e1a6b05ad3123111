public import ArmMemory
public import ConfigSpace
public import PCIeModel
public import Results

/// Settings with some values at other places of their ranges.
public struct SettingsVariant: Sendable, Equatable {
  /// The settings that differ, with the values that they have here, sorted by key.
  public var changes: [Setting]
  /// All settings; without variants of their own.
  public var settings: ModelSettings

  public init(changes: [Setting], settings: ModelSettings) {
    self.changes = changes
    self.settings = settings
  }

  /// TLPs, bytes or flushes may differ, not only times.
  ///
  /// - Parameter base: The settings that the variant was made from, or another of its variants.
  /// - Returns: Whether a replay of its own is needed, not only another clock.
  public func changesCounts(against base: ModelSettings) -> Bool {
    !settings.hasSameCounts(as: base)
  }
}

extension ModelSettings {
  /// A trace gives the same TLPs, bytes and flushes under both settings; times may differ.
  ///
  /// - Parameter other: The settings to compare with.
  /// - Returns: Whether every value that counts depend on is equal.
  public func hasSameCounts(as other: ModelSettings) -> Bool {
    countedPart == other.countedPart
  }

  /// What TLPs, bytes, flushes and findings depend on: two equal ones give the same counts.
  public var countedPart: CountedSettings {
    var part = CountedSettings(
      cpu: cpu, rootComplex: rootComplex, link: Self.blank.link, recovery: recovery,
      traffic: traffic)
    part.cpu.storeIssuePs = 0
    part.cpu.deviceWritesInFlight = 0
    part.cpu.deviceAckPs = 0
    part.cpu.deviceLoadsInFlight = 0
    part.cpu.normalLoadsInFlight = 0
    part.link.maxPayload = link.maxPayload
    part.link.maxReadRequest = link.maxReadRequest
    part.link.readCompletionBoundary = link.readCompletionBoundary
    part.link.flit = link.flit
    return part
  }
}

/// Settings without what only times depend on.
public struct CountedSettings: Sendable, Hashable {
  public var cpu: CPUProfile
  public var rootComplex: RootComplexProfile
  public var link: LinkConfiguration
  public var recovery: RecoveryTimes
  public var traffic: TrafficEffect
}
