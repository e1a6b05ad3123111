import ArmMemory

/// nG types are never gathered, with anything.
struct GatherTypes: GatherRule {
  let info = RuleInfo(
    "arm.gather.types", "An access to a non-Gathering type is not merged with another",
    source: "Arm ARM DDI 0487, B2.10.2.1 Gathering")

  func forbids(_ pair: Pair) -> Bool {
    if pair.isSameInstruction, pair.scene.rules.has(InstructionWhole.id) { return false }
    return !pair.first.permits(.gathering) || !pair.second.permits(.gathering)
  }
}
