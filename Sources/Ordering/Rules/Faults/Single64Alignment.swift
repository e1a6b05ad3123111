/// ST64B and LD64B check their alignment themselves, on every type.
struct Single64Alignment: FaultRule {
  let info = RuleInfo(
    "arm.fault.single64-alignment", "ST64B and LD64B must be 64-byte aligned, on every type",
    source: "Arm ARM DDI 0487, C3.2.8 Single-copy atomic 64-byte load/store")

  func stage(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> Int? {
    access.isSingle64 && !scene.isAligned(to: 64) ? 1 : nil
  }
}
