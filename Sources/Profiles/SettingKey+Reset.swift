import ConfigSpace
import Results

extension SettingKey {
  /// Recovery times, and what a function under reset makes of traffic.
  ///
  /// They decide what is found, not how long anything takes, so that none of them has a range.
  static let reset: [SettingKey] = (windows + traffic).map { $0.alwaysChosen().changingCounts() }

  private static let windows: [SettingKey] = [
    .window("flr_wait_ns", \.functionLevelReset, "After an FLR: no request to the function."),
    .window(
      "af_flr_wait_ns", \.advancedFeaturesReset,
      "After an FLR by the Advanced Features capability: no request to the function."),
    .window("pm_wait_ns", \.powerState, "After a change between D3hot and D0."),
    .window(
      "conventional_reset_wait_ns", \.conventionalReset,
      "After a bus reset, link disable, DPC or slot power on: no request below the port."),
    .window(
      "conventional_pci_wait_ns", \.conventionalBus,
      "The same where the bus below is conventional PCI."),
    .window(
      "vf_enable_wait_ns", \.virtualFunctionEnable, "From VF Enable to the first request to a VF."),
    .window("sbr_hold_ns", \.busResetHold, "Least time that Secondary Bus Reset stays set."),
    .window(
      "link_training_start_ns", \.linkTrainingStart,
      "After a conventional reset: link training has started by then."),
    .window("ready_limit_ns", \.deviceReady, "After a reset: the device is ready by then."),
  ]

  private static let traffic: [SettingKey] = [
    .word(
      .device, "flr_posted", \.traffic.posted, "What an FLR in progress does to a posted write."
    ),
    .word(
      .device, "flr_nonposted", \.traffic.nonPosted,
      "What an FLR in progress does to a non-posted memory request."
    ),
    .word(
      .device, "flr_completion", \.traffic.completion,
      "What an FLR in progress does to a completion for an older request."
    ),
  ]

  /// A row for a recovery time: whole ns up to 1000 s.
  private static func window(
    _ name: String, _ path: any WritableKeyPath<RecoveryTimes, QuietWindow> & Sendable,
    _ meaning: String
  ) -> Self {
    SettingKey(
      kind: .device, shortName: name, unit: "ns", meaning: meaning,
      type: .integer(0...1_000_000_000_000)
    ) {
      if case .integer(let time) = $1 { $0.recovery[keyPath: path].nanoseconds = UInt64(time) }
    }.namingSource { $0.recovery[keyPath: path].source = $1 }
  }
}

extension ModelSettings {
  /// Tells the recovery times where they come from.
  mutating func nameSources() {
    for setting in values {
      guard let key = SettingKey.named(setting.key), let name = key.nameSource else { continue }
      name(&self, setting.source)
    }
  }
}
