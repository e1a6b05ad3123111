import ArmMemory

/// An access that is not aligned is a set of byte accesses.
struct SplitUnaligned: SplitRule {
  let info = RuleInfo(
    "arm.split.unaligned", "An unaligned access to Normal memory is atomic for single bytes only",
    source: "Arm ARM DDI 0487, B2.2.1 Single-copy atomicity; Mem[] pseudocode", effect: .permits)

  func pieces(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> [Int]? {
    guard !attributes.memoryType.isDevice, !access.isSingle64 else { return nil }
    let isWhole =
      access.hasElements
      ? scene.isAligned(to: min(8, access.size))
      : [1, 2, 4, 8].contains(access.size) && scene.isAligned(to: access.size)
    return isWhole ? nil : cut(access.size, into: 1)
  }
}
