import ArmMemory

/// LDP, STP and SIMD&FP registers: an access for each element.
struct SplitElements: SplitRule {
  let info = RuleInfo(
    "arm.split.elements",
    "A pair is two accesses, a SIMD&FP register one for each 8 bytes; their order is undefined",
    source: "Arm ARM DDI 0487, B2.2 Atomicity, B2.10.2.4; Mem[] pseudocode", effect: .permits)

  func pieces(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> [Int]? {
    let widest = attributes.memoryType.isDevice ? min(8, scene.options.deviceBusBytes) : 8
    switch access.form {
    // A pair of Q registers is two SIMD&FP registers, each cut again.
    case .pair where access.size >= 2 && scene.isAligned(to: min(8, access.size / 2)):
      return cut(access.size, into: min(widest, access.size / 2))
    case .vector, .scalable, .memoryCopy, .zeroBlock:
      return scene.isAligned(to: min(8, access.size))
        ? cut(access.size, into: min(widest, access.size)) : nil
    case .recorded where access.size > 8 && !access.isSingle64:
      return access.size % 8 == 0 && scene.isAligned(to: 8)
        ? cut(access.size, into: widest) : nil
    default: return nil
    }
  }
}
