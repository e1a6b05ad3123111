/// A load may be served from the buffer of an earlier store of the same agent.
///
/// Such a load never arrives. From coherent memory it may come always, and then orders nothing before
/// itself (rfi is not in Ordered-before); from a Gathering type not where a barrier, or an acquire
/// behind a release, orders the two, nor from a store-release.
struct Forwarding: Permission {
  static let id = "arm.forwarding"
  let info = RuleInfo(
    Forwarding.id,
    "A load may be served from the buffer of an earlier store; on GRE and Normal-NC unless ordered",
    source: "Arm ARM DDI 0487, B2.10.2.1 Gathering, note; aarch64.cat (herdtools7) ob, without rfi",
    effect: .permits)
}

extension Scene {
  /// A load of a peripheral is served by a store that it is Barrier-ordered behind.
  var forwardsAcrossBarrier: Bool {
    effects.contains { load in
      guard let store = load.forwardedFrom, load.kind == .mmio else { return false }
      return effectsOf[store].bits.contains { barrierFollowers(of: $0).has(load.index) }
    }
  }

  /// Effects Barrier-ordered behind one, directly or not.
  private func barrierFollowers(of effect: Int) -> UInt64 {
    var found = barrierAfter(effect)
    var done: UInt64 = 0
    while found & ~done != 0 {
      let next = (found & ~done).trailingZeroBitCount
      done |= 1 << UInt64(next)
      found |= barrierAfter(next)
    }
    return found
  }
}
