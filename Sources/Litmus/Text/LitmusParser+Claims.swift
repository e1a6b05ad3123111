import Ordering
import TraceCore

/// The lines below the table: quantifiers and conditions.
extension LitmusParser {
  /// Conditions within conditions at most.
  static let depthLimit = 64

  private static let quantifiers: [String: Quantifier] = [
    "allowed": .allowed, "exists": .allowed, "forbidden": .forbidden, "required": .required,
    "forall": .required,
  ]

  static let quantifierNames = quantifiers.keys.sorted()

  static func isQuantifier(_ word: String) -> Bool { quantifiers[word.lowercased()] != nil }

  mutating func claims(about program: Program) throws(TraceError) -> [Claim] {
    var claims: [Claim] = []
    repeat {
      let quantifier = try quantifier()
      claims.append(Claim(quantifier, try disjunction(program, depth: 0)))
    } while token.kind != .end && !token.isWord("mmio")
    return claims
  }

  private mutating func quantifier() throws(TraceError) -> Quantifier {
    if try skipSymbol("~") {
      guard try skipWord("exists") else { throw expected("'exists' after '~'") }
      return .forbidden
    }
    guard token.kind == .word, let quantifier = Self.quantifiers[token.text.lowercased()] else {
      throw expected("'allowed', 'forbidden' or 'required'")
    }
    try advance()
    return quantifier
  }

  // MARK: Conditions

  private mutating func disjunction(
    _ program: Program, depth: Int
  ) throws(TraceError) -> Condition {
    var parts = [try conjunction(program, depth: depth)]
    while token.isSymbol("\\/") || token.isWord("or") {
      try advance()
      parts.append(try conjunction(program, depth: depth))
    }
    return parts.count == 1 ? parts[0] : .or(parts)
  }

  private mutating func conjunction(
    _ program: Program, depth: Int
  ) throws(TraceError) -> Condition {
    var parts = [try negation(program, depth: depth)]
    while token.isSymbol("/\\") || token.isWord("and") {
      try advance()
      parts.append(try negation(program, depth: depth))
    }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private mutating func negation(
    _ program: Program, depth: Int
  ) throws(TraceError) -> Condition {
    guard depth < Self.depthLimit else {
      throw scanner.error(
        "conditions nest deeper than \(Self.depthLimit) levels", at: token.offset)
    }
    if token.isSymbol("~") || token.isWord("not") {
      try advance()
      return .not(try negation(program, depth: depth + 1))
    }
    if try skipSymbol("(") {
      let condition = try disjunction(program, depth: depth + 1)
      try takeSymbol(")")
      return condition
    }
    return try atom(program)
  }

  private mutating func atom(_ program: Program) throws(TraceError) -> Condition {
    if try skipSymbol("[") {
      let location = try takeName("a location")
      try takeSymbol("]")
      return try finalValue(location, program)
    }
    let name = try takeName("a condition")
    if name.kind == .word {
      if name.isWord("true") { return .yes }
      if token.isSymbol("(") { return try function(name, program) }
    }
    switch token.text {
    case "->" where token.kind == .symbol:
      try advance()
      return .arrivesBefore(
        try label(name, program), try label(takeName("a label"), program))
    case "~" where token.kind == .symbol:
      try advance()
      return .together(
        try label(name, program), try label(takeName("a label"), program))
    case "=" where token.kind == .symbol: return try finalValue(name, program)
    case ":" where token.kind == .symbol:
      try advance()
      return try register(of: name, program)
    default: throw expected("'->', '~', '=', ':' or '(' after \(name.shown)")
    }
  }

  private mutating func function(
    _ name: Token, _ program: Program
  ) throws(TraceError) -> Condition {
    let names = [
      "whole", "arrives", "lost", "fault", "forwarded", "speculated", "writes", "reads",
    ]
    guard names.contains(name.text) else {
      throw scanner.error(
        "unknown condition \(name.shown)" + suggestion(for: name.text, in: names),
        at: name.offset)
    }
    try takeSymbol("(")
    if name.text == "writes" || name.text == "reads" {
      let location = try location(takeName("a location"), program)
      try takeSymbol(")")
      try takeSymbol("=")
      let count = Int(try takeNumber("a count", 0...0xffff))
      return name.text == "writes"
        ? .writes(location: location, count) : .reads(location: location, count)
    }
    let label = try label(takeName("a label"), program)
    var stage: Int?
    if name.text == "fault", try skipSymbol(",") {
      stage = Int(try takeNumber("a stage, 1 or 2", 1...2))
    }
    try takeSymbol(")")
    switch name.text {
    case "whole": return .whole(label)
    case "arrives": return .arrives(label)
    case "lost": return .lost(label)
    case "fault": return .faults(label, stage: stage)
    case "forwarded": return .forwarded(label)
    default: return .speculated(label)
    }
  }

  private mutating func finalValue(
    _ name: Token, _ program: Program
  ) throws(TraceError) -> Condition {
    let location = try location(name, program)
    try takeSymbol("=")
    return .value(location: location, try takeNumber("a value"))
  }

  /// `P0:r0=1`; herd's `0:r0=1` means the first column.
  private mutating func register(
    of agentName: Token, _ program: Program
  ) throws(TraceError) -> Condition {
    let agent = try agent(agentName, program)
    let register = try takeName("a register")
    let known = agent.loadedRegisters
    guard known.contains(register.text) else {
      throw scanner.error(
        "agent '\(clipped(agent.name))' loads no register \(register.shown)"
          + suggestion(for: register.text, in: known), at: register.offset)
    }
    try takeSymbol("=")
    return .register(agent: agent.name, register.text, try takeNumber("a value"))
  }

  // MARK: Names

  private func agent(_ name: Token, _ program: Program) throws(TraceError) -> Agent {
    if let agent = program.agents.first(where: { $0.name == name.text }) { return agent }
    if name.kind == .word, let index = Int(name.text), program.agents.indices.contains(index) {
      return program.agents[index]
    }
    throw scanner.error(
      "unknown agent \(name.shown)"
        + suggestion(for: name.text, in: program.agents.map(\.name)), at: name.offset)
  }

  private func label(_ name: Token, _ program: Program) throws(TraceError) -> String {
    let labels = program.labels
    guard labels.contains(name.text) else {
      throw scanner.error(
        "no access is labelled \(name.shown)" + suggestion(for: name.text, in: labels),
        at: name.offset)
    }
    return name.text
  }

  private func location(_ name: Token, _ program: Program) throws(TraceError) -> String {
    let names = program.locations.map(\.name)
    guard names.contains(name.text) else {
      throw scanner.error(
        "unknown location \(name.shown)" + suggestion(for: name.text, in: names),
        at: name.offset)
    }
    return name.text
  }
}

extension Agent {
  var accesses: [Access] {
    instructions.compactMap { if case .access(let access) = $0 { access } else { nil } }
  }

  var loadedRegisters: [String] { accesses.compactMap(\.register) }
}

extension Program {
  var accesses: [Access] { agents.flatMap(\.accesses) }

  var labels: [String] { accesses.map(\.label) }
}
