extension Recogniser {
  /// Memory Space Enable: Command bit 1 (PCIe Base 5.0, section 7.5.1.1.3).
  static let memoryEnable = Recogniser(location: .header(0x04), width: 2) { write, shadow in
    write.edge(
      1, old: shadow.bytes.bit(0x04, 1), on: .event(.memoryEnable), off: .event(.memoryDisable),
      offNeedsOld: false)
  }
}
