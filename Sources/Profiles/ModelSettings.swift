public import ArmMemory
public import ConfigSpace
public import Containment
public import PCIeModel
public import Results

/// A complete set of profiles: what a scenario runs under, and where each value comes from.
public struct ModelSettings: Sendable, Equatable {
  /// Profile names as the user gave them.
  public var cpuName: String
  public var rootComplexName: String
  /// The link as written: `gen4x16` or `gen4x16,mps=256`.
  public var linkName: String
  public var deviceName = ""
  public var cpu: CPUProfile
  public var rootComplex: RootComplexProfile
  public var link: LinkConfiguration
  public var device: DeviceProfile
  /// How long MMIO must stay away after a reset, each time with its source.
  public var recovery: RecoveryTimes
  /// What a function under reset makes of traffic; see ``TrafficTable``.
  public var traffic = TrafficEffect(posted: .accepted, nonPosted: .accepted, completion: .accepted)
  /// Only what containment is asked under; no replay depends on it, and ``values`` leave it out.
  public var platform = Platform()
  /// Every effective value, sorted by key.
  public var values: [Setting]
  /// The same with some values changed within their ranges, to be run beside it.
  public var variants: [SettingsVariant] = []

  public init(
    cpuName: String, rootComplexName: String, linkName: String, cpu: CPUProfile,
    rootComplex: RootComplexProfile, link: LinkConfiguration, device: DeviceProfile,
    recovery: RecoveryTimes, values: [Setting]
  ) {
    self.cpuName = cpuName
    self.rootComplexName = rootComplexName
    self.linkName = linkName
    self.cpu = cpu
    self.rootComplex = rootComplex
    self.link = link
    self.device = device
    self.recovery = recovery
    self.values = values
  }
}
