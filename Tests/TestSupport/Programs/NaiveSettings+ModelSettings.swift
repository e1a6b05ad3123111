import ArmMemory
import PCIeModel
public import Profiles

extension NaiveSettings {
  /// The settings as the engine takes them.
  ///
  /// Policy, FWB, stage-1 types and accessors are the scenario's; the values for time are round
  /// numbers that no count depends on.
  public var modelSettings: ModelSettings {
    ModelSettings(
      cpuName: "generated", rootComplexName: "generated", linkName: "gen\(generation)x8",
      cpu: cpuProfile, rootComplex: rootComplexProfile, link: linkConfiguration,
      device: DeviceProfile(readLatencyPs: 800_000, configLatencyPs: 1_000_000), values: [])
  }

  private var cpuProfile: CPUProfile {
    guard let eviction = CPUProfile.Eviction(rawValue: evict),
      let width = CPUProfile.LoadWidth(rawValue: ncLoad)
    else { preconditionFailure("unknown evict or nc_load: \(evict), \(ncLoad)") }
    return CPUProfile(
      buffers: buffers, eviction: eviction, lineBytes: lineBytes, singleStream: singleStream,
      loadBreaksGather: loadBreaksGather, deviceDrainsNC: deviceDrainsNC,
      deviceBusBytes: deviceBusBytes, drainAfterNs: drainAfterNs, storeIssuePs: 500,
      deviceWritesInFlight: 4, deviceAckPs: 100_000, deviceLoadsInFlight: 1,
      normalLoadsInFlight: 4, ncLoad: width, trapDrains: trapDrains, lse2: lse2)
  }

  private var rootComplexProfile: RootComplexProfile {
    guard let policy = SplitPolicy(rawValue: split) else {
      preconditionFailure("unknown split: \(split)")
    }
    return RootComplexProfile(split: policy, ecrc: ecrc)
  }

  private var linkConfiguration: LinkConfiguration {
    LinkConfiguration(
      generation: generation, lanes: 8, maxPayload: maxPayload, maxReadRequest: maxReadRequest,
      readCompletionBoundary: readCompletionBoundary, flit: usesFlits,
      flowControl: FlowControl(posted: .init(headers: 32, data: 256), loopPs: 300_000))
  }
}
