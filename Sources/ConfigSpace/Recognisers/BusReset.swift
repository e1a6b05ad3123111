extension Recogniser {
  /// Secondary Bus Reset: Bridge Control bit 6 (PCIe Base 5.0, section 7.5.1.3.13).
  ///
  /// Resets everything below for as long as it is set. A CXL port ignores it while its Unmask SBR
  /// is 0 (CXL 3.0, section 8.1.5.2).
  ///
  /// A type 0 header has Min_Gnt there, which is read-only (PCI 3.0, section 6.2.4): who sets the
  /// bit takes the function for a bridge. Not so who writes back the double word at 0x3c, as Linux
  /// does with the whole header (pci_restore_state): that is the bit of a Min_Gnt too, unless a read
  /// showed it clear, which a constant would then always be.
  static let busReset = Recogniser(location: .header(0x3e), width: 2) { write, shadow in
    let headerType = shadow.headerType
    let old = headerType ?? 1 == 1 ? shadow.bytes.bit(0x3e, 6) : nil
    let edge = write.edge(
      6, old: old, on: .event(.busResetAssert), off: .event(.busResetRelease))
    guard edge != .nothing, headerType ?? 1 == 1 else { return .nothing }
    if let port = shadow.layout[.cxlPort], shadow.bytes.bit(port + 0x0c, 0) == false {
      return .unknown(.maskedBusReset)
    }
    guard headerType == nil else { return edge }
    guard edge == .event(.busResetAssert), !write.beginsBefore || old == false
    else { return .unknown(.unknownHeaderType) }
    return .eventAndUnknown(.busResetAssert, .assumedBridge)
  }
}
