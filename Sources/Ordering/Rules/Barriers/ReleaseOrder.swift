/// Everything before a store-release is ordered before it.
struct ReleaseOrder: BarrierRule {
  let info = RuleInfo(
    "arm.bob.release", "Earlier accesses are ordered before a store-release (STLR)",
    source: "Arm ARM DDI 0487, B2.3 Store-Release; aarch64.cat (herdtools7) bob po;[L]")

  func orders(_ pair: Pair) -> Bool {
    !pair.isSameInstruction && pair.second.isStore && pair.second.order == .release
  }
}
