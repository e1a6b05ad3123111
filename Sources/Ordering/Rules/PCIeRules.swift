import PCIeModel

/// PCIe's ordering table as rules that can be taken away: `pcie.C2a`, ...
enum PCIeRules {
  private static let prefix = "pcie."

  /// One a table entry; an entry that forbids passing forbids, every other permits.
  static let catalogue: [RuleInfo] = PCIeOrderingTable.rows.map { entry in
    RuleInfo(
      prefix + entry.code, entry.text, source: entry.source,
      effect: entry.verdict == .no ? .forbids : .permits)
  }

  /// The table less the entries taken away, and those of them that say "must be able to pass".
  ///
  /// The table makes such an entry free; here taking a permission away forbids.
  static func table(_ rules: RuleSet) -> (table: PCIeOrderingTable, withdrawn: Set<String>) {
    let removed = PCIeOrderingTable.rows.filter { !rules.has(prefix + $0.code) }
    let withdrawn = removed.filter { $0.verdict == .yes && $0.condition == .otherwise }.map(\.code)
    return (
      PCIeOrderingTable(without: Set(removed.map(\.code)).subtracting(withdrawn)), Set(withdrawn)
    )
  }
}
