extension Recogniser {
  /// Link Disable: Link Control bit 4 of a downstream port (PCIe Base 5.0, section 7.5.3.7).
  static let linkDisable = Recogniser(
    location: .capability(.express, 0x10), width: 2
  ) { write, shadow in
    guard let express = shadow.layout[.express] else { return .nothing }
    let edge = write.edge(
      4, old: shadow.bytes.bit(express + 0x10, 4), on: .event(.linkDisable),
      off: .event(.linkEnable))
    guard edge != .nothing else { return .nothing }
    guard let isDownstream = shadow.isDownstreamPort else { return .unknown(.unknownPortType) }
    return isDownstream ? edge : .nothing
  }
}
