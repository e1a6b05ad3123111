/// SVE accesses to Device memory may behave as Device-GRE.
struct ScalableAsGRE: Permission {
  static let id = "arm.sve"
  let info = RuleInfo(
    ScalableAsGRE.id, "SVE accesses to any Device type may behave as Device-GRE",
    source: "Arm ARM DDI 0487, B2.10.2.5 and B2.10.2.6", effect: .permits)
}
