import ArmMemory
public import Replay

extension NaiveProgram {
  /// The program's scenario as the engine takes it.
  ///
  /// - Parameter clocks: Which clocks run; no count depends on it.
  /// - Returns: The scenario, called `engine`.
  public func configuration(
    clocks: ScenarioConfiguration.Clocks = .both
  ) -> ScenarioConfiguration {
    var all: UInt8?
    var byRegion: [String: UInt8] = [:]
    for (region, name) in settings.stage1 {
      let byte = MemoryType(name: name)?.attributeByte
      if region == "all" { all = byte } else { byRegion[region] = byte }
    }
    return ScenarioConfiguration(
      name: "engine", policy: KVMPolicy(rawValue: settings.policy) ?? .none, fwb: settings.fwb,
      stage1ForAll: all, stage1ByRegion: byRegion,
      accessors: AccessorAssumption(rawValue: settings.accessors), clocks: clocks,
      settings: settings.modelSettings)
  }
}
