import Ordering

extension ProofRule {
  /// A rule that the explorer has, with its source.
  static func catalogue(_ id: String) -> ProofRule { byID[id] ?? ProofRule(id, "") }

  private static let byID: [String: ProofRule] = Dictionary(
    uniqueKeysWithValues: RuleSet.catalogue.map { ($0.id, ProofRule($0.id, $0.source)) })

  // Rules that programs do not have.

  static let keepsOrder = ProofRule(
    "bridge.order",
    "PCI Express Base Specification 5.0, 2.4.1: C2a from the root complex on; AMD PG344 and PG055 "
      + "withhold the write's answer until it is sure to be sent first")
  static let takesInOrder = ProofRule(
    "device.in-order",
    "PCI Express Base Specification 5.0, 6.6.2: the completion of the write that initiates an FLR "
      + "is returned before the reset")
  static let linkDown = ProofRule(
    "pcie.link-down",
    "PCI Express Base Specification 5.0, 2.9.1 (DL_Down) and 7.5.1.3.13 (Secondary Bus Reset)")
  static let outstanding = ProofRule(
    "pcie.outstanding",
    "PCI Express Base Specification 5.0, 6.6.2, implementation note on stale completions; Linux "
      + "drivers/pci/pci.c pcie_flr waits for Transactions Pending")
  static let isOver = ProofRule(
    "request.over",
    "PCI Express Base Specification 5.0, 2.8 Completion Timeout; a vCPU that traps has its data")
  static let serialConfig = ProofRule(
    "host.serial-config",
    "host reading: the root complex holds a config read until the config write before it has "
      + "completed; assumed")
  static let window = ProofRule(
    "linux.wait",
    "PCI Express Base Specification 5.0, 6.6; Linux 6.18 drivers/pci/pci.c pcie_flr, "
      + "pci_bridge_wait_for_secondary_bus and pci_dev_wait")
  static let memorySpace = ProofRule(
    "pcie.memory-space",
    "PCI Express Base Specification 5.0, 7.5.1.1.3: a request to disabled memory is an Unsupported "
      + "Request; Linux pci_restore_state writes Command last")
}
