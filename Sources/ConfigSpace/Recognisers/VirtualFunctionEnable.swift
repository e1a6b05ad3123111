extension Recogniser {
  /// VF Enable: SR-IOV Control bit 0 (PCIe Base 5.0, section 9.3.3.3.1).
  static let virtualFunctionEnable = Recogniser(
    location: .capability(.singleRootIO, 8), width: 2
  ) { write, shadow in
    guard let virtual = shadow.layout[.singleRootIO] else { return .nothing }
    return write.edge(
      0, old: shadow.bytes.bit(virtual + 8, 0), on: .event(.vfEnable), off: .event(.vfDisable))
  }
}
