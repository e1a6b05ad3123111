import TraceCore

/// A DSB orders at least what the DMB of the same type does.
///
/// The arrival rule speaks of Barrier-ordered-before, and the current model gives DSB a relation of
/// its own; a DSB is taken as at least a DMB.
struct DSBOrder: BarrierRule {
  let info = RuleInfo(
    "arm.bob.dsb", "A DSB orders at least what a DMB of its access type orders",
    source: "Arm ARM DDI 0487, B2.3 DSB; B2.4.1 names Barrier-ordered-before only",
    status: .assumed)

  func orders(_ pair: Pair) -> Bool {
    if pair.has(.dsbSY) { return true }
    if pair.has(.dsbLD) { return !pair.first.isStore || (pair.has(.dsbST) && pair.second.isStore) }
    return pair.has(.dsbST) && pair.first.isStore && pair.second.isStore
  }
}
