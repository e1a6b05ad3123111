/// MOPS instructions may gather on every type, and nR has no effect on them.
struct MemoryCopyGathers: Permission {
  static let id = "arm.mops"
  let info = RuleInfo(
    MemoryCopyGathers.id, "CPY* and SET* may be gathered and reordered on every Device type",
    source: "Arm ARM DDI 0487, B2.10.2.1 and B2.10.2.2 (FEAT_MOPS)", effect: .permits)
}
