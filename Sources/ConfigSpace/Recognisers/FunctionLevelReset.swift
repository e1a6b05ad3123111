extension Recogniser {
  /// Initiate Function Level Reset: Device Control bit 15 (PCIe Base 5.0, section 7.5.3.4).
  ///
  /// Needs Device Capabilities bit 28 and an endpoint: on a bridge to PCI the bit enables
  /// configuration retry.
  static let functionLevelReset = Recogniser(
    location: .capability(.express, 0x08), width: 2
  ) { write, shadow in
    guard write.sets(15) else { return .nothing }
    guard let isEndpoint = shadow.isEndpoint else { return .unknown(.unknownHeaderType) }
    guard isEndpoint, let express = shadow.layout[.express] else { return .nothing }
    switch shadow.bytes.bit(express + 0x04, 28) {
    case true: return .event(.functionLevelReset)
    case false: return .nothing
    case nil: return .unknown(.unknownCapability)
    }
  }
}
