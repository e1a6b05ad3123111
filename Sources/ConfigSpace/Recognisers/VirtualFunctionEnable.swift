extension Recogniser {
  /// VF Enable: SR-IOV Control bit 0 (PCIe Base 5.0, section 9.3.3.3.1).
  static let virtualFunctionEnable = Recogniser(
    location: .capability(.singleRootIO, 8), width: 2
  ) { write, shadow in
    guard let virtual = shadow.layout[.singleRootIO] else { return .nothing }
    return write.edge(
      0, old: shadow.bytes.bit(virtual + 8, 0), on: .event(.vfEnable), off: .event(.vfDisable))
  }

  /// VF MSE: SR-IOV Control bit 3, the Memory Space Enable of all VFs (PCIe Base 5.0, section
  /// 9.3.3.3.4).
  ///
  /// Without VF Enable there is none that it could enable.
  static let virtualMemoryEnable = Recogniser(
    location: .capability(.singleRootIO, 8), width: 2
  ) { write, shadow in
    guard let virtual = shadow.layout[.singleRootIO] else { return .nothing }
    let isEnabled = write.covers(0) ? write.sets(0) : shadow.bytes.bit(virtual + 8, 0)
    guard isEnabled != false else { return .nothing }
    return write.edge(
      3, old: shadow.bytes.bit(virtual + 8, 3), on: .event(.vfMemoryEnable),
      off: .event(.vfMemoryDisable), offNeedsOld: false)
  }
}
