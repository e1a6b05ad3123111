/// What the name of a QEMU memory region says about it.
enum RegionName {
  /// The window of x86 message-signalled interrupts, which is the local APIC's too.
  case interruptMessages
  /// The frame of an Arm ITS or GICv2m, whose register at 0x40 takes interrupt messages.
  case interruptFrame
  /// Memory-mapped configuration space.
  case ecam
  /// x86 config mechanism #1: the address port and the data port.
  case configAddressPort, configDataPort
  /// A part of the machine that is no PCI function.
  case platform
  /// Anything else.
  case device

  /// Beginnings of the names of machine parts in QEMU's `virt`, `sbsa-ref`, `q35` and `pc`.
  private static let platformPrefixes = [
    "gic", "control", "arm-", "smmu", "pl0", "sbsa", "fwcfg", "hpet", "ioapic", "apic", "kvmvapic",
    "rtc", "tpm", "acpi", "generic-event", "cfi", "flash", "virtio-mmio", "platform", "serial",
    "dmar", "intel-iommu", "amdvi", "io", "gpex", "ged",
  ]

  init(_ name: String) {
    switch name {
    case "apic-msi": self = .interruptMessages
    case "translation", "gicv2m": self = .interruptFrame
    case "pcie-mmcfg-mmio": self = .ecam
    case "pci-conf-idx": self = .configAddressPort
    case "pci-conf-data": self = .configDataPort
    default:
      let isPlatform = Self.platformPrefixes.contains { name.hasPrefix($0) }
      self = isPlatform ? .platform : .device
    }
  }

  /// What an address says where the log has no names (QEMU up to 5.2).
  init(address: UInt64, size: UInt8) {
    switch address {
    case 0xfee0_0000..<0xfef0_0000: self = .interruptMessages
    case 0xcf8 where size == 4: self = .configAddressPort
    case 0xcfc...0xcff: self = .configDataPort
    default: self = .device
    }
  }
}
