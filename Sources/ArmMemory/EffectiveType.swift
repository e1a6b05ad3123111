/// The memory type of an access under a scenario, and which stage made it Device.
public struct EffectiveType: Sendable, Equatable {
  public var memoryType: MemoryType
  /// The first stage that made the location Device, 1 or 2; nil for Normal memory.
  ///
  /// An access that Device memory does not allow faults there: at stage 1 the guest sees it, at
  /// stage 2 KVM cannot handle it (Arm ARM DDI 0487, B2.10; S2HasAlignmentFault).
  public var faultStage: Int?
  /// PAR_EL1.ATTR.
  public var parByte: UInt8
  /// The stage-1 byte is reserved and Device-nGnRnE was taken for it: to be counted.
  public var reservedStage1: Bool

  /// Resolves stage 1 and a KVM policy.
  ///
  /// Cheap enough for a table of 256 entries per region; it does not allocate.
  ///
  /// - Parameters:
  ///   - stage1Byte: MAIR attribute byte.
  ///   - policy: How KVM maps device memory.
  ///   - vfioEligible: The mapping carries VM_ALLOW_ANY_UNCACHED.
  ///   - fwb: HCR_EL2.FWB.
  /// - Returns: The type; a reserved byte is read as Device-nGnRnE, the safe reading.
  public static func resolve(
    stage1Byte: UInt8, policy: KVMPolicy, vfioEligible: Bool, fwb: Bool
  ) -> EffectiveType {
    let decoded = MemoryAttributes(mair: stage1Byte)
    let stage1 = decoded ?? MemoryAttributes(.device(.nGnRnE), xs: true)
    var combined = stage1
    if let memAttr = policy.memAttr(vfioEligible: vfioEligible, fwb: fwb),
      let stage2 = Stage2Attribute(memAttr: memAttr, fwb: fwb)
    {
      combined = StageCombination.combine(stage1, stage2)
    }
    return EffectiveType(
      memoryType: combined.memoryType,
      faultStage: stage1.isDevice ? 1 : combined.isDevice ? 2 : nil,
      parByte: combined.parByte, reservedStage1: decoded == nil)
  }
}
