/// A load-acquire is ordered before everything after it.
struct AcquireOrder: BarrierRule {
  let info = RuleInfo(
    "arm.bob.acquire", "A load-acquire (LDAR, LDAPR) is ordered before later accesses",
    source: "Arm ARM DDI 0487, B2.3 Load-Acquire; aarch64.cat (herdtools7) bob [A|Q];po")

  func orders(_ pair: Pair) -> Bool {
    !pair.isSameInstruction && !pair.first.isStore
      && (pair.first.order == .acquire || pair.first.order == .acquirePC)
  }
}
