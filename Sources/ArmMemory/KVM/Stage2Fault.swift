/// A guest's stage-2 fault, with all that KVM looks at to choose the mapping.
///
/// `kvm_handle_guest_abort` and `user_mem_abort` of Linux, arch/arm64/kvm/mmu.c. Taken as given: the
/// memslot, its VMA and a writable host page exist, and the host has not raced. Not seen: nested
/// guests, protected KVM, MTE, poisoned pages, the size of the mapping.
public struct Stage2Fault: Sendable, Hashable {
  /// The guest's access.
  public enum Access: String, Sendable, CaseIterable { case read, write, execute }

  /// The memslot: writable, KVM_MEM_READONLY, or writable with KVM_MEM_LOG_DIRTY_PAGES.
  public enum Memslot: String, Sendable, CaseIterable {
    case writable = "rw"
    case readOnly = "ro"
    case logged = "log"
  }

  /// The VMA's flag: none of the two, VM_PFNMAP or VM_MIXEDMAP.
  public enum VMA: String, Sendable, CaseIterable {
    case plain
    case pfnMap = "pfnmap"
    case mixedMap = "mixedmap"
  }

  /// The memory type of the VMA's pgprot, which is what user space of the host uses.
  public enum PageProtection: String, Sendable, CaseIterable {
    case normalNC = "nc"
    case deviceNGnRnE = "ngnrne"
    case deviceNGnRE = "ngnre"
    /// MT_NORMAL or MT_NORMAL_TAGGED.
    case cacheable
  }

  public var kernel: KVMKernel
  public var vma = VMA.pfnMap
  /// `pfn_is_map_memory`: the kernel's direct map holds the page.
  public var isMapMemory = false
  /// The VMA carries VM_ALLOW_ANY_UNCACHED; vfio-pci sets it on BARs since 6.9.
  public var allowsAnyUncached = false
  public var pageProtection = PageProtection.deviceNGnRnE
  public var access = Access.read
  public var memslot = Memslot.writable
  /// HCR_EL2.FWB.
  public var fwb = false
  /// CTR_EL0.DIC on every CPU: fetches see stores without invalidation.
  public var cacheDIC = false

  /// A read of a BAR that vfio-pci maps, without VM_ALLOW_ANY_UNCACHED.
  public init(kernel: KVMKernel) { self.kernel = kernel }

  /// Page without direct mapping that the VMA declares as such; what 6.17 looks at.
  var isSpecial: Bool { vma != .plain && !isMapMemory }

  /// `kvm_supports_cacheable_pfnmap`.
  var supportsCacheablePFNMap: Bool { fwb && cacheDIC }

  /// KVM takes the page for device memory: `device`, since 6.17 `s2_force_noncacheable`.
  public var forcesNonCacheable: Bool {
    switch kernel {
    case .deviceOnly, .normalNC: !isMapMemory
    case .cacheablePFNMap: isSpecial && pageProtection != .cacheable
    }
  }

  /// Whether KVM_SET_USER_MEMORY_REGION takes such a memslot (`kvm_arch_prepare_memory_region`).
  ///
  /// The VMM may replace the VMA later, so the fault path decides on its own.
  ///
  /// - Returns: `accepted`, or a refusal with `-EINVAL`.
  public func checkMemslot() -> Stage2Decision {
    guard vma == .pfnMap else { return Stage2Decision(rule: .memslot, outcome: .accepted) }
    if memslot == .logged {
      return Stage2Decision(rule: .loggedPFNMap, outcome: .refused(.loggedPFNMap))
    }
    if kernel == .cacheablePFNMap, pageProtection == .cacheable, !supportsCacheablePFNMap {
      return Stage2Decision(rule: .cacheableMemslot, outcome: .refused(.cacheableMemslot))
    }
    return Stage2Decision(rule: .memslot, outcome: .accepted)
  }

  /// The flags that `user_mem_abort` chooses.
  ///
  /// - Returns: What the attribute setter is called with.
  /// - Throws: ``Stage2Refusal`` where it returns an error before.
  public func protection() throws(Stage2Refusal) -> KVMProtection {
    if kernel == .cacheablePFNMap, isSpecial, pageProtection == .cacheable,
      !supportsCacheablePFNMap
    {
      throw .cacheableUnsupported
    }
    if access == .execute, forcesNonCacheable { throw .executeNonCacheable }
    var protection: KVMProtection = [.read]
    if isWritable { protection.insert(.write) }
    if access == .execute { protection.insert(.execute) }
    if forcesNonCacheable {
      let isNormalNC = kernel != .deviceOnly && allowsAnyUncached
      protection.insert(isNormalNC ? .normalNC : .device)
    } else if cacheDIC {
      protection.insert(.execute)
    }
    return protection
  }

  /// Dirty logging maps a page writable only for a write, but never looks at device memory.
  private var isWritable: Bool {
    switch memslot {
    case .writable: true
    case .readOnly: false
    case .logged: access == .write || (kernel == .cacheablePFNMap ? isSpecial : !isMapMemory)
    }
  }

  /// What becomes of the fault.
  ///
  /// - Returns: The outcome and the rule that decides it; never `accepted` or `waits`.
  public func decide() -> Stage2Decision {
    if memslot == .readOnly, access == .write {
      return Stage2Decision(rule: .readOnlyWrite, outcome: .emulated)
    }
    do throws(Stage2Refusal) {
      let protection = try protection()
      return Stage2Decision(
        rule: mappingRule(protection),
        outcome: .mapped(protection, try Self.leaf(protection, fwb: fwb)))
    } catch {
      return Stage2Decision(rule: Self.rule(of: error), outcome: .refused(error))
    }
  }

  static func leaf(_ protection: KVMProtection, fwb: Bool) throws(Stage2Refusal) -> Stage2Leaf {
    do throws(Stage2ProtectionError) {
      return try stage2SetProtAttr(protection, fwb: fwb)
    } catch {
      throw .setter(error)
    }
  }

  private func mappingRule(_ protection: KVMProtection) -> Stage2Rule {
    if protection.contains(.normalNC) { return .normalNC }
    if protection.contains(.device) { return .device }
    return kernel == .cacheablePFNMap && isSpecial ? .cacheablePFNMap : .memory
  }

  private static func rule(of refusal: Stage2Refusal) -> Stage2Rule {
    switch refusal {
    case .loggedPFNMap: .loggedPFNMap
    case .cacheableMemslot: .cacheableMemslot
    case .executeNonCacheable: .executeNonCacheable
    case .cacheableUnsupported: .cacheableUnsupported
    case .noPage: .memoryDisabled
    case .setter: .setter
    }
  }
}

/// An outcome and what decides it.
public struct Stage2Decision: Sendable, Equatable {
  public var rule: Stage2Rule
  public var outcome: Stage2Outcome
}
