import ArgumentParser
import ArmMemory
import PCIeModel
import Profiles
import ResetProof
import Results

/// What is taken of the host where the root complex profile does not say it.
struct HostOptions: ParsableArguments {
  /// on, off, or not known.
  enum Knowledge: String, ExpressibleByArgument, CaseIterable {
    case on, off, unknown

    var value: Bool? { self == .unknown ? nil : self == .on }
  }

  @Option(
    help: """
      The bridge answers a store before it is sure to be sent ahead of a later config write: on, \
      off or unknown.
      """)
  var earlyAck: Knowledge = .off

  @Option(help: "The root complex has one config request at a time: on, off or unknown.")
  var configSerial: Knowledge = .unknown

  /// The reading of a scenario.
  ///
  /// The serialisation point is not published for any host: both are tried unless somebody set it.
  ///
  /// - Parameter settings: What the profiles say.
  /// - Returns: The reading, and a sentence for each of its values.
  func reading(_ settings: ModelSettings) -> (reading: HostReading, words: [String]) {
    let rc = settings.rootComplex
    let isAssumed =
      settings.values.first { $0.key == "rc.serialisation_point" }?.status == .assumed
    let point = HostReading.Serialisation(rawValue: rc.serialisationPoint.rawValue)
    var reading = HostReading(
      serialisation: isAssumed ? nil : point, configWritesArePosted: rc.configWritesPosted,
      ecamSharesRegion: rc.ecamSharesRegion, acknowledgesEarly: earlyAck.value,
      serialisesConfig: configSerial.value, zapDrains: settings.cpu.zapDrains)
    reading.completionTimeoutNs = rc.completionTimeoutNs
    let words = [
      "serialisation point: "
        + (reading.serialisation?.rawValue
          ?? "not published, both tried (--set rc.serialisation_point=root-complex|interconnect)"),
      "ECAM in the interconnect region of the BARs: " + (rc.ecamSharesRegion ? "yes" : "no")
        + " (rc.ecam_shares_region)",
      "config writes posted by the host: " + (rc.configWritesPosted ? "yes" : "no")
        + " (rc.config_writes_posted)",
      "the bridge answers stores early: \(earlyAck.rawValue) (--early-ack)",
      "one config request at a time: \(configSerial.rawValue) (--config-serial)",
      "VFIO's unmap waits for gathered stores: " + (settings.cpu.zapDrains ? "yes" : "no")
        + ", assumed, not proven (cpu.zap_drains)",
    ]
    return (reading, words)
  }
}

extension HostOptions {
  /// What settles a host value that a verdict hangs on.
  static func settling(_ value: HostValue) -> String {
    switch value {
    case .serialisation: "--set rc.serialisation_point=root-complex|interconnect"
    case .postedConfigWrites: "--set rc.config_writes_posted=true|false"
    case .ecamRegion: "--set rc.ecam_shares_region=true|false"
    case .bridgeOrder: "--early-ack off"
    case .configSerialisation: "--config-serial on|off"
    case .zapDrains: "--set cpu.zap_drains=true|false"
    }
  }
}
