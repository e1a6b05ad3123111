import ArmMemory
import ConfigSpace
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
      device: DeviceProfile(readLatencyPs: 800_000, configLatencyPs: 1_000_000),
      recovery: recoveryTimes, values: [])
  }

  /// By hand: PCIe Base 5.0, 6.6.1, 6.6.2 and 9.3.3.3.1 100 ms; PM 10 ms; PCI 1000 + 100 ms.
  private var recoveryTimes: RecoveryTimes {
    func milliseconds(_ count: UInt64) -> QuietWindow {
      QuietWindow(nanoseconds: count * 1_000_000, source: "test")
    }
    return RecoveryTimes(
      functionLevelReset: milliseconds(100), advancedFeaturesReset: milliseconds(100),
      powerState: milliseconds(10), conventionalReset: milliseconds(100),
      conventionalBus: milliseconds(1100), virtualFunctionEnable: milliseconds(100),
      busResetHold: milliseconds(1), linkTrainingStart: milliseconds(20),
      deviceReady: milliseconds(1000))
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
