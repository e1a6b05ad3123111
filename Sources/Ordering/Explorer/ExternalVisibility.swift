/// Ordered-before across agents (Arm ARM DDI 0487, B2.3), followed along a path.
///
/// Two effects on the same bytes by two agents, at least one a store, are observed in the order in
/// which they happen (rfe, fre, coe); with what each agent orders itself that makes Ordered-before.
/// Two rules speak of it: by ``Observation`` it has no cycle, so that no load returns what an order of
/// all accesses does not explain; by ``ArrivalB`` arrivals follow it. Only programs in which two
/// agents share bytes pay for it.
struct ExternalVisibility: Sendable {
  private let scene: Scene
  /// What is locally ordered before each effect.
  private var locallyBefore: [UInt64]
  /// Effects of other agents on the same bytes, where one of the two is a store.
  private var shared: [UInt64]
  /// Of a load that a write buffer serves: the parts of that store.
  private var sources: [UInt64]
  /// Of a load of memory: earlier ones of its agent, of the same bytes.
  private var earlierReads: [UInt64]
  /// Of a device's effect: those before it in the device's order.
  private var devicesBefore: [UInt64]
  /// Effects of other agents that rule B may order before each.
  private var covered: [UInt64]
  /// Of a store: others of the same bytes, one of which another agent's load may read.
  private var rewritten: [UInt64]
  private let followsValues: Bool
  private let followsArrivals: Bool

  /// nil where no outcome can depend on it.
  init?(_ scene: Scene) {
    let none = [UInt64](repeating: 0, count: scene.effects.count)
    self.scene = scene
    (locallyBefore, shared, sources, earlierReads) = (none, none, none, none)
    (devicesBefore, covered, rewritten) = (none, none, none)
    followsValues = scene.rules.has(Observation.id)
    followsArrivals = scene.rules.has(ArrivalB.id)
    for first in scene.effects {
      for second in scene.effects where Self.communicate(first, second) {
        shared[first.index] |= 1 << UInt64(second.index)
      }
    }
    guard shared.contains(where: { $0 != 0 }) else { return nil }
    addLocalOrder()
    // Observations alone follow the path's order, and make no cycle. So do arrivals where they are
    // observations; at a fabric that reorders behind the place of arrival they are not.
    let areArrivals = scene.effects.allSatisfy { scene.arrivalMilestone($0) == .arrive }
    guard
      (locallyBefore + earlierReads).contains(where: { $0 != 0 })
        || followsArrivals && !areArrivals
    else { return nil }
    for effect in scene.effects {
      if let store = effect.forwardedFrom { sources[effect.index] = scene.effectsOf[store] }
      rewritten[effect.index] = rewrites(effect)
      guard followsArrivals, Self.mayBeOrdered(effect) else { continue }
      for other in scene.effects
      where Self.mayBeOrdered(other) && other.agent != effect.agent
        && other.peripheral == effect.peripheral
      {
        covered[effect.index] |= 1 << UInt64(other.index)
      }
    }
  }

  private func rewrites(_ store: Effect) -> UInt64 {
    guard store.isStore else { return 0 }
    return scene.effects.reduce(into: 0) { mask, other in
      guard other.isStore, other.index != store.index, other.overlaps(store),
        shared[other.index].bits.contains(where: { !scene.effects[$0].isStore })
      else { return }
      mask |= 1 << UInt64(other.index)
    }
  }

  private static func communicate(_ first: Effect, _ second: Effect) -> Bool {
    first.agent != second.agent && first.overlaps(second) && (first.isStore || second.isStore)
      && (first.kind == .mmio || first.kind == .memory)
      && !first.isSpeculative && !second.isSpeculative
  }

  /// Rule B speaks of the effect: a device's own writes to its registers are no accesses.
  private static func mayBeOrdered(_ effect: Effect) -> Bool {
    ArrivalB.covers(effect) && !effect.isByDevice && !effect.isSpeculative
  }

  private mutating func addLocalOrder() {
    let isCoherent = scene.rules.has(Coherence.id)
    let keepsDeviceOrder = scene.rules.has(DeviceProgramOrder.id)
    scene.forEachPair { pair in
      let (first, second) = (pair.first.index, pair.second.index)
      let bit = UInt64(1) << UInt64(first)
      if pair.first.isByDevice {
        if keepsDeviceOrder, !pair.isSameInstruction { devicesBefore[second] |= bit }
        return
      }
      if scene.isLocallyOrdered(pair.first, pair.second) { locallyBefore[second] |= bit }
      guard isCoherent, pair.isCoherent else { return }
      if pair.second.isStore { locallyBefore[second] |= bit }
      if pair.isReadingMemoryTwice, pair.first.forwardedFrom == nil { earlierReads[second] |= bit }
    }
  }

  /// Nothing has happened.
  var start: MachineState.Visibility {
    MachineState.Visibility(
      observed: [UInt64](repeating: 0, count: scene.effects.count),
      overwritten: rewritten.contains { $0 != 0 } ? rewritten.map { _ in 0 } : [],
      late: followsArrivals && covered.contains { $0 != 0 } ? covered.map { _ in 0 } : [])
  }

  // MARK: Along a path

  /// Remembers what a move lets its effects observe, in the state after it.
  ///
  /// - Parameters:
  ///   - move: What happened.
  ///   - reached: Effects that have come to where Arm's arrival rules stop.
  ///   - state: The state after the move.
  func follow(_ move: Machine.Move, reached: UInt64, _ state: inout MachineState) {
    let earlier = state.arrived & ~move.effects & ~state.lost
    for index in move.effects.bits {
      let effect = scene.effects[index]
      switch move.milestone {
      case .arrive: observe(effect, earlier, &state)
      case .complete where !effect.isStore:
        // A completion pushes a device's writes that are in front of it (PCIe's D2a).
        for other in state.arrived.bits
        where scene.effects[other].isByDevice && scene.effects[other].kind == .memory {
          state.visibility.observed[index] |= 1 << UInt64(other)
        }
      default: break
      }
      if !state.visibility.late.isEmpty, move.milestone == scene.arrivalMilestone(effect) {
        state.visibility.late[index] = covered[index] & ~reached
      }
    }
  }

  /// A store comes behind every store and load of the same bytes (coe, fre), a load behind the stores
  /// whose bytes it returns (rfe).
  private func observe(_ effect: Effect, _ earlier: UInt64, _ state: inout MachineState) {
    let index = effect.index
    guard !state.lost.has(index) else { return }
    var seen = shared[index] & earlier | devicesBefore[index] & earlier
    if effect.isStore {
      hide(behind: effect, earlier, &state)
    } else {
      seen &= ~hidden(from: effect, state)
    }
    for load in shared[index].bits where sources[load] & shared[index] & earlier != 0 {
      // The load was served by a store that this one replaces.
      seen |= 1 << UInt64(load)
    }
    state.visibility.observed[index] |= seen
  }

  /// Bytes of earlier stores that a store writes again.
  private func hide(behind store: Effect, _ earlier: UInt64, _ state: inout MachineState) {
    for index in rewritten[store.index].bits where earlier.has(index) {
      let older = scene.effects[index]
      state.visibility.overwritten[index] |= older.bytes(in: store.addresses)
    }
  }

  /// Stores none of whose bytes a load returns: all that the load reads of them are written again.
  private func hidden(from load: Effect, _ state: MachineState) -> UInt64 {
    guard !state.visibility.overwritten.isEmpty else { return 0 }
    return shared[load.index].bits.reduce(into: 0) { hidden, index in
      let store = scene.effects[index]
      guard store.isStore else { return }
      let wanted = store.bytes(in: load.addresses)
      if wanted & ~state.visibility.overwritten[index] == 0 { hidden |= 1 << UInt64(index) }
    }
  }

  /// The rule that a move breaks.
  ///
  /// - Parameters:
  ///   - move: What happened.
  ///   - state: The state after it.
  /// - Returns: The rule's identifier; nil where none is broken.
  func violation(_ move: Machine.Move, _ state: MachineState) -> String? {
    for index in move.effects.bits {
      if move.milestone == .arrive, isReadPast(index, state) { return Coherence.id }
      guard followsValues, state.visibility.observed[index] != 0 else { continue }
      if orderedBefore(index, state).has(index) { return Observation.id }
    }
    for (index, late) in state.visibility.late.enumerated() where late != 0 {
      if orderedBefore(index, state) & late != 0 { return ArrivalB.id }
    }
    return nil
  }

  /// A store comes between two loads of an agent that were done in the other order: the later one
  /// has returned older bytes than the earlier one will.
  private func isReadPast(_ store: Int, _ state: MachineState) -> Bool {
    (shared[store] & state.arrived).bits.contains { load in
      earlierReads[load] & shared[store] & ~state.arrived != 0
    }
  }

  private func orderedBefore(_ index: Int, _ state: MachineState) -> UInt64 {
    let observed = state.visibility.observed
    var before = locallyBefore[index] | observed[index]
    var done: UInt64 = 0
    while before & ~done != 0 {
      let next = (before & ~done).trailingZeroBitCount
      done |= 1 << UInt64(next)
      before |= locallyBefore[next] | observed[next]
    }
    return before
  }
}

extension Effect {
  /// Those of its bytes that lie in a range, bit 0 the first one; an effect has 64 bytes at most.
  fileprivate func bytes(in range: Range<UInt64>) -> UInt64 {
    let common = addresses.clamped(to: range)
    guard !common.isEmpty else { return 0 }
    let mask = common.count == 64 ? UInt64.max : (1 << UInt64(common.count)) - 1
    return mask << (common.lowerBound - address)
  }
}

extension MachineState {
  /// What the agents have observed of each other.
  struct Visibility: Hashable, Sendable {
    /// For each effect: those of other agents that it observed.
    var observed: [UInt64] = []
    /// For each store: those of its bytes that later stores have written, bit 0 the first one.
    var overwritten: [UInt64] = []
    /// For each effect that rule B covers: those of other agents that came after it, or will.
    var late: [UInt64] = []
  }
}
