/// VFIO zaps the BAR mappings before it resets or disables a function.
struct ZapDrains: Rule {
  static let id = "vfio.zap"
  let info = RuleInfo(
    ZapDrains.id,
    "Before a reset VFIO unmaps the BARs: accesses in flight complete, later ones wait",
    source: "Linux drivers/vfio/pci/vfio_pci_core.c vfio_pci_zap_and_down_write_memory_lock")
}
