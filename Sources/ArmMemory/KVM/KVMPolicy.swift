public import TraceCore

/// How KVM maps a guest's device memory at stage 2.
public enum KVMPolicy: String, Sendable, CaseIterable {
  /// Everything Device-nGnRE: KVM before Linux 6.9.
  case kvmDevice = "kvm-device"
  /// Normal-NC where the VMA carries VM_ALLOW_ANY_UNCACHED, else Device-nGnRE: Linux 6.9 on.
  case kvmNormalNC = "kvm-normal-nc"
  /// No stage 2: bare metal, or a user-space VFIO mapping.
  case none

  /// Page-table protection that KVM asks for.
  ///
  /// - Parameter vfioEligible: The mapping carries VM_ALLOW_ANY_UNCACHED.
  /// - Returns: nil without a stage 2.
  public func protection(vfioEligible: Bool) -> KVMProtection? {
    switch self {
    case .none: nil
    case .kvmDevice: [.read, .write, .device]
    case .kvmNormalNC: [.read, .write, vfioEligible ? .normalNC : .device]
    }
  }

  /// Stage-2 MemAttr[3:0] of a mapping.
  ///
  /// - Parameters:
  ///   - vfioEligible: The mapping carries VM_ALLOW_ANY_UNCACHED.
  ///   - fwb: HCR_EL2.FWB.
  /// - Returns: nil without a stage 2.
  public func memAttr(vfioEligible: Bool, fwb: Bool) -> UInt8? {
    protection(vfioEligible: vfioEligible).map { $0.memAttr(fwb: fwb) }
  }

  /// Whether KVM may give the region Normal-NC.
  ///
  /// vfio-pci sets the flag on BAR mappings alone; a window of another kind is eligible only
  /// where the user's map says so.
  public static func isEligible(_ region: Region) -> Bool {
    region.vfioEligible && (region.kind == .bar || region.origin == .map)
  }
}
