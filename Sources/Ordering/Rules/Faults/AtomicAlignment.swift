/// Exclusives, atomics, acquire and release have to be aligned.
struct AtomicAlignment: FaultRule {
  let info = RuleInfo(
    "arm.fault.atomic-alignment",
    "Unaligned exclusives, atomics, acquires and releases fault; with FEAT_LSE2 only across 16 bytes",
    source: "Arm ARM DDI 0487, B2.2; AArch64.UnalignedAccessFaults (SCTLR.nAA = 0)")

  func stage(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> Int? {
    guard access.form == .exclusive || access.order != .plain,
      !scene.isAligned(to: max(1, access.size))
    else { return nil }
    return scene.options.lse2 && !scene.crosses(16, size: access.size) ? nil : 1
  }
}
