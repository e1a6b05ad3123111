import TraceCore

/// DMB SY orders everything before it before everything after it.
struct DMBFull: BarrierRule {
  let info = RuleInfo(
    "arm.bob.dmb-sy", "DMB SY orders earlier accesses before later ones",
    source: "Arm ARM DDI 0487, B2.3 Barrier-ordered-before and DMB; aarch64.cat (herdtools7) bob")

  func orders(_ pair: Pair) -> Bool { pair.has(.dmbSY) }
}
