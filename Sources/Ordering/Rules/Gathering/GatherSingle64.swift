/// ST64B is not merged with later stores; ST64BV with nothing.
struct GatherSingle64: GatherRule {
  let info = RuleInfo(
    "arm.gather.single64", "ST64B is not merged with later stores, ST64BV with none",
    source: "Arm ARM DDI 0487, C3.2.8 Single-copy atomic 64-byte load/store")

  func forbids(_ pair: Pair) -> Bool {
    pair.first.form == .single64 || pair.first.form == .single64WithStatus
      || pair.second.form == .single64WithStatus
  }
}
