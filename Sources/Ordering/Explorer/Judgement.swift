/// What the explorer says of a claim.
public struct Judgement: Sendable {
  public var claim: Claim
  /// The claim is true of all allowed outcomes.
  public var holds: Bool
  /// Some allowed outcome satisfies the condition.
  public var isReachable: Bool
  /// An outcome that satisfies the condition, or where it is required of all, one that does not.
  public var witness: Outcome?
  /// The rules that decide: taking any one of them away changes whether the condition is reachable.
  public var deciding: [RuleInfo]
  /// Rules that could not be tried so: without them the program is too big.
  public var untried: Int
  /// In a sentence.
  public var reason: String
}

/// One line of herd's `States`: what the conditions observe, and nothing else.
public struct ObservedState: Sendable, Hashable, Comparable {
  /// Names and values, in the order of the conditions.
  public var values: [String]

  public static func < (left: Self, right: Self) -> Bool {
    left.values.lexicographicallyPrecedes(right.values)
  }
}

extension Explorer {
  /// Checks a claim.
  ///
  /// - Parameter claim: The claim.
  /// - Returns: Whether it holds, a witness, and the rules that decide.
  /// - Throws: ``ProgramError`` where the program is too big or the claim names what it lacks.
  public func judge(_ claim: Claim) throws(ProgramError) -> Judgement {
    let sought = claim.quantifier == .required ? Condition.not(claim.condition) : claim.condition
    let witness = try witness(sought)
    let (deciding, untried) = deciding(sought, isReachable: witness != nil)
    let isReachable =
      claim.quantifier == .required ? try self.witness(claim.condition) != nil : witness != nil
    let holds =
      switch claim.quantifier {
      case .allowed: witness != nil
      case .forbidden: witness == nil
      case .required: witness == nil && isReachable
      }
    return Judgement(
      claim: claim, holds: holds, isReachable: isReachable, witness: witness, deciding: deciding,
      untried: untried,
      reason: reason(isFound: witness != nil, deciding))
  }

  /// Checks a claim, and says nothing of the rules that decide.
  ///
  /// - Parameter claim: The claim.
  /// - Returns: It holds.
  /// - Throws: ``ProgramError`` where the program is too big or the claim names what it lacks.
  public func holds(_ claim: Claim) throws(ProgramError) -> Bool {
    let isReachable = try witness(claim.condition) != nil
    switch claim.quantifier {
    case .allowed: return isReachable
    case .forbidden: return !isReachable
    case .required:
      guard isReachable else { return false }
      return try witness(.not(claim.condition)) == nil
    }
  }

  /// An allowed outcome that satisfies a condition; nil where there is none.
  ///
  /// - Parameter condition: What it has to satisfy.
  /// - Returns: The outcome.
  /// - Throws: ``ProgramError`` where the program is too big or lacks what the condition names.
  public func witness(_ condition: Condition) throws(ProgramError) -> Outcome? {
    var found: Outcome?
    try search([condition]) { end in
      guard end.holds(condition) else { return true }
      found = end.machine.outcome(end.state, arrivals: end.arrivals())
      return false
    }
    return found
  }

  /// Moves that a search without a rule may take, so that dozens of searches take seconds.
  private static let trialBudget = 100_000
  /// Searches that may be given up; the others are taken to be as long.
  ///
  /// A move of a program with many bytes under way takes long itself.
  private static let trialsGivenUp = 3

  private func deciding(
    _ condition: Condition, isReachable: Bool
  ) -> (rules: [RuleInfo], untried: Int) {
    let effect: RuleInfo.Effect = isReachable ? .permits : .forbids
    var options = options
    options.budget = min(options.budget, Self.trialBudget)
    var deciding: [RuleInfo] = []
    var untried = 0
    for info in RuleSet.catalogue where info.effect == effect && rules.has(info.id) {
      guard untried < Self.trialsGivenUp,
        let other = try? Explorer(program, rules: rules.without(info.id), options: options),
        let isOther = try? other.witness(condition) != nil
      else {
        untried += 1
        continue
      }
      if isOther != isReachable { deciding.append(info) }
    }
    return (deciding, untried)
  }

  private func reason(isFound: Bool, _ deciding: [RuleInfo]) -> String {
    let rules = deciding.map { "\($0.id): \($0.title) (\($0.source))" }.joined(separator: "; ")
    if isFound {
      return deciding.isEmpty ? "permitted: no rule forbids it" : "permitted by " + rules
    }
    return deciding.isEmpty
      ? "forbidden by more than one rule at once, or by definition" : "forbidden by " + rules
  }

  /// What the conditions can observe together, each combination once.
  ///
  /// - Parameter conditions: The conditions; their atoms are observed.
  /// - Returns: The combinations, sorted.
  /// - Throws: ``ProgramError`` where the program is too big or lacks what a condition names.
  public func states(observing conditions: [Condition]) throws(ProgramError) -> [ObservedState] {
    var states: Set<ObservedState> = []
    try search(conditions) { end in
      states.insert(
        ObservedState(values: end.watch.atoms.map { end.observed($0) }))
      return true
    }
    return states.sorted()
  }
}

extension End {
  /// What is seen of an atom: its value where it has one, else whether it is so.
  fileprivate func observed(_ atom: Condition) -> String {
    switch atom {
    case .value(let name, _):
      let location = machine.scene.program.locations.firstIndex { $0.name == name } ?? 0
      return "\(name)=\(machine.memory.value(of: location, state))"
    case .register(let agent, let name, _):
      return "\(agent):\(name)=" + (machine.register(name, agent, state).map { "\($0)" } ?? "-")
    default: return (holds(atom) ? "" : "~") + atom.text
    }
  }
}
