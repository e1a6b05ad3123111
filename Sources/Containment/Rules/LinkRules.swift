import Results

// What the port above the device does about the message.

/// Downstream Port Containment takes the link down.
struct PortContains: ContainmentRule {
  let stage = ContainmentStage.link
  let reads: Set = ["attachment", "dpc"]
  let name = "dpc"
  let source =
    "PCI Express Base Specification 5.0, 6.2.10 (Downstream Port Containment); Linux enables the"
    + " trigger on ERR_FATAL alone (drivers/pci/pcie/dpc.c)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    let limit: ErrorMessage
    switch platform.portContainment {
    case .none: return nil
    case .fatal: limit = .fatal
    case .nonfatal: limit = .nonfatal
    }
    guard platform.attachment == .pcie, state.message >= limit else { return nil }
    return [
      Branch(
        "DPC triggers: the link is disabled, later reads are answered with UR, later writes dropped",
        state.reaching(.deviceLost))
    ]
  }
}

/// The link is lost anyway.
struct LinkLost: ContainmentRule {
  let stage = ContainmentStage.link
  let name = "down"
  let source = "PCI Express Base Specification 5.0, 2.9.1"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard failed.fault == .linkDown else { return nil }
    return [Branch("the device stays away until its link is up and it is set up again", state)]
  }
}

/// The message goes up, the link stays.
struct MessageOnly: ContainmentRule {
  let stage = ContainmentStage.link
  let name = "message"
  let source = "PCI Express Base Specification 5.0, 6.2.4 (error message routing)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    let text: String
    switch state.message {
    case .none: text = "no link is involved"
    case .correctable: text = "the link stays up; the port logs ERR_COR"
    case .nonfatal: text = "the link stays up; the port logs ERR_NONFATAL"
    case .fatal: text = "the port logs ERR_FATAL"
    }
    return [Branch(text, state)]
  }
}
