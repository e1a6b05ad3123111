/// LDP, STP and SIMD&FP registers: an access for each element.
struct SplitElements: SplitRule {
  let info = RuleInfo(
    "arm.split.elements",
    "A pair is two accesses, a SIMD&FP register one for each 8 bytes; their order is undefined",
    source: "Arm ARM DDI 0487, B2.2 Atomicity, B2.10.2.4; Mem[] pseudocode", effect: .permits)

  func pieces(_ access: Access, _ attributes: AccessAttributes, _ scene: SplitScene) -> [Int]? {
    switch access.form {
    case .pair where access.size >= 2 && scene.isAligned(to: access.size / 2):
      return cut(access.size, into: min(8, access.size / 2))
    case .vector, .scalable, .memoryCopy, .zeroBlock:
      let element = min(8, access.size)
      return scene.isAligned(to: element) ? cut(access.size, into: element) : nil
    case .recorded where access.size > 8 && !access.isSingle64:
      return access.size % 8 == 0 && scene.isAligned(to: 8) ? cut(access.size, into: 8) : nil
    default: return nil
    }
  }
}
