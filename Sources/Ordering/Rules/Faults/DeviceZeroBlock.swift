import ArmMemory

/// DC ZVA on Device memory.
struct DeviceZeroBlock: FaultRule {
  let info = RuleInfo(
    "arm.fault.zero-block", "DC ZVA to a Device type takes an Alignment fault",
    source: "Arm ARM DDI 0487, C5.3 DC ZVA; AArch64.S1HasAlignmentFault")

  func stage(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> Int? {
    access.form == .zeroBlock && attributes.memoryType.isDevice ? attributes.faultStage ?? 1 : nil
  }
}
