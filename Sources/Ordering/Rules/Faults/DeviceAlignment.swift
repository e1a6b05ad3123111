import ArmMemory

/// An access that Device memory does not take because of its address.
struct DeviceAlignment: FaultRule {
  let info = RuleInfo(
    "arm.fault.device-alignment",
    "An unaligned access to a Device type faults, at the first stage that made it Device",
    source: "Arm ARM DDI 0487, B2.10.2; AArch64.S1HasAlignmentFault, S2HasAlignmentFault")

  func stage(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> Int? {
    guard attributes.memoryType.isDevice, !access.isSingle64, access.form != .zeroBlock,
      !scene.isAligned(to: alignment(access))
    else { return nil }
    return attributes.faultStage ?? 1
  }

  /// Elements, not the whole access, have to be aligned.
  private func alignment(_ access: Access) -> Int {
    switch access.form {
    case .pair: min(8, max(1, access.size / 2))
    case .vector, .scalable, .memoryCopy: min(8, access.size)
    default: access.size
    }
  }
}
