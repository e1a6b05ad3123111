import Results

// What is done about the link's error message, besides the exception.

/// Nothing that anybody recovers from.
struct NoMessage: ContainmentRule {
  let stage = ContainmentStage.recovery
  let name = "none"
  let source = "PCI Express Base Specification 5.0, 6.2.2.1 (correctable errors need no recovery)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    state.message <= .correctable ? [Branch("nothing to recover from", state)] : nil
  }
}

/// Firmware owns AER.
struct FirmwareMessage: ContainmentRule {
  let stage = ContainmentStage.recovery
  let reads: Set = ["aer", "firmware_panics"]
  let name = "firmware"
  let source =
    "ACPI 6.5, 18.3; Linux drivers/acpi/apei/ghes.c; Linux commit abafbc551fdd (vfio-pci): some systems"
    + " bring down the whole system for a write that a device with memory decoding off has discarded"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard platform.errorReporting == .firmware else { return nil }
    let isFatal: Bool
    switch platform.firmwarePanics {
    case .never: isFatal = false
    case .fatal: isFatal = state.message == .fatal
    case .nonfatal: isFatal = true
    }
    guard isFatal else { return VFIOError.recovered(state) }
    return [Branch("firmware reports a fatal error; the host goes down", state.reaching(.hostDown))]
  }
}

/// Nobody listens.
struct MessageIgnored: ContainmentRule {
  let stage = ContainmentStage.recovery
  let reads: Set = ["aer"]
  let name = "ignored"
  let source = "platform.aer: none; PCI Express Base Specification 5.0, 6.2.4.2 (AER is optional)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    platform.errorReporting == .none ? [Branch("nobody handles the error message", state)] : nil
  }
}

/// Linux's AER driver with vfio-pci.
struct VFIOError: ContainmentRule {
  let stage = ContainmentStage.recovery
  let name = "aer"
  let source =
    "Linux drivers/pci/pcie/err.c, pcie_do_recovery (fatal: the link is reset), and"
    + " drivers/vfio/pci/vfio_pci_core.c, vfio_pci_core_aer_err_detected (signals user space); QEMU"
    + " hw/vfio/pci.c, vfio_err_notifier_handler (stops the VM)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    Self.recovered(state)
  }

  static func recovered(_ state: ChainState) -> [Branch] {
    guard state.message == .fatal else {
      return [Branch("vfio-pci tells the VMM, which stops the VM", state)]
    }
    return [
      Branch(
        "Linux resets the link: the device and what shares it are lost",
        state.reaching(.deviceLost))
    ]
  }
}
