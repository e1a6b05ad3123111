/// DGH is a hint: merging across it stays allowed.
struct GatheringHint: Permission {
  static let id = "arm.dgh"
  let info = RuleInfo(
    GatheringHint.id, "DGH is a hint: accesses on both sides of it may still be merged",
    source: "Arm ARM DDI 0487, C6.2 DGH", effect: .permits)
}
