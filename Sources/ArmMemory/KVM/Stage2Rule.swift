/// The lines of Linux that decide a stage-2 mapping, each with its reason and its source.
public enum Stage2Rule: String, Sendable, CaseIterable {
  case memslot
  case loggedPFNMap = "logged-pfnmap"
  case cacheableMemslot = "cacheable-memslot"
  case readOnlyWrite = "read-only-write"
  case cacheableUnsupported = "cacheable-unsupported"
  case executeNonCacheable = "execute-non-cacheable"
  case device
  case normalNC = "normal-nc"
  case cacheablePFNMap = "cacheable-pfnmap"
  case memory
  case setter
  case gicv2
  case realm
  case resetRunning = "reset-running"
  case memoryDisabled = "memory-disabled"

  /// Why, as one sentence.
  public var reason: String {
    switch self {
    case .memslot: "nothing that KVM looks at forbids the memslot"
    case .loggedPFNMap: "dirty pages of I/O memory cannot be logged"
    case .cacheableMemslot, .cacheableUnsupported:
      "KVM cleans caches through the kernel's direct map, which does not hold this page; only FWB "
        + "and CTR_EL0.DIC together make cache maintenance unnecessary"
    case .readOnlyWrite: "a write to a read-only memslot never reaches the fault path"
    case .executeNonCacheable:
      "device memory is never executable: speculative fetches could read registers that change "
        + "when read"
    case .device: "a page that KVM takes for device memory becomes Device-nGnRE"
    case .normalNC:
      "the owner of the VMA vouches, by VM_ALLOW_ANY_UNCACHED, that the device bears any "
        + "non-cacheable type: no failure that the guest cannot contain"
    case .cacheablePFNMap:
      "the host maps the device memory cacheable and the CPU needs no cache maintenance for it"
    case .memory: "KVM takes the page for memory; executable on a fetch or where CTR_EL0.DIC is set"
    case .setter: "the attribute setter on its own, called with these flags"
    case .gicv2:
      "the GICv2 virtual CPU interface is one peripheral shared by all guests; Normal-NC could "
        + "bring failures that a guest does not contain"
    case .realm: "an unprotected mapping of a realm takes the same types, encoded as for FWB"
    case .resetRunning:
      "the zap removed the mapping; a new one needs vfio-pci's memory lock, held while it resets"
    case .memoryDisabled:
      "the zap removed the mapping, and vfio-pci gives no page while Command.MEM is clear (assumed: "
        + "its fault handler answers SIGBUS)"
    }
  }

  /// Function, file, commit or mail.
  public var source: String {
    switch self {
    case .memslot, .loggedPFNMap: "Linux kvm_arch_prepare_memory_region in arch/arm64/kvm/mmu.c"
    case .cacheableMemslot:
      "Linux kvm_arch_prepare_memory_region in arch/arm64/kvm/mmu.c, commits 2a8dfab26677 and "
        + "0c67288e0c8b"
    case .readOnlyWrite: "Linux kvm_handle_guest_abort in arch/arm64/kvm/mmu.c"
    case .cacheableUnsupported, .cacheablePFNMap:
      "Linux user_mem_abort in arch/arm64/kvm/mmu.c, commit 0c67288e0c8b; message-id "
        + "20250620120946.2991-1-ankita@nvidia.com"
    case .executeNonCacheable:
      "Linux user_mem_abort and kvm_handle_guest_abort in arch/arm64/kvm/mmu.c"
    case .device: "Linux user_mem_abort in arch/arm64/kvm/mmu.c"
    case .normalNC:
      "Linux user_mem_abort in arch/arm64/kvm/mmu.c, commit 8c47ce3e1d2c; message-id "
        + "20240224150546.368-4-ankita@nvidia.com"
    case .memory:
      "Linux user_mem_abort in arch/arm64/kvm/mmu.c; since 6.17 a VMA without VM_PFNMAP and "
        + "VM_MIXEDMAP counts as memory, commit 216887f79d98"
    case .setter:
      "Linux stage2_set_prot_attr in arch/arm64/kvm/hyp/pgtable.c; message-id "
        + "20240224150546.368-2-ankita@nvidia.com"
    case .gicv2:
      "Linux kvm_phys_addr_ioremap in arch/arm64/kvm/mmu.c; changes since v3 in message-id "
        + "20240224150546.368-1-ankita@nvidia.com"
    case .realm:
      "realm_map_non_secure of the series \"arm64: Support for Arm CCA in KVM\", under review"
    case .resetRunning, .memoryDisabled:
      "Linux vfio_pci_zap_and_down_write_memory_lock and the fault handler in "
        + "drivers/vfio/pci/vfio_pci_core.c"
    }
  }
}
