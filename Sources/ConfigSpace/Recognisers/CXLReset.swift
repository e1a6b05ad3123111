extension Recogniser {
  /// Initiate CXL Reset: DVSEC Control2 bit 2, where DVSEC Capability bit 7 allows it.
  ///
  /// CXL 3.0, section 8.1.3.7; resets all CXL functions of the device.
  static let cxlReset = Recogniser(
    location: .capability(.cxlDevice, 0x10), width: 2
  ) { write, shadow in
    guard write.sets(2), let device = shadow.layout[.cxlDevice] else { return .nothing }
    switch shadow.bytes.bit(device + 0x0a, 7) {
    case true: return .event(.cxlReset)
    case false: return .nothing
    case nil: return .unknown(.unknownCapability)
    }
  }

  /// Unmask SBR of a CXL port: Port Control Extensions bit 0 (CXL 3.0, section 8.1.5.2).
  static let cxlBusResetUnmask = Recogniser(
    location: .capability(.cxlPort, 0x0c), width: 2
  ) { write, shadow in
    guard let port = shadow.layout[.cxlPort] else { return .nothing }
    return write.edge(
      0, old: shadow.bytes.bit(port + 0x0c, 0), on: .event(.cxlBusResetUnmask), off: .nothing)
  }
}
