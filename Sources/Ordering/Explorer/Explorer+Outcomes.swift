extension Explorer {
  /// All outcomes, or the first ones.
  ///
  /// - Parameter limit: Most outcomes to list.
  /// - Returns: Outcomes, each once, and whether they are all.
  /// - Throws: ``ProgramError`` where the program is too big.
  public func outcomes(
    limit: Int
  ) throws(ProgramError) -> (outcomes: [Outcome], isComplete: Bool) {
    var listed: [Outcome] = []
    var known: Set<Outcome> = []
    for machine in try machines(speculates: false, joinsTwins: false) {
      var budget = options.budget
      let isComplete = try list(machine, machine.start, [], &budget) { outcome in
        guard known.insert(outcome).inserted else { return true }
        guard listed.count < limit else { return false }
        listed.append(outcome)
        return true
      }
      if !isComplete { return (listed, false) }
    }
    return (listed, true)
  }

  /// Every path, without joining those that meet.
  private func list(
    _ machine: Machine, _ state: MachineState, _ arrivals: [UInt64], _ budget: inout Int,
    _ body: (Outcome) -> Bool
  ) throws(ProgramError) -> Bool {
    if state.done == machine.complete {
      return body(machine.outcome(state, arrivals: arrivals))
    }
    budget -= 1
    guard budget > 0 else { return false }
    var goesOn = true
    var left = budget
    try machine.forEachMove(state) { (move) throws(ProgramError) in
      guard goesOn else { return }
      let next = machine.apply(move, to: state)
      guard machine.violation(move, next) == nil else { return }
      let isArrival = move.milestone == .arrive
      goesOn = try list(
        machine, next, isArrival ? arrivals + [move.effects] : arrivals, &left, body)
    }
    budget = left
    return goesOn
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
