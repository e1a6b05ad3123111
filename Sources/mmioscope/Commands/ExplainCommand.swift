import ArgumentParser
import Hazards
import PCIeModel
import Reporting
import YAMLInput

/// `explain`: the rules that findings come from.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "What a finding's code means, which rule allows it, and what to do about it.",
    discussion: """
      mmioscope explain
      mmioscope explain ORD001 RST004
      mmioscope explain --pcie-order

      Without codes: all of them, a line each.
      """)

  @Argument(help: "Codes, as findings have them.")
  var codes: [String] = []

  @Flag(help: "What PCIe keeps in order of what a driver does, pair by pair, as CSV.")
  var pcieOrder = false

  func validate() throws {
    if pcieOrder, !codes.isEmpty { throw ValidationError("--pcie-order goes without codes") }
  }

  func run() throws {
    if pcieOrder {
      try Console.output(OrderingConsequence.csv())
      return Console.note(OrderingConsequence.waitRule)
    }
    let rules = HazardRules.all()
    let lines: [String]
    if codes.isEmpty {
      lines = rules.map { RuleText($0).summary }
    } else {
      let chosen = try codes.map { code in
        guard let rule = rules.first(where: { $0.code == code.uppercased() }) else {
          throw ValidationError(
            "there is no rule '\(code)'"
              + didYouMean(code.uppercased(), among: rules.map(\.code))
              + "; explain without a code lists them")
        }
        return RuleText(rule).lines(width: Console.width, color: Console.usesColor)
      }
      lines = Array(chosen.joined(separator: [""]))
    }
    try Console.output(lines.map { $0 + "\n" }.joined())
  }
}

extension RuleText {
  fileprivate init(_ rule: any HazardRule) {
    self.init(
      code: rule.code, severity: rule.severity, meaning: rule.meaning, rule: rule.rule,
      advice: rule.advice,
      others: rule.others.map { Other(meaning: $0.meaning, rule: $0.rule, advice: $0.advice) })
  }
}
