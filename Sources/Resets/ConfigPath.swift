/// How a config access of the capture gets to the function, and what that does to MMIO around it.
public enum ConfigPath: String, Sendable, CaseIterable {
  /// A store or load of the same CPU to the ECAM window, mapped Device-nGnRnE.
  ///
  /// Another peripheral than the BARs: only barriers, and reads of the device, order the two
  /// (Arm ARM DDI 0487, B2.10.2). Non-posted: complete when its completion is back.
  case ecam
  /// As `ecam`, but the host makes a posted write of it (Intel VMD, Linux
  /// drivers/pci/controller/vmd.c): nothing short of a config read shows that it has arrived.
  case posted
  /// Trapped to the hypervisor, which makes the access and then lets the vCPU go on; mappings stay.
  case trapped
  /// Trapped to VFIO, which first takes away every mapping of the function's BARs (Linux
  /// drivers/vfio/pci/vfio_pci_core.c, vfio_pci_zap_and_down_write_memory_lock).
  ///
  /// KVM's stage-2 unmap is followed by TLBI and DSB: accesses of all vCPUs through the old
  /// mapping have completed by then, later ones fault and wait.
  case vfio

  /// The vCPU goes on only when the access is done.
  public var returnsWhenDone: Bool { self == .trapped || self == .vfio }
}
