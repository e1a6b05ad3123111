import TraceCore

/// Of `kvm_mmio` events.
extension ImportCounter {
  static let openRead = ImportCounter(
    "read_unanswered", .info,
    "unsatisfied reads of kvm_mmio that no read followed in their thread, left out")

  static let valueCut = ImportCounter(
    "value_cut", .info,
    "accesses beyond 8 bytes, recorded without a value: the event holds its first 8 bytes only")

  static let fastMMIO = ImportCounter(
    "fast_mmio_dropped", .dataLoss,
    "kvm_fast_mmio events: writes without length and value, left out")

  static let noSyndrome = ImportCounter(
    "no_syndrome_dropped", .dataLoss,
    "kvm_mmio_nisv events: accesses whose size and value KVM could not tell, left out")

  static let emulateNotice = ImportCounter(
    "emulate_notice", .info, "kvm_mmio_emulate events, which hold no access")

  static let vcpuOfOtherMachine = ImportCounter(
    "vcpu_of_other_machine", .info,
    """
    threads that are a vCPU whose number another thread has, as of a second virtual machine; \
    they got free numbers
    """)
}
