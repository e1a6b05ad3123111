public import Ordering
import Tables
import TraceCore

extension LitmusResult {
  /// States listed at most.
  private static let stateLimit = 200

  /// The result as herd prints one, and below each claim what decides it.
  public var text: String {
    var lines = ["Test " + test.program.name]
    if !test.program.title.isEmpty { lines.append(test.program.title) }
    lines += test.sources.map { "Source: " + $0 }
    let machine = MachineSwitch.all.filter {
      $0.value(in: test.options) != $0.value(in: ExplorerOptions())
    }
    if !machine.isEmpty {
      lines.append(
        "Machine: "
          + machine.map { $0.key + "=" + $0.value(in: test.options) }.joined(separator: " "))
    }
    lines.append("States \(states.count)")
    lines += states.prefix(Self.stateLimit).map(Self.line)
    if states.count > Self.stateLimit {
      lines.append("(\(states.count - Self.stateLimit) more states)")
    }
    for judgement in judgements { lines += self.lines(judgement) }
    return lines.joined(separator: "\n") + "\n"
  }

  /// One state, as in `P0:r0=1; ~(a -> b);`.
  private static func line(_ state: ObservedState) -> String {
    var shown: [String] = []
    for value in state.values {
      let isNot = value.hasPrefix("~") && value.contains(" ")
      let text = isNot ? "~(" + value.dropFirst() + ")" : value
      if !shown.contains(text) { shown.append(text) }
    }
    return shown.isEmpty ? "(nothing is observed)" : shown.joined(separator: "; ") + ";"
  }

  private func lines(_ judgement: Judgement) -> [String] {
    var lines = [
      (judgement.holds ? "Ok " : "No ") + judgement.claim.text + ": " + judgement.verdict
    ]
    let isWitness = judgement.witness != nil
    let verb = isWitness ? "permitted by " : "forbidden by "
    for rule in judgement.deciding {
      lines.append("   " + verb + rule.id + ": " + rule.title)
      lines.append(
        "     " + rule.source + (rule.status == .assumed ? " (assumed)" : ""))
    }
    if judgement.deciding.isEmpty { lines.append("   " + judgement.reason) }
    if judgement.untried > 0 {
      lines.append("   (not tried: \(judgement.untried) rules, too big without them)")
    }
    if let witness = judgement.witness {
      let word = judgement.claim.quantifier == .required ? "counter-example: " : "witness: "
      lines.append("   " + word + OutcomeText(test.program).line(witness))
    }
    return lines
  }

  /// Header of ``csvRows``.
  public static let csvHeader = "name,claim,expected,verdict,rule\n"

  /// One row a claim: the program, the condition, what the text expects, what was found, and the
  /// identifiers of the rules that decide, space-separated.
  public var csvRows: String {
    judgements.map { judgement in
      CSVText.row([
        test.program.name, judgement.claim.condition.canonicalText,
        judgement.claim.quantifier.word, judgement.verdict,
        judgement.deciding.map(\.id).joined(separator: " "),
      ]) + "\n"
    }.joined()
  }
}

extension RuleSet {
  /// The catalogue as CSV: `id,title,source,status,effect`.
  public static var catalogueCSV: String {
    "id,title,source,status,effect\n"
      + catalogue.map { rule in
        CSVText.row([
          rule.id, rule.title, rule.source, rule.status.rawValue, rule.effect.rawValue,
        ]) + "\n"
      }.joined()
  }
}
