extension Recogniser {
  /// Base address registers, six or on a bridge two (PCIe Base 5.0, section 7.5.1.2.1).
  ///
  /// All ones ask for the size; writing back the address a BAR has, before or after a reset, is
  /// no move. Of I/O BARs, which bit 0 of a read shows, no memory request can tell.
  static let baseAddress = Recogniser(
    location: .header(0x10), width: 4, count: 6
  ) { write, shadow in
    if write.index >= 2 {
      guard let headerType = shadow.headerType else { return .unknown(.unknownHeaderType) }
      guard headerType == 0 else { return .nothing }
    }
    if shadow.isIOBAR(write.index) { return .nothing }
    if BARPlacement.isSizing(write) { return .event(.barSizing) }
    let isUnchanged = shadow.placement[write.index].isUnchanged(by: write)
    return isUnchanged ? .nothing : .event(.barMove)
  }
}
