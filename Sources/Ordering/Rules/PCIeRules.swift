import PCIeModel

/// PCIe's ordering table as rules that can be taken away.
enum PCIeRules {
  static let catalogue: [RuleInfo] = []
}
