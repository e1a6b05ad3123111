/// Stage-2 mappings of device memory that no fault chooses.
public enum FixedMappings {
  /// The GICv2 virtual CPU interface: `kvm_phys_addr_ioremap`, the same in all kernels.
  ///
  /// Version 3 of the Normal-NC series had changed it; it was taken back.
  ///
  /// - Parameter fwb: HCR_EL2.FWB.
  /// - Returns: A mapping that the guest may read and write.
  public static func gicv2CPUInterface(fwb: Bool) -> Stage2Decision {
    let protection: KVMProtection = [.read, .write, .device]
    do throws(Stage2Refusal) {
      let leaf = try Stage2Fault.leaf(protection, fwb: fwb)
      return Stage2Decision(rule: .gicv2, outcome: .mapped(protection, leaf))
    } catch {
      return Stage2Decision(rule: .gicv2, outcome: .refused(error))
    }
  }

  /// What KVM asks of the realm manager; XN, SH and AF are the manager's own.
  public struct RealmMapping: Sendable, Equatable {
    /// MemAttr[3:0], read as with FWB=1.
    public var memAttr: UInt8
    /// S2AP[1:0]: bit 0 permits reads, bit 1 writes.
    public var accessPermissions: UInt8
  }

  /// An unprotected mapping of a realm (`realm_map_non_secure`, series under review).
  ///
  /// An execute flag is not looked at.
  ///
  /// - Parameter protection: What the mapping is for.
  /// - Returns: What is asked of the realm manager.
  /// - Throws: ``Stage2ProtectionError/deviceAndNormalNC`` where Linux returns `-EINVAL`.
  public static func realm(
    _ protection: KVMProtection
  ) throws(Stage2ProtectionError) -> RealmMapping {
    if protection.isSuperset(of: [.device, .normalNC]) { throw .deviceAndNormalNC }
    return RealmMapping(
      memAttr: protection.memAttr(fwb: true),
      accessPermissions: (protection.contains(.read) ? 1 : 0)
        | (protection.contains(.write) ? 2 : 0))
  }
}
