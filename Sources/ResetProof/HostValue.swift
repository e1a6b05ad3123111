/// A value of the host that an answer may hang on.
public enum HostValue: Sendable, CaseIterable {
  case serialisation, postedConfigWrites, ecamRegion, bridgeOrder, configSerialisation, zapDrains

  /// What a proof calls it.
  public var name: String {
    switch self {
    case .serialisation: "the serialisation point"
    case .postedConfigWrites: "posted config writes"
    case .ecamRegion: "the region of ECAM"
    case .bridgeOrder: "the bridge's order"
    case .configSerialisation: "one config request at a time"
    case .zapDrains: "what VFIO's unmap waits for"
    }
  }

  /// A host with this value of another one.
  func adopted(by host: Host, from other: Host) -> Host {
    var host = host
    switch self {
    case .serialisation: host.serialisation = other.serialisation
    case .postedConfigWrites: host.configWritesArePosted = other.configWritesArePosted
    case .ecamRegion: host.ecamSharesRegion = other.ecamSharesRegion
    case .bridgeOrder: host.configOvertakes = other.configOvertakes
    case .configSerialisation: host.serialisesConfig = other.serialisesConfig
    case .zapDrains: host.zapDrains = other.zapDrains
    }
    return host
  }
}
