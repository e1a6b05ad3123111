/// Accesses to one location with different attributes may be reordered, whatever their types are.
///
/// A location is any byte of the coherency granule; the explorer's line is taken for it. The text
/// also lets a location lose the properties of its type while several agents use it; the architects'
/// private reading, which the KVM series relies on, limits the damage to the order between the
/// streams. That reading is taken here.
struct AliasReordering: Permission {
  static let id = "arm.alias"
  let info = RuleInfo(
    AliasReordering.id,
    "Accesses to one granule with different attributes may be reordered, unless a DMB is between",
    source: "Arm ARM DDI 0487, B2.11 Mismatched memory attributes", effect: .permits)
}

extension Pair {
  /// One granule through two sets of attributes, with nothing between that keeps their order.
  var isLooseAlias: Bool {
    guard isSamePeripheral, first.type != second.type || first.xs != second.xs,
      scene.rules.has(AliasReordering.id)
    else { return false }
    return sharesGranule && !scene.isBarrierOrdered(first, second)
  }

  private var sharesGranule: Bool {
    let granule = UInt64(scene.options.lineBytes)
    return first.addresses.lowerBound / granule <= (second.addresses.upperBound - 1) / granule
      && second.addresses.lowerBound / granule <= (first.addresses.upperBound - 1) / granule
  }
}
