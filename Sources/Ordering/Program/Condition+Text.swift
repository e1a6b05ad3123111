extension Condition {
  /// The condition as litmus files write it.
  public var text: String {
    switch self {
    case .yes: "true"
    case .arrivesBefore(let first, let second): "\(first) -> \(second)"
    case .together(let first, let second): "\(first) ~ \(second)"
    case .whole(let label): "whole(\(label))"
    case .arrives(let label): "arrives(\(label))"
    case .lost(let label): "lost(\(label))"
    case .faults(let label, let stage): "fault(\(label)\(stage.map { ",\($0)" } ?? ""))"
    case .forwarded(let label): "forwarded(\(label))"
    case .speculated(let label): "speculated(\(label))"
    case .value(let location, let value): "\(location)=\(value)"
    case .register(let agent, let name, let value): "\(agent):\(name)=\(value)"
    case .writes(let location, let count): "writes(\(location))=\(count)"
    case .reads(let location, let count): "reads(\(location))=\(count)"
    case .not(let inner): "not (\(inner.text))"
    case .and(let parts): parts.isEmpty ? "true" : Self.joined(parts, " /\\ ")
    case .or(let parts): parts.isEmpty ? "not (true)" : Self.joined(parts, " \\/ ")
    }
  }

  private static func joined(_ parts: [Condition], _ word: String) -> String {
    parts.map { $0.isCompound ? "(\($0.text))" : $0.text }.joined(separator: word)
  }

  private var isCompound: Bool {
    switch self {
    case .and, .or: true
    default: false
    }
  }
}
