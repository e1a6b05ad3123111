/// Why a sequence of transactions is not an allowed outcome.
public struct Refusal: Sendable, Equatable {
  /// Index of the first transaction that cannot arrive where it does.
  public var position: Int
  /// In words: what it would have to wait for, and by which rule.
  public var reason: String
}

extension Explorer {
  /// Checks one sequence of arrivals, without listing the others.
  ///
  /// Costs as many steps as there are transactions, so that it serves programs far too big to be
  /// explored; only the direct fabric is checked, and no forwarding or speculation.
  ///
  /// - Parameter arrivals: The transactions in the order of their arrival; each part is some bytes of
  ///   an access.
  /// - Returns: Why it is not allowed; nil where it is.
  /// - Throws: ``ProgramError`` where the program is too big, or a part is not in the program.
  public func refusal(of arrivals: [[Transaction.Part]]) throws(ProgramError) -> Refusal? {
    let machine = try Machine(Scene(layout, Variant(cuts: layout.noCuts)))
    var state = machine.start
    for (position, parts) in arrivals.enumerated() {
      var effects: UInt64 = 0
      for part in parts { effects |= try self.effects(of: part, machine.scene) }
      if let reason = machine.obstacle(effects, state) {
        return Refusal(position: position, reason: reason)
      }
      let move = Machine.Move(effects: effects, milestone: .arrive)
      state = machine.apply(move, to: state)
      if let rule = machine.violation(move, state) {
        return Refusal(
          position: position,
          reason: "\(machine.label(effects.trailingZeroBitCount)) comes where what the agents "
            + "observed forbids it: \(rule)")
      }
    }
    guard state.done == machine.complete else {
      let missing = (machine.complete & ~state.done).trailingZeroBitCount
      let label = machine.scene.site(of: machine.scene.effects[machine.steps[missing].effect])
        .access.label
      return Refusal(position: arrivals.count, reason: "\(label) never arrives")
    }
    return nil
  }

  private func effects(
    of part: Transaction.Part, _ scene: Scene
  ) throws(ProgramError) -> UInt64 {
    guard let site = layout.labels[part.label] else {
      throw ProgramError("no access is called \(part.label)")
    }
    let bytes = part.address..<part.address + UInt64(part.size)
    var mask: UInt64 = 0
    for index in scene.effectsOf[site].bits where scene.effects[index].addresses.overlaps(bytes) {
      guard bytes.contains(scene.effects[index].addresses) else {
        throw ProgramError("part of \(part.label) cuts through an indivisible access")
      }
      mask |= 1 << UInt64(index)
    }
    guard mask != 0 else { throw ProgramError("\(part.label) has no such bytes") }
    return mask
  }
}

extension Machine {
  /// Why these effects cannot arrive together now; nil where they can.
  fileprivate func obstacle(_ effects: UInt64, _ state: MachineState) -> String? {
    for effect in effects.bits {
      if state.arrived.has(effect) { return "\(label(effect)) has arrived before" }
      for other in effects.bits where other != effect && !companions[effect].has(other) {
        return "\(label(effect)) and \(label(other)) may not be one transaction"
      }
      let step = steps[step(effect, .arrive)]
      let own = steps(of: effects, .arrive)
      let missing = step.before & ~state.done | step.beforeOrWith & ~(state.done | own)
      if missing != 0 {
        let first = steps[missing.trailingZeroBitCount].effect
        return "\(label(first)) arrives before \(label(effect)): \(rules(first, effect))"
      }
    }
    return nil
  }

  fileprivate func label(_ effect: Int) -> String {
    scene.site(of: scene.effects[effect]).access.label
  }

  /// Rules that order the two effects, directly.
  private func rules(_ first: Int, _ second: Int) -> String {
    let names = graph.edges.filter {
      $0.from / OrderGraph.milestones == first && $0.to / OrderGraph.milestones == second
    }
    .map(\.rule)
    return names.isEmpty ? "by several rules" : Set(names).sorted().joined(separator: ", ")
  }
}

extension Layout {
  /// No mapping was taken away before an access of another agent.
  var noCuts: [[Int]] {
    unmaps.map { _ in program.agents.map { $0.instructions.count } }
  }
}

extension Range<UInt64> {
  fileprivate func contains(_ other: Range<UInt64>) -> Bool {
    lowerBound <= other.lowerBound && upperBound >= other.upperBound
  }
}

extension Explorer {
  /// Accesses that fault in every outcome, with the stage.
  public var faults: [String: Int] {
    var faults: [String: Int] = [:]
    for site in layout.sites { faults[site.access.label] = site.faultStage }
    return faults
  }
}
