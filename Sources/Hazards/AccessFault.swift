/// Why an access faults under a memory type.
public enum AccessFault: UInt64, Sendable, CaseIterable {
  /// Unaligned on a Device type.
  case deviceAlignment
  /// LD64B or ST64B that is not 64-byte aligned, on any type.
  case singleCopyAlignment
  /// An unaligned load-acquire or store-release, on any type.
  case orderedAlignment
  /// LD64B or ST64B to cacheable memory.
  case unsupported64
}
