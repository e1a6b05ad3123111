extension Recogniser {
  /// PMCSR power state: leaving D3hot for D0 resets a function whose No_Soft_Reset is 0.
  ///
  /// PCI Power Management 1.2, section 5.4.1. Without a known No_Soft_Reset the change of state
  /// is reported, but no reset.
  static let powerState = Recogniser(
    location: .capability(.powerManagement, 4), width: 2
  ) { write, shadow in
    guard write.covers(0), let power = shadow.layout[.powerManagement] else { return .nothing }
    let (old, new) = (shadow.powerState, write.value & 3)
    let entersD3 = new == 3 && old != 3
    guard entersD3 || new == 0 && old == 3 else { return .nothing }
    let plain: ConfigEvent.Kind = entersD3 ? .powerDown : .powerUp
    switch shadow.bytes.bit(power + 4, 3) {
    case true: return .event(plain)
    case false: return .event(entersD3 ? .pmResetStart : .pmResetDone)
    case nil: return .eventAndUnknown(plain, .unknownNoSoftReset)
    }
  }
}
