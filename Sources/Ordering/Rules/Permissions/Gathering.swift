/// Accesses to a Gathering type may become one transaction.
struct Gathering: Permission {
  let info = RuleInfo(
    "arm.gather", "Accesses to Device-GRE or Normal-NC may be merged into one transaction",
    source: "Arm ARM DDI 0487, B2.10.2.1 Gathering", effect: .permits)
}
