extension Recogniser {
  /// Power Controller Control: Slot Control bit 10, 1 = off (PCIe Base 5.0, section 7.5.3.10).
  ///
  /// Power off and on is a cold reset of everything below.
  static let slotPower = Recogniser(
    location: .capability(.express, 0x18), width: 2
  ) { write, shadow in
    guard let express = shadow.layout[.express] else { return .nothing }
    let edge = write.edge(
      10, old: shadow.bytes.bit(express + 0x18, 10), on: .event(.slotPowerOff),
      off: .event(.slotPowerOn))
    guard edge != .nothing else { return .nothing }
    guard let isDownstream = shadow.isDownstreamPort else { return .unknown(.unknownPortType) }
    return isDownstream ? edge : .nothing
  }
}
