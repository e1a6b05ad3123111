/// A vCPU whose config access was trapped goes on when the host has performed it.
struct TrapReturns: Rule {
  static let id = "practice.trap-returns"
  let info = RuleInfo(
    TrapReturns.id, "A trapped config access has completed when the vCPU goes on",
    source: "Linux drivers/vfio/pci/vfio_pci_config.c: the write returns to user space first",
    status: .assumed)
}
