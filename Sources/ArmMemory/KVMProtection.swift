/// `enum kvm_pgtable_prot`: what KVM asks of a page-table entry (Linux 6.9).
public struct KVMProtection: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let execute = KVMProtection(rawValue: 1 << 0)
  public static let write = KVMProtection(rawValue: 1 << 1)
  public static let read = KVMProtection(rawValue: 1 << 2)
  public static let device = KVMProtection(rawValue: 1 << 3)
  public static let normalNC = KVMProtection(rawValue: 1 << 4)

  /// MemAttr[3:0] that KVM writes for these flags.
  ///
  /// MT_S2_* with FWB=0 and MT_S2_FWB_* with FWB=1. Says nothing about whether the flags go
  /// together; see ``stage2SetProtAttr(_:fwb:)``.
  func memAttr(fwb: Bool) -> UInt8 {
    if contains(.device) { return 0x1 }
    if contains(.normalNC) { return 0x5 }
    return fwb ? 0x6 : 0xf
  }
}

/// Why ``stage2SetProtAttr(_:fwb:)`` refuses; `-EINVAL` in Linux.
public enum Stage2ProtectionError: Error, Sendable, CaseIterable {
  /// DEVICE and NORMAL_NC together.
  case deviceAndNormalNC
  /// Executable Device memory.
  case executableDevice
  /// Executable Normal-NC: speculative fetches could hit registers with read side effects.
  case executableNormalNC
}

/// Attribute fields of a stage-2 leaf descriptor as KVM sets them.
public struct Stage2Leaf: Sendable, Equatable {
  /// MemAttr[3:0].
  public var memAttr: UInt8
  public var executeNever: Bool
  public var readable: Bool
  public var writable: Bool

  /// The fields in place: MemAttr 5:2, S2AP 7:6, SH 9:8, AF 10, XN 54.
  ///
  /// SH is Inner Shareable, which Device and Normal-NC ignore; AF is always set.
  public var descriptorBits: UInt64 {
    var bits = UInt64(memAttr) << 2 | 0b11 << 8 | 1 << 10
    if readable { bits |= 1 << 6 }
    if writable { bits |= 1 << 7 }
    if executeNever { bits |= 1 << 54 }
    return bits
  }
}

/// The attributes of a stage-2 mapping: Linux `stage2_set_prot_attr` as of 6.9.
///
/// KVM series "allow VM to select normal-NC", patch 1/4 (Ankit Agrawal, v9, February 2024).
///
/// - Parameters:
///   - protection: What the mapping is for.
///   - fwb: HCR_EL2.FWB.
/// - Returns: The fields of the descriptor.
/// - Throws: ``Stage2ProtectionError`` where Linux returns `-EINVAL`.
public func stage2SetProtAttr(
  _ protection: KVMProtection, fwb: Bool
) throws(Stage2ProtectionError) -> Stage2Leaf {
  let execute = protection.contains(.execute)
  switch (protection.contains(.device), protection.contains(.normalNC)) {
  case (true, true): throw .deviceAndNormalNC
  case (true, false) where execute: throw .executableDevice
  case (false, true) where execute: throw .executableNormalNC
  default: break
  }
  return Stage2Leaf(
    memAttr: protection.memAttr(fwb: fwb), executeNever: !execute,
    readable: protection.contains(.read), writable: protection.contains(.write))
}
