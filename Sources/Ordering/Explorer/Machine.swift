import PCIeModel

/// A scene made ready to be stepped: what can happen next, after what has happened.
///
/// A step moves a *carrier*, one or several effects in one transaction, over one milestone:
/// into the fabric, to the endpoint, or (a completion) back. Milestones that nothing can see are
/// folded into the order of those that are stepped.
struct Machine: Sendable {
  /// One thing that can happen to an effect.
  struct Step: Sendable {
    var effect: Int
    var milestone: Milestone
    /// Steps that must have happened before, and those that may happen in the same transaction.
    var before: UInt64 = 0
    var beforeOrWith: UInt64 = 0
  }

  let scene: Scene
  let graph: OrderGraph
  private(set) var steps: [Step] = []
  /// Step of each effect's milestone, or -1.
  private var stepOf: [Int] = []
  /// Effects that each effect may be in one transaction with.
  private(set) var companions: [UInt64] = []
  /// For each effect, those that nothing tells apart from it and itself; see ``Twins``.
  private var twins: [UInt64] = []
  let fabric: Fabric
  let external: ExternalVisibility?
  let memory: MemoryImage

  /// - Parameters:
  ///   - scene: The effects and their relations.
  ///   - joinsTwins: Of orders that differ in parts alike, one is followed.
  /// - Throws: ``ProgramError`` where there are too many steps.
  init(_ scene: Scene, joinsTwins: Bool = false) throws(ProgramError) {
    self.scene = scene
    graph = OrderGraph(scene)
    fabric = Fabric(scene)
    external = ExternalVisibility(scene)
    memory = MemoryImage(scene)
    stepOf = Array(repeating: -1, count: scene.effects.count * OrderGraph.milestones)
    for effect in scene.effects { addSteps(of: effect) }
    guard steps.count <= 64 else {
      throw ProgramError("\(steps.count) steps; at most 64 can be explored")
    }
    order()
    let rules = scene.rules.gathering
    companions = scene.effects.indices.map { first in
      var mask: UInt64 = 0
      for second in scene.effects.indices
      where second != first && scene.mayGather(first, second, rules) {
        mask |= 1 << UInt64(second)
      }
      return mask
    }
    twins =
      joinsTwins
      ? Twins(scene, steps, companions).sets : scene.effects.map { 1 << UInt64($0.index) }
  }

  private mutating func addSteps(of effect: Effect) {
    guard effect.kind != .unmap, effect.forwardedFrom == nil else { return }
    if scene.isBehindPCIe(effect) { add(effect.index, .ingress) }
    add(effect.index, .arrive)
    if fabric.returns(effect) { add(effect.index, .complete) }
  }

  private mutating func add(_ effect: Int, _ milestone: Milestone) {
    stepOf[OrderGraph.node(effect, milestone)] = steps.count
    steps.append(Step(effect: effect, milestone: milestone))
  }

  /// The order of the graph, seen from the steps alone.
  private mutating func order() {
    for first in steps.indices {
      let from = OrderGraph.node(steps[first].effect, steps[first].milestone)
      for second in steps.indices where second != first {
        let to = OrderGraph.node(steps[second].effect, steps[second].milestone)
        if graph.strictlyAfter[from].contains(to) { steps[second].before |= 1 << UInt64(first) }
      }
    }
    for edge in graph.edges where edge.orTogether && edge.from != edge.to {
      let (first, second) = (stepOf[edge.from], stepOf[edge.to])
      guard first >= 0, second >= 0, steps[first].effect != steps[second].effect else { continue }
      steps[second].beforeOrWith |= 1 << UInt64(first)
    }
  }

  /// Everything has happened.
  var complete: UInt64 { steps.count == 64 ? .max : (1 << UInt64(steps.count)) - 1 }

  func step(_ effect: Int, _ milestone: Milestone) -> Int {
    stepOf[OrderGraph.node(effect, milestone)]
  }

  /// Steps of a set of effects at one milestone.
  func steps(of effects: UInt64, _ milestone: Milestone) -> UInt64 {
    var mask: UInt64 = 0
    for effect in effects.bits { mask |= 1 << UInt64(step(effect, milestone)) }
    return mask
  }

  // MARK: Moves

  /// Something that can happen now.
  struct Move {
    /// Effects moved, in one transaction.
    var effects: UInt64
    var milestone: Milestone
  }

  /// Calls `body` with each move that is possible, until it returns false.
  ///
  /// - Returns: False where `body` stopped it.
  @discardableResult
  func forEachMove(
    _ state: MachineState, _ body: (Move) throws(ProgramError) -> Bool
  ) throws(ProgramError) -> Bool {
    var seen: UInt64 = 0
    for index in steps.indices where !state.done.has(index) {
      let step = steps[index]
      guard step.before & ~state.done == 0, !seen.has(index) else { continue }
      switch step.milestone {
      case .arrive where scene.isBehindPCIe(scene.effects[step.effect]), .complete:
        // A carrier that is in the fabric moves as it is.
        guard let carrier = state.flight.first(where: { $0.effects.has(step.effect) }),
          fabric.mayLeave(carrier, state.flight)
        else { continue }
        seen |= steps(of: carrier.effects, step.milestone)
        let move = Move(effects: carrier.effects, milestone: step.milestone)
        if isReady(move, state), try !body(move) { return false }
      default:
        if try !forEachCarrier(index, state, body) { return false }
      }
    }
    return true
  }

  private func isReady(_ move: Move, _ state: MachineState) -> Bool {
    let own = steps(of: move.effects, move.milestone)
    for effect in move.effects.bits {
      let step = steps[step(effect, move.milestone)]
      if step.before & ~state.done != 0 || step.beforeOrWith & ~(state.done | own) != 0 {
        return false
      }
    }
    return true
  }

  /// Effects that have come to where Arm's rules stop.
  private func reached(_ state: MachineState) -> UInt64 {
    var mask: UInt64 = 0
    for effect in scene.effects {
      let step = step(effect.index, scene.arrivalMilestone(effect))
      if step >= 0, state.done.has(step) { mask |= 1 << UInt64(effect.index) }
    }
    return mask
  }

  /// Every set of effects, the first of which is this step's, that can form a transaction now.
  private func forEachCarrier(
    _ index: Int, _ state: MachineState, _ body: (Move) throws(ProgramError) -> Bool
  ) throws(ProgramError) -> Bool {
    let step = steps[index]
    let lower = twins[step.effect] & ((1 << UInt64(step.effect)) - 1)
    guard steps(of: lower, step.milestone) & ~state.done == 0,
      let needs = needs(step, state)
    else { return true }
    // Effects with higher numbers alone, so that each set comes up once.
    var candidates = companions[step.effect] & ~((2 << UInt64(step.effect)) &- 1)
    var needsOf = Array(repeating: UInt64(0), count: scene.effects.count)
    for other in candidates.bits {
      let otherStep = self.step(other, step.milestone)
      if otherStep >= 0, !state.done.has(otherStep), steps[otherStep].before & ~state.done == 0,
        let needs = self.needs(steps[otherStep], state)
      {
        needsOf[other] = needs
      } else {
        candidates &= ~(1 << UInt64(other))
      }
    }
    return try forEachSet(1 << UInt64(step.effect), needs, candidates, needsOf) {
      (effects) throws(ProgramError) in
      try body(Move(effects: effects, milestone: step.milestone))
    }
  }

  /// Effects whose steps must come in the same transaction, because they have not come before; nil
  /// where they cannot.
  private func needs(_ step: Step, _ state: MachineState) -> UInt64? {
    var needs: UInt64 = 0
    for other in (step.beforeOrWith & ~state.done).bits {
      guard steps[other].milestone == step.milestone else { return nil }
      needs |= 1 << UInt64(steps[other].effect)
    }
    return needs
  }

  /// Every transaction of effects taken and candidates, larger numbers first; of twins the lowest ones.
  ///
  /// A candidate that cannot join what is taken is dropped at once, so that the cost grows with the
  /// transactions that there are, not with the sets of effects.
  ///
  /// - Returns: False where `body` stopped it.
  private func forEachSet(
    _ taken: UInt64, _ needs: UInt64, _ candidates: UInt64, _ needsOf: [UInt64],
    _ body: (UInt64) throws(ProgramError) -> Bool
  ) throws(ProgramError) -> Bool {
    guard needs & ~(taken | candidates) == 0 else { return true }
    guard candidates != 0 else { return try body(taken) }
    let set = twins[63 - candidates.leadingZeroBitCount] & candidates
    var part = set
    while true {
      var rest = candidates & ~set
      var partNeeds = needs
      var isClique = true
      for effect in part.bits {
        rest &= companions[effect]
        partNeeds |= needsOf[effect]
        isClique = isClique && part & ~(1 << UInt64(effect)) & ~companions[effect] == 0
      }
      if isClique, try !forEachSet(taken | part, partNeeds, rest, needsOf, body) { return false }
      if part == 0 { return true }
      part &= ~(1 << UInt64(63 - part.leadingZeroBitCount))
    }
  }

  /// The state after a move.
  func apply(_ move: Move, to state: MachineState) -> MachineState {
    var next = state
    next.done |= steps(of: move.effects, move.milestone)
    switch move.milestone {
    case .ingress: next.flight.append(Carrier(effects: move.effects, isReturning: false))
    case .complete: next.flight.removeAll { $0.effects == move.effects }
    default:
      next.flight.removeAll { $0.effects == move.effects }
      next.arrived |= move.effects
      memory.arrive(move.effects, &next)
      if fabric.returns(scene.effects[move.effects.trailingZeroBitCount]) {
        next.flight.append(Carrier(effects: move.effects, isReturning: true))
      }
    }
    external?.follow(move, reached: reached(next), &next)
    return next
  }

  /// The rule about several agents that a move breaks; nil where it breaks none.
  ///
  /// - Parameters:
  ///   - move: The move.
  ///   - state: The state after it.
  /// - Returns: The rule's identifier.
  func violation(_ move: Move, _ state: MachineState) -> String? {
    external?.violation(move, state)
  }

  var start: MachineState {
    MachineState(
      done: 0, flight: [], arrived: 0, bytes: memory.start, loaded: memory.noLoads, switchedOff: 0,
      lost: 0, visibility: external?.start ?? MachineState.Visibility())
  }
}

/// Effects on their way through the fabric, as one TLP.
struct Carrier: Hashable, Sendable {
  var effects: UInt64
  /// The completion of a non-posted request.
  var isReturning: Bool
}

/// Where a machine stands.
struct MachineState: Hashable, Sendable {
  /// Steps that have happened.
  var done: UInt64
  /// In the order in which they entered the fabric.
  var flight: [Carrier]
  /// Effects that have reached their endpoint.
  var arrived: UInt64
  /// Content of the bytes that the program touches.
  var bytes: [UInt8]
  /// What each load returned, eight bytes at most.
  var loaded: [UInt64]
  /// Functions that do not answer memory requests: Memory Space off, or in reset.
  var switchedOff: UInt64
  /// Effects that their endpoint threw away.
  var lost: UInt64
  var visibility: Visibility
}
