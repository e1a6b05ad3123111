import TraceCore

/// DMB ST orders earlier stores before later stores.
struct DMBStore: BarrierRule {
  let info = RuleInfo(
    "arm.bob.dmb-st", "DMB ST orders earlier stores before later stores",
    source: "Arm ARM DDI 0487, B2.3 Barrier-ordered-before and DMB; aarch64.cat (herdtools7) bob")

  func orders(_ pair: Pair) -> Bool {
    pair.first.isStore && pair.second.isStore && pair.has(.dmbST)
  }
}
