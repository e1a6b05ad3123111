import ArmMemory
import Testing

/// The fault path, against Linux's C read line by line: 6.6, 6.12 and 6.17.
@Suite struct Stage2FaultTests {
  /// `kvm_handle_guest_abort` and `user_mem_abort` again, written in the order of the C and with its
  /// names, nothing shared with the model but the inputs.
  ///
  /// - Parameter fault: The inputs.
  /// - Returns: The bits of `enum kvm_pgtable_prot` (X 0, W 1, R 2, DEVICE 3, NORMAL_NC 4), an errno,
  ///   or `MMIO`.
  static func linux(_ fault: Stage2Fault) -> (prot: UInt8, result: String) {
    let writeFault = fault.access == .write
    let execFault = fault.access == .execute
    var writable = fault.memslot != .readOnly
    if writeFault && !writable { return (0, "MMIO") }
    let loggingActive = fault.memslot == .logged
    let isVMACacheable = fault.pageProtection == .cacheable
    var forced = false
    if fault.kernel == .cacheablePFNMap {
      if (fault.vma == .pfnMap || fault.vma == .mixedMap) && !fault.isMapMemory {
        if isVMACacheable {
          if !(fault.fwb && fault.cacheDIC) { return (0, "EFAULT") }
        } else {
          forced = true
        }
      } else if loggingActive && !writeFault {
        writable = false
      }
    } else {
      if !fault.isMapMemory {
        forced = true
      } else if loggingActive && !writeFault {
        writable = false
      }
    }
    if execFault && forced { return (0, "ENOEXEC") }
    var prot: UInt8 = 4
    if writable { prot |= 2 }
    if execFault { prot |= 1 }
    if forced {
      prot |= fault.kernel != .deviceOnly && fault.allowsAnyUncached ? 16 : 8
    } else if fault.cacheDIC {
      prot |= 1
    }
    return (prot, "0")
  }

  @Test func `every fault is decided as Linux decides it`() {
    #expect(Stage2DecisionTable.faults.count == 3 * 3 * 2 * 2 * 4 * 3 * 3 * 2 * 2)
    #expect(Set(Stage2DecisionTable.faults).count == Stage2DecisionTable.faults.count)
    for fault in Stage2DecisionTable.faults {
      let expected = Self.linux(fault)
      switch fault.decide().outcome {
      case .mapped(let protection, _):
        #expect(expected.result == "0" && protection.rawValue == expected.prot, "\(fault)")
      case .emulated: #expect(expected.result == "MMIO", "\(fault)")
      case .refused(let refusal): #expect(expected.result == refusal.error.name, "\(fault)")
      case .accepted, .waits: Issue.record("not an outcome of a fault: \(fault)")
      }
    }
  }

  struct Case: CustomTestStringConvertible, Sendable {
    var kernel: KVMKernel
    var change: @Sendable (inout Stage2Fault) -> Void = { _ in }
    var expected: String
    var rule: Stage2Rule
    var testDescription: String { "\(kernel.releases): \(rule.rawValue) \(expected)" }
  }

  // Read off the C by hand for the cases that people ask about; a BAR of vfio-pci is VM_PFNMAP,
  // pgprot_noncached (nGnRnE) and outside the direct map.
  static let cases: [Case] = [
    Case(kernel: .deviceOnly, expected: "r+w+device", rule: .device),
    Case(
      kernel: .deviceOnly, change: { $0.allowsAnyUncached = true }, expected: "r+w+device",
      rule: .device),
    Case(
      kernel: .deviceOnly, change: { $0.pageProtection = .normalNC }, expected: "r+w+device",
      rule: .device),
    Case(kernel: .normalNC, expected: "r+w+device", rule: .device),
    Case(
      kernel: .normalNC, change: { $0.allowsAnyUncached = true }, expected: "r+w+nc",
      rule: .normalNC),
    // The host's own type plays no part before 6.17, not even a cacheable one.
    Case(
      kernel: .normalNC,
      change: {
        $0.allowsAnyUncached = true
        $0.pageProtection = .cacheable
      }, expected: "r+w+nc", rule: .normalNC),
    // Nor does the VMA's kind: kvm_is_device_pfn looks at the page alone.
    Case(
      kernel: .normalNC, change: { $0.vma = .plain }, expected: "r+w+device", rule: .device),
    Case(
      kernel: .cacheablePFNMap, change: { $0.vma = .plain }, expected: "r+w", rule: .memory),
    Case(
      kernel: .cacheablePFNMap, change: { $0.allowsAnyUncached = true }, expected: "r+w+nc",
      rule: .normalNC),
    Case(
      kernel: .cacheablePFNMap,
      change: {
        $0.pageProtection = .cacheable
        $0.fwb = true
      }, expected: "EFAULT", rule: .cacheableUnsupported),
    Case(
      kernel: .cacheablePFNMap,
      change: {
        $0.pageProtection = .cacheable
        $0.cacheDIC = true
      }, expected: "EFAULT", rule: .cacheableUnsupported),
    Case(
      kernel: .cacheablePFNMap,
      change: {
        $0.pageProtection = .cacheable
        $0.cacheDIC = true
        $0.fwb = true
      }, expected: "r+w+x", rule: .cacheablePFNMap),
    Case(
      kernel: .cacheablePFNMap, change: { $0.access = .execute }, expected: "ENOEXEC",
      rule: .executeNonCacheable),
    Case(
      kernel: .deviceOnly, change: { $0.access = .execute }, expected: "ENOEXEC",
      rule: .executeNonCacheable),
    // -EFAULT comes before -ENOEXEC.
    Case(
      kernel: .cacheablePFNMap,
      change: {
        $0.access = .execute
        $0.pageProtection = .cacheable
      }, expected: "EFAULT", rule: .cacheableUnsupported),
    Case(
      kernel: .normalNC, change: { $0.isMapMemory = true }, expected: "r+w", rule: .memory),
    // Logging maps memory read-only until it is written, device memory at once.
    Case(
      kernel: .normalNC,
      change: {
        $0.isMapMemory = true
        $0.memslot = .logged
      }, expected: "r", rule: .memory),
    Case(
      kernel: .normalNC, change: { $0.memslot = .logged }, expected: "r+w+device", rule: .device),
    Case(
      kernel: .normalNC, change: { $0.memslot = .readOnly }, expected: "r+device", rule: .device),
    Case(
      kernel: .normalNC,
      change: {
        $0.memslot = .readOnly
        $0.access = .write
      }, expected: "emulated", rule: .readOnlyWrite),
  ]

  @Test(arguments: cases)
  func `the fault path chooses`(row: Case) {
    var fault = Stage2Fault(kernel: row.kernel)
    row.change(&fault)
    let decision = fault.decide()
    switch decision.outcome {
    case .mapped(let protection, _): #expect(protection.name == row.expected)
    case .refused(let refusal): #expect(refusal.error.name == row.expected)
    default: #expect(decision.outcome.name == row.expected)
    }
    #expect(decision.rule == row.rule)
  }

  @Test func `a memslot is refused for logged or uncleanable VM_PFNMAP memory alone`() {
    // kvm_arch_prepare_memory_region: only VM_PFNMAP is looked at; the second check is of 6.17.
    for fault in Stage2DecisionTable.faults {
      let isLogged = fault.vma == .pfnMap && fault.memslot == .logged
      let isUncleanable =
        fault.vma == .pfnMap && fault.kernel == .cacheablePFNMap
        && fault.pageProtection == .cacheable && !(fault.fwb && fault.cacheDIC)
      let decision = fault.checkMemslot()
      switch (isLogged, isUncleanable) {
      case (true, _): #expect(decision.outcome == .refused(.loggedPFNMap))
      case (false, true): #expect(decision.outcome == .refused(.cacheableMemslot))
      case (false, false): #expect(decision.outcome == .accepted)
      }
      #expect(decision.outcome.error == (isLogged || isUncleanable ? .einval : nil))
    }
  }

  // MARK: Relations

  private func protection(_ fault: Stage2Fault) -> KVMProtection? {
    if case .mapped(let protection, _) = fault.decide().outcome { protection } else { nil }
  }

  @Test func `kernels before 6.9 never give Normal-NC`() {
    var gives: Set<KVMKernel> = []
    for fault in Stage2DecisionTable.faults {
      if protection(fault)?.contains(.normalNC) == true { gives.insert(fault.kernel) }
    }
    #expect(gives == [.normalNC, .cacheablePFNMap])
  }

  @Test func `device memory is mapped never executable and never cacheable`() {
    for fault in Stage2DecisionTable.faults where fault.forcesNonCacheable {
      guard case .mapped(let protection, let leaf) = fault.decide().outcome else { continue }
      #expect(leaf.executeNever && [1, 5].contains(leaf.memAttr), "\(fault)")
      #expect(protection.contains(.device) != protection.contains(.normalNC), "\(fault)")
    }
  }

  @Test func `a fetch from device memory is an instruction abort of the guest`() {
    for fault in Stage2DecisionTable.faults
    where fault.access == .execute && fault.forcesNonCacheable {
      let outcome = fault.decide().outcome
      #expect(outcome == .refused(.executeNonCacheable))
      #expect(outcome.error == .enoexec && outcome.witness == .guestInstructionAbort)
    }
  }

  @Test func `the fault path never makes the attribute setter fail`() {
    for fault in Stage2DecisionTable.faults {
      if case .refused(.setter) = fault.decide().outcome { Issue.record("\(fault)") }
    }
  }

  @Test func `VM_ALLOW_ANY_UNCACHED turns Device into Normal-NC and changes nothing else`() {
    for fault in Stage2DecisionTable.faults where !fault.allowsAnyUncached {
      var eligible = fault
      eligible.allowsAnyUncached = true
      let (before, after) = (fault.decide(), eligible.decide())
      if fault.kernel != .deviceOnly, before.rule == .device {
        #expect(after.rule == .normalNC)
        #expect(
          protection(fault)?.symmetricDifference(protection(eligible) ?? [])
            == [.device, .normalNC])
      } else {
        #expect(after == before)
      }
    }
  }

  @Test func `6.17 decides as 6.9 for a BAR that the host does not map cacheable`() {
    for fault in Stage2DecisionTable.faults
    where fault.kernel == .normalNC && fault.vma != .plain && fault.pageProtection != .cacheable {
      var newer = fault
      newer.kernel = .cacheablePFNMap
      #expect(newer.decide() == fault.decide())
    }
  }

  @Test func `the replay's policies are what the fault path gives a BAR`() {
    for (policy, kernel) in [
      (KVMPolicy.kvmDevice, KVMKernel.deviceOnly), (.kvmNormalNC, .normalNC),
    ] {
      for eligible in [false, true] {
        var fault = Stage2Fault(kernel: kernel)
        fault.allowsAnyUncached = eligible
        #expect(protection(fault) == policy.protection(vfioEligible: eligible))
      }
    }
  }

  // MARK: What no fault chooses

  @Test(arguments: [false, true])
  func `the GICv2 interface stays Device`(fwb: Bool) throws {
    guard case .mapped(let protection, let leaf) = FixedMappings.gicv2CPUInterface(fwb: fwb).outcome
    else { throw Stage2Refusal.noPage }
    #expect(protection == [.read, .write, .device])
    #expect(leaf.memAttr == 1 && leaf.executeNever && leaf.readable && leaf.writable)
  }

  // realm_map_non_secure: MT_S2_FWB_* 1, 5 and 6; only DEVICE with NORMAL_NC is -EINVAL.
  @Test func `a realm's unprotected mapping takes the FWB encodings and the same error`() throws {
    for bits in UInt8(0)..<32 {
      let protection = KVMProtection(rawValue: bits)
      let (device, normalNC) = (bits & 8 != 0, bits & 16 != 0)
      do throws(Stage2ProtectionError) {
        let mapping = try FixedMappings.realm(protection)
        #expect(!(device && normalNC))
        #expect(mapping.memAttr == (device ? 1 : normalNC ? 5 : 6))
        #expect(mapping.accessPermissions == (bits & 4 != 0 ? 1 : 0) + (bits & 2 != 0 ? 2 : 0))
      } catch {
        #expect(device && normalNC && error == .deviceAndNormalNC)
      }
    }
  }

  // MARK: Zap

  @Test func `a zapped BAR waits, fails, or is mapped as before`() {
    let fault = Stage2Fault(kernel: .normalNC)
    #expect(Stage2Zap.decide(.resetRunning, fault).outcome == .waits)
    let disabled = Stage2Zap.decide(.memoryDisabled, fault).outcome
    #expect(disabled.error == .efault && disabled.witness == .vmmRunFault)
    #expect(Stage2Zap.decide(.memoryEnabled, fault) == fault.decide())
  }

  @Test func `the zap completes the guest's accesses before the device is touched`() throws {
    let steps = Stage2Zap.steps
    let barrier = try #require(steps.firstIndex { $0.action == "DSB ISH" })
    let clear = try #require(steps.firstIndex { $0.action.contains("TLBI") })
    let reset = try #require(steps.firstIndex { $0.action.contains("reset the function") })
    #expect(clear < barrier && barrier < reset)
    #expect(steps.first?.action == "take the memory lock for writing")
    #expect(steps.last?.action == "release the memory lock")
  }

  // MARK: Releases

  @Test(
    arguments: [
      ("2.6", .deviceOnly), ("5.15.190", .deviceOnly), ("6.8", .deviceOnly),
      ("6.8.12", .deviceOnly),
      ("6.9", .normalNC), ("6.10", .normalNC), ("6.12.3", .normalNC), ("6.16", .normalNC),
      ("6.17", .cacheablePFNMap), ("6.18.19", .cacheablePFNMap), ("7.0", .cacheablePFNMap),
      ("6", nil), ("6.", nil), ("", nil), ("6.9-rc1", nil), ("+6.9", nil), ("6.9.1.1", nil),
      ("6.99999", nil),
    ] as [(String, KVMKernel?)])
  func `a release belongs to a generation`(release: String, kernel: KVMKernel?) {
    #expect(KVMKernel(release: release) == kernel)
  }
}
