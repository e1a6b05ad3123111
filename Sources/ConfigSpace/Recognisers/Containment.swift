extension Recogniser {
  /// DPC software trigger: DPC Control bit 6, where DPC Capability bit 7 allows it.
  ///
  /// PCIe Base 5.0, section 7.9.14.3; pciutils `lib/header.h` has the bit as
  /// `PCI_DPC_CTL_SW_TRIGGER` 0x40. A trigger by an error is seen in a status read instead.
  static let containmentTrigger = Recogniser(
    location: .capability(.downstreamPortContainment, 6), width: 2
  ) { write, shadow in
    guard write.sets(6), let containment = shadow.layout[.downstreamPortContainment]
    else { return .nothing }
    // While triggered, the bit does nothing.
    guard shadow.bytes.bit(containment + 8, 0) != true else { return .nothing }
    switch shadow.bytes.bit(containment + 4, 7) {
    case true: return .event(.dpcTrigger)
    case false: return .nothing
    case nil: return .unknown(.unknownCapability)
    }
  }

  /// DPC release: DPC Status bit 0 written with 1 while the trigger is active.
  ///
  /// Until then the hardware holds the link down (PCIe Base 5.0, section 7.9.14.5).
  static let containmentRelease = Recogniser(
    location: .capability(.downstreamPortContainment, 8), width: 2
  ) { write, shadow in
    guard write.sets(0), let containment = shadow.layout[.downstreamPortContainment]
    else { return .nothing }
    switch shadow.bytes.bit(containment + 8, 0) {
    case true: return .event(.dpcRelease)
    case false: return .nothing
    case nil: return .unknown(.unknownDPCStatus)
    }
  }
}
