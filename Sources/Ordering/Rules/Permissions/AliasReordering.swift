/// Accesses to the same bytes with different attributes may be reordered.
///
/// The text also lets a location lose the properties of its type while several agents use it; the
/// architects' private reading, which the KVM series relies on, limits the damage to the order
/// between the streams. That reading is taken for other bytes, this rule for the same ones.
struct AliasReordering: Permission {
  let info = RuleInfo(
    "arm.alias",
    "Accesses to the same bytes with different attributes may be reordered, unless a DMB is between",
    source: "Arm ARM DDI 0487, B2.11 Mismatched memory attributes", effect: .permits)
}
