/// Why KVM makes no mapping for a guest's access.
public enum Stage2Refusal: Error, Sendable, Equatable {
  /// The memslot is refused: dirty logging of a VM_PFNMAP VMA.
  case loggedPFNMap
  /// The memslot is refused: a cacheable VM_PFNMAP VMA without FWB or CTR_EL0.DIC.
  case cacheableMemslot
  /// A fetch from memory that must not be cacheable.
  case executeNonCacheable
  /// A cacheable mapping of device memory without FWB or CTR_EL0.DIC.
  case cacheableUnsupported
  /// The host has no page: vfio-pci answers SIGBUS while Command.MEM is clear.
  case noPage
  /// The attribute setter refuses.
  case setter(Stage2ProtectionError)

  /// What Linux returns, negated.
  public var error: LinuxError {
    switch self {
    case .loggedPFNMap, .cacheableMemslot, .setter: .einval
    case .executeNonCacheable: .enoexec
    case .cacheableUnsupported, .noPage: .efault
    }
  }
}

/// What becomes of a stage-2 fault, or of a memslot.
public enum Stage2Outcome: Sendable, Equatable {
  /// KVM takes the memslot.
  case accepted
  /// KVM writes a leaf.
  case mapped(KVMProtection, Stage2Leaf)
  /// The access goes to the VMM as emulated MMIO.
  case emulated
  /// The vCPU's thread sleeps on vfio-pci's memory lock; the fault is taken again afterwards.
  case waits
  case refused(Stage2Refusal)

  /// Who notices, and how.
  public enum Witness: String, Sendable, CaseIterable {
    case nobody
    /// Nobody sees an error: the vCPU repeats the access, which now has a mapping.
    case guestRetries = "guest-retries"
    /// The guest takes a synchronous external abort on an instruction fetch, at EL1.
    ///
    /// `-ENOEXEC` becomes `kvm_inject_pabt`, named `kvm_inject_sea_iabt` since 6.17; the VMM is
    /// not asked.
    case guestInstructionAbort = "guest-instruction-abort"
    /// KVM_RUN returns KVM_EXIT_MMIO where the access has a valid syndrome.
    case vmmEmulates = "vmm-exit-mmio"
    /// KVM_RUN fails with EFAULT; the guest does not go on. A usual VMM stops the VM.
    case vmmRunFault = "vmm-kvm-run-efault"
    /// KVM_RUN fails with EINVAL.
    case vmmRunInvalid = "vmm-kvm-run-einval"
    /// KVM_SET_USER_MEMORY_REGION fails with EINVAL; the guest has no such memory.
    case vmmMemslotInvalid = "vmm-memslot-einval"
    /// The vCPU does not run meanwhile.
    case guestStalls = "guest-stalls"
  }

  public var witness: Witness {
    switch self {
    case .accepted: .nobody
    case .mapped: .guestRetries
    case .emulated: .vmmEmulates
    case .waits: .guestStalls
    case .refused(.loggedPFNMap), .refused(.cacheableMemslot): .vmmMemslotInvalid
    case .refused(.executeNonCacheable): .guestInstructionAbort
    case .refused(.cacheableUnsupported), .refused(.noPage): .vmmRunFault
    case .refused(.setter): .vmmRunInvalid
    }
  }

  /// `mapped`, `emulated`, `waits` or `refused`.
  public var name: String {
    switch self {
    case .accepted: "accepted"
    case .mapped: "mapped"
    case .emulated: "emulated"
    case .waits: "waits"
    case .refused: "refused"
    }
  }

  /// The error of a refusal.
  public var error: LinuxError? {
    if case .refused(let refusal) = self { refusal.error } else { nil }
  }
}

extension Stage2Outcome.Witness {
  /// What is noticed, as a sentence.
  public var sentence: String {
    switch self {
    case .nobody: "nothing"
    case .guestRetries: "nothing; the vCPU repeats the access with the mapping in place"
    case .guestInstructionAbort:
      "the guest takes a synchronous external abort on its fetch, at EL1; the VMM is not asked"
    case .vmmEmulates: "KVM_RUN returns KVM_EXIT_MMIO, if the access has a valid syndrome"
    case .vmmRunFault: "KVM_RUN fails with EFAULT and the guest does not go on"
    case .vmmRunInvalid: "KVM_RUN fails with EINVAL and the guest does not go on"
    case .vmmMemslotInvalid: "KVM_SET_USER_MEMORY_REGION fails with EINVAL"
    case .guestStalls: "the vCPU does not run until the lock is free"
    }
  }
}
