/// A store-release is ordered before a later load-acquire (LDAR, not LDAPR).
struct ReleaseThenAcquire: BarrierRule {
  let info = RuleInfo(
    "arm.bob.release-acquire", "A store-release is ordered before a later LDAR",
    source: "Arm ARM DDI 0487, B2.3; aarch64.cat (herdtools7) bob [L];po;[A]")

  func orders(_ pair: Pair) -> Bool {
    !pair.isSameInstruction && pair.first.isStore && pair.first.order == .release
      && !pair.second.isStore && pair.second.order == .acquire
  }
}
