/// Accesses to a Gathering type may become one transaction.
struct Gathering: Permission {
  static let id = "arm.gather"
  let info = RuleInfo(
    Gathering.id, "Accesses to Device-GRE or Normal-NC may be merged into one transaction",
    source: "Arm ARM DDI 0487, B2.10.2.1 Gathering", effect: .permits)
}
