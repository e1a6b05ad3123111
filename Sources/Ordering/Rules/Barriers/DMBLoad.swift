import TraceCore

/// DMB LD orders earlier loads before what follows.
struct DMBLoad: BarrierRule {
  let info = RuleInfo(
    "arm.bob.dmb-ld", "DMB LD orders earlier loads before later loads and stores",
    source: "Arm ARM DDI 0487, B2.3 Barrier-ordered-before and DMB; aarch64.cat (herdtools7) bob")

  func orders(_ pair: Pair) -> Bool { !pair.first.isStore && pair.has(.dmbLD) }
}
