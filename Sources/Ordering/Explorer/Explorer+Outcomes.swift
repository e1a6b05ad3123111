/// Outcomes of a program, each once.
public struct OutcomeList: Sendable {
  /// Why there are no more of them.
  public enum End: Sendable, Equatable {
    /// There are no others.
    case complete
    /// There is at least one other.
    case limit
    /// ``ExplorerOptions/budget`` is used up; there may be others.
    case budget
  }

  public internal(set) var outcomes: [Outcome] = []
  public internal(set) var end = End.complete

  public var isComplete: Bool { end == .complete }

  /// Why a search was given up, as the beginning of a sentence.
  public static let tooManyMoves = "more moves than the budget allows"
}

extension Explorer {
  /// All outcomes, or the first ones.
  ///
  /// They are found path by path, so that the first ones come at once however many there are.
  ///
  /// - Parameter limit: Most outcomes to list.
  /// - Returns: The outcomes, and whether they are all.
  /// - Throws: ``ProgramError`` where the program is too big.
  public func outcomes(limit: Int) throws(ProgramError) -> OutcomeList {
    var listing = Listing(limit: limit, budget: options.budget)
    for machine in try machines(speculates: false, joinsTwins: false) {
      guard try listing.follow(machine) else { break }
    }
    return listing.list
  }
}

/// Depth-first over the paths of machines; those with equal arrivals that meet are followed once.
private struct Listing {
  private struct Node: Hashable {
    var state: MachineState
    var arrivals: [UInt64]
  }

  private let limit: Int
  /// Moves left.
  private var budget: Int
  private(set) var list = OutcomeList()
  private var known: Set<Outcome> = []
  private var visited: Set<Node> = []

  init(limit: Int, budget: Int) {
    self.limit = limit
    self.budget = budget
  }

  /// - Returns: False where the list has come to its end.
  mutating func follow(_ machine: Machine) throws(ProgramError) -> Bool {
    visited = []
    return try follow(Node(state: machine.start, arrivals: []), machine)
  }

  private mutating func follow(_ node: Node, _ machine: Machine) throws(ProgramError) -> Bool {
    if node.state.done == machine.complete {
      return add(machine.outcome(node.state, arrivals: node.arrivals))
    }
    return try machine.forEachMove(node.state) { (move) throws(ProgramError) in
      guard budget > 0 else {
        list.end = .budget
        return false
      }
      budget -= 1
      var next = Node(state: machine.apply(move, to: node.state), arrivals: node.arrivals)
      guard machine.violation(move, next.state) == nil else { return true }
      if move.milestone == .arrive { next.arrivals.append(move.effects) }
      guard visited.insert(next).inserted else { return true }
      return try follow(next, machine)
    }
  }

  private mutating func add(_ outcome: Outcome) -> Bool {
    guard known.insert(outcome).inserted else { return true }
    guard list.outcomes.count < limit else {
      list.end = .limit
      return false
    }
    list.outcomes.append(outcome)
    return true
  }
}

extension Machine {
  /// The end of a path in the program's own words.
  func outcome(_ state: MachineState, arrivals: [UInt64]) -> Outcome {
    var outcome = Outcome()
    outcome.arrivals = arrivals.map { transaction($0, state) }
    let program = scene.program
    for (index, site) in scene.layout.sites.enumerated() {
      let agent = program.agents[site.agent].name
      if let name = site.access.register, let value = register(name, agent, state) {
        outcome.registers[agent + ":" + name] = value
      }
      if let stage = site.faultStage { outcome.faults[site.access.label] = stage }
      if scene.variant.forwards[index] != nil { outcome.forwarded.append(site.access.label) }
      if scene.blocked.contains(index) { outcome.blocked.append(site.access.label) }
    }
    for (index, location) in program.locations.enumerated() {
      outcome.values[location.name] = memory.value(of: index, state)
    }
    return outcome
  }

  func transaction(_ effects: UInt64, _ state: MachineState) -> Transaction {
    let first = scene.effects[effects.trailingZeroBitCount]
    let kind: Transaction.Kind =
      switch (first.kind, first.isStore) {
      case (.config, true): .configWrite
      case (.config, false): .configRead
      case (_, true): .write
      case (_, false): .read
      }
    var result = Transaction(
      kind: kind, agent: scene.program.agents[first.agent].name,
      peripheral: scene.program.peripherals[first.peripheral].name)
    for index in effects.bits {
      let effect = scene.effects[index]
      let label = scene.site(of: effect).access.label
      // Neighbouring pieces of one access read as one.
      if let last = result.parts.last, last.label == label,
        last.address + UInt64(last.size) == effect.address
      {
        result.parts[result.parts.count - 1].size += effect.size
      } else {
        result.parts.append(
          Transaction.Part(label: label, address: effect.address, size: effect.size))
      }
    }
    result.isLost = effects & state.lost != 0
    result.isSpeculative = first.isSpeculative
    return result
  }
}
