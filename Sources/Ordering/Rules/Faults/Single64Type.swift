import ArmMemory

/// ST64B and LD64B work on Device and Normal-NC.
struct Single64Type: FaultRule {
  let info = RuleInfo(
    "arm.fault.single64-type",
    "ST64B and LD64B to cacheable memory abort (DFSC 0x35), unless FEAT_LS64WB is there",
    source: "Arm ARM DDI 0487, C3.2.8 Single-copy atomic 64-byte load/store")

  func stage(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> Int? {
    access.isSingle64 && attributes.memoryType.isCacheable ? 1 : nil
  }
}
