/// A TLBI, and the DSB behind it, wait for the accesses that used the mapping.
struct UnmapCompletion: Rule {
  static let id = "arm.completion.tlbi"
  let info = RuleInfo(
    UnmapCompletion.id,
    "A TLBI completes when all accesses that used the invalidated entries are complete",
    source: "Arm ARM DDI 0487, B2.4.1 and D8 TLB maintenance; "
      + "Linux arch/arm64/kvm/mmu.c kvm_unmap_gfn_range")
}
