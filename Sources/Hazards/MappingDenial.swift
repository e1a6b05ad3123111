/// Why KVM keeps a region Device although a guest asks for Normal memory.
public enum MappingDenial: UInt64, Sendable, CaseIterable {
  /// No PCI window: an interrupt controller, a UART.
  case platformWindow
  /// Memory-mapped configuration space.
  case configWindow
  /// A BAR whose mapping does not carry VM_ALLOW_ANY_UNCACHED: the user's map says so.
  case mapSaysNo
  /// The capture shows that vfio-pci does not let it be mapped: a ROM, or always trapped.
  case notMappable
}
