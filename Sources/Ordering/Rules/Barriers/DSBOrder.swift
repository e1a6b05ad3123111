import TraceCore

/// A DSB orders what it waits for before everything behind it.
///
/// The arrival rule speaks of Barrier-ordered-before, and the current model gives DSB a relation of
/// its own; a DSB is taken as at least a DMB SY for the accesses that it waits for: nothing behind
/// it is begun before they are complete, loads no more than stores.
struct DSBOrder: BarrierRule {
  let info = RuleInfo(
    "arm.bob.dsb",
    "A DSB orders all it waits for, ST earlier stores, LD earlier loads, before what follows",
    source: "Arm ARM DDI 0487, B2.3 DSB; aarch64hwreqs.cat (herdtools7) DSB-ob; B2.4.1 names "
      + "Barrier-ordered-before only",
    status: .assumed)

  func orders(_ pair: Pair) -> Bool {
    pair.has(.dsbSY) || pair.has(pair.first.isStore ? .dsbST : .dsbLD)
  }
}
