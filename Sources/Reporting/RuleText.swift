public import Results

/// A rule that findings come from, for the terminal.
public struct RuleText {
  private let code: String
  private let severity: Finding.Severity
  private let meaning: String
  private let rule: String
  private let advice: String
  private let others: [Other]

  /// What stands under the same code, too; nil where the words of the whole hold.
  public struct Other {
    let meaning: String
    let rule: String?
    let advice: String?

    public init(meaning: String, rule: String?, advice: String?) {
      self.meaning = meaning
      self.rule = rule
      self.advice = advice
    }
  }

  /// - Parameters:
  ///   - code: `ORD001`, ...
  ///   - severity: Of most of its findings.
  ///   - meaning: What it finds.
  ///   - rule: What allows that, with its source.
  ///   - advice: What to do about it.
  ///   - others: Kinds under the same code with a rule or an advice of their own.
  public init(
    code: String, severity: Finding.Severity, meaning: String, rule: String, advice: String,
    others: [Other] = []
  ) {
    self.others = others
    self.code = code
    self.severity = severity
    self.meaning = meaning
    self.rule = rule
    self.advice = advice
  }

  /// One line.
  public var summary: String { "\(code)  \(padded(severity.rawValue, to: 7))  \(meaning)" }

  /// Everything; lines without their ends.
  public func lines(width: Int, color: Bool) -> [String] {
    let head = Style.strong.applied(to: code, color: color)
    return wrapped("\(head) (\(severity.rawValue)): \(meaning)", width: width)
      + Self.entry("rule:", rule, width) + Self.entry("to do:", advice, width)
      + others.flatMap { other in
        Self.entry("or:", other.meaning, width)
          + (other.rule.map { Self.entry("rule:", $0, width) } ?? [])
          + (other.advice.map { Self.entry("to do:", $0, width) } ?? [])
      }
  }

  private static func entry(_ title: String, _ text: String, _ width: Int) -> [String] {
    let margin = 9
    return wrapped(text, width: max(40, width - margin)).enumerated().map { index, line in
      padded(index == 0 ? "  " + title : "", to: margin) + line
    }
  }
}
