import Ordering

extension Condition {
  /// As in a text: `a -> b /\ ~(P0:r0=1)`.
  var canonicalText: String { text(within: 0) }

  /// How tightly the parts hold together: or 0, and 1, the rest 2.
  private func text(within level: Int) -> String {
    switch self {
    case .or(let parts): Self.joined(parts, " \\/ ", level: 0, within: level, empty: "~(true)")
    case .and(let parts): Self.joined(parts, " /\\ ", level: 1, within: level, empty: "true")
    case .not(let part): "~(" + part.canonicalText + ")"
    default: atomText
    }
  }

  private static func joined(
    _ parts: [Condition], _ word: String, level: Int, within outer: Int, empty: String
  ) -> String {
    guard parts.count > 1 else { return parts.first?.text(within: outer) ?? empty }
    let text = parts.map { $0.text(within: level + 1) }.joined(separator: word)
    return outer > level ? "(" + text + ")" : text
  }

  private var atomText: String {
    switch self {
    case .arrivesBefore(let first, let second): name(first) + " -> " + name(second)
    case .together(let first, let second): name(first) + " ~ " + name(second)
    case .whole(let label): "whole(" + name(label) + ")"
    case .arrives(let label): "arrives(" + name(label) + ")"
    case .lost(let label): "lost(" + name(label) + ")"
    case .faults(let label, let stage):
      "fault(" + name(label) + (stage.map { ",\($0)" } ?? "") + ")"
    case .forwarded(let label): "forwarded(" + name(label) + ")"
    case .speculated(let label): "speculated(" + name(label) + ")"
    case .value(let location, let value): "[" + name(location) + "]=" + number(value)
    case .register(let agent, let register, let value):
      name(agent) + ":" + name(register) + "=" + number(value)
    case .writes(let location, let count): "writes(" + name(location) + ")=\(count)"
    case .reads(let location, let count): "reads(" + name(location) + ")=\(count)"
    case .yes, .not, .and, .or: "true"
    }
  }
}
