import Results

// Who takes the exception, and what is left then.

/// Nothing to take.
struct HostNothing: ContainmentRule {
  let stage = ContainmentStage.host
  let name = "none"
  let source = "Arm ARM DDI 0487, D1: an exception that is not generated is not taken"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    state.exception == .none ? [Branch("the guest goes on", state)] : nil
  }
}

extension Platform {
  /// Firmware reports such a class as fatal, on which the kernel panics.
  fileprivate func isFatal(_ errorClass: ErrorClass) -> Bool {
    switch (firmwarePanics, errorClass) {
    case (.never, _), (_, .ueo): false
    case (_, .uc): true
    case (.nonfatal, _): true
    case (.fatal, _): false
    }
  }
}

/// Firmware sees it first.
struct FirmwareException: ContainmentRule {
  let stage = ContainmentStage.host
  let reads: Set = ["external_aborts", "firmware_panics"]
  let name = "firmware"
  let source =
    "Arm ARM DDI 0487, SCR_EL3.EA; ACPI 6.5, 18.3 (firmware first); Linux drivers/acpi/apei/ghes.c: a"
    + " record of severity panic ends in __ghes_panic, any other is claimed (apei_claim_sea)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard platform.externalAborts == .firmware else { return nil }
    // Without a class firmware has to take the worst.
    guard platform.isFatal(state.errorClass ?? .uc), state.exception != .interrupt else {
      return [
        Branch(
          "firmware reports a recoverable error; the kernel logs it, at worst the VM ends",
          state)
      ]
    }
    return [Branch("firmware reports a fatal error; the kernel panics", state.reaching(.hostDown))]
  }
}

/// An error recovery interrupt is a line in a log.
struct HostInterrupt: ContainmentRule {
  let stage = ContainmentStage.host
  let name = "interrupt"
  let source = "Arm RAS Extension, 2.4 (error recovery interrupt)"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    state.exception == .interrupt
      ? [Branch("the host logs the error; the guest goes on", state)] : nil
  }
}

/// KVM gives a synchronous abort back to the guest.
struct HostSynchronous: ContainmentRule {
  let stage = ContainmentStage.host
  let reads: Set = ["ras"]
  let name = "sea"
  let source =
    "Linux arch/arm64/kvm/mmu.c, kvm_handle_guest_sea: offered to APEI (apei_claim_sea), else an SError"
    + " is injected into the guest; its severity is not looked at; without the RAS extension KVM does not"
    + " set HCR_EL2.TEA (vcpu_reset_hcr), so that the guest takes it"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard state.exception == .synchronous else { return nil }
    return [
      Branch(
        platform.ras
          ? "KVM injects an SError into the guest" : "the guest takes the abort itself, at EL1",
        state)
    ]
  }
}

/// An SError while the guest runs, or that leaving it flushes out.
struct HostSErrorInGuest: ContainmentRule {
  let stage = ContainmentStage.host
  let reads: Set = ["serror_taken"]
  let name = "serror-in-guest"
  let source =
    "platform.serror_taken; Linux arch/arm64/kvm/handle_exit.c, kvm_handle_guest_serror, and"
    + " arch/arm64/kernel/traps.c, arm64_is_fatal_ras_serror: UEO is ignored, UER and UEU are injected,"
    + " UC panics; without RAS every SError is injected"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    guard platform.serrorTaken == .guest else { return nil }
    switch state.errorClass {
    case .uc:
      return [Branch("uncontainable: KVM panics the host", state.reaching(.hostDown))]
    case .ueo: return [Branch("restartable: KVM ignores it, the guest goes on", state)]
    case .uer, .ueu, nil: return [Branch("KVM injects an SError into the guest", state)]
    }
  }
}

/// An SError that comes when the host runs already.
struct HostSErrorInHost: ContainmentRule {
  let stage = ContainmentStage.host
  let name = "serror-in-host"
  let source =
    "platform.serror_taken; Linux arch/arm64/kernel/traps.c, do_serror: \"non-RAS errors are not"
    + " containable\"; panic (\"Asynchronous SError Interrupt\") for all but UEO"

  func branches(_ failed: FaultCase, _ platform: Platform, _ state: ChainState) -> [Branch]? {
    state.errorClass == .ueo
      ? [Branch("restartable: the host ignores it", state)]
      : [Branch("the host panics: Asynchronous SError Interrupt", state.reaching(.hostDown))]
  }
}
