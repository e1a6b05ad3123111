extension Recogniser {
  /// Secondary Bus Reset: Bridge Control bit 6 (PCIe Base 5.0, section 7.5.1.3.13).
  ///
  /// Resets everything below for as long as it is set. A CXL port ignores it while its Unmask SBR
  /// is 0 (CXL 3.0, section 8.1.5.2).
  static let busReset = Recogniser(location: .header(0x3e), width: 2) { write, shadow in
    let old = shadow.headerType == 1 ? shadow.bytes.bit(0x3e, 6) : nil
    let edge = write.edge(
      6, old: old, on: .event(.busResetAssert), off: .event(.busResetRelease))
    guard edge != .nothing else { return .nothing }
    guard let headerType = shadow.headerType else { return .unknown(.unknownHeaderType) }
    guard headerType == 1 else { return .nothing }
    if let port = shadow.layout[.cxlPort], shadow.bytes.bit(port + 0x0c, 0) == false {
      return .unknown(.maskedBusReset)
    }
    return edge
  }
}
