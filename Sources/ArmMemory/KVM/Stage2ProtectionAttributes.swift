/// Why ``stage2SetProtAttr(_:fwb:)`` refuses; `-EINVAL` in Linux.
public enum Stage2ProtectionError: Error, Sendable, CaseIterable {
  /// DEVICE and NORMAL_NC together.
  case deviceAndNormalNC
  /// Executable Device memory.
  case executableDevice
  /// Executable Normal-NC: speculative fetches could hit registers with read side effects.
  case executableNormalNC
}

extension Stage2ProtectionError {
  /// Why, in a clause.
  public var reason: String {
    switch self {
    case .deviceAndNormalNC: "DEVICE and NORMAL_NC exclude each other"
    case .executableDevice: "Device memory is never executable"
    case .executableNormalNC:
      "Normal-NC is given to device memory alone, and a speculative fetch could read its registers"
    }
  }
}

/// Attribute fields of a stage-2 leaf descriptor as KVM sets them.
public struct Stage2Leaf: Sendable, Equatable {
  /// MemAttr[3:0].
  public var memAttr: UInt8
  public var executeNever: Bool
  public var readable: Bool
  public var writable: Bool

  /// S2AP[1:0]: bit 0 permits reads, bit 1 writes.
  public var accessPermissions: UInt8 { (readable ? 1 : 0) | (writable ? 2 : 0) }

  /// The fields in place: MemAttr 5:2, S2AP 7:6, SH 9:8, AF 10, XN 54.
  ///
  /// SH is Inner Shareable, which Device and Normal-NC ignore; AF is always set. With LPA2
  /// (52-bit addresses of 4 or 16 KiB pages) bits 9:8 hold address bits instead; not modelled.
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
