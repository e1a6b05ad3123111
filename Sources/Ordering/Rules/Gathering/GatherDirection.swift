/// A read and a write are never one transaction.
struct GatherDirection: GatherRule {
  let info = RuleInfo(
    "arm.gather.direction", "Reads and writes are not merged with each other",
    source: "Arm ARM DDI 0487, B2.10.2.1 Gathering")

  func forbids(_ pair: Pair) -> Bool { pair.first.isStore != pair.second.isStore }
}
