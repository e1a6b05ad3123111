/// Ordered-before across agents, through coherent memory (rule B).
///
/// Two effects on the same bytes of memory, at least one a store, by two agents, are Ordered-before
/// in the order in which they happen; what is locally ordered before the first is before what
/// is locally ordered after the second. Only rule B needs it, so only programs in which two
/// agents use types that it covers pay for it.
struct ExternalOrder: Sendable {
  private let scene: Scene
  /// Slot of each effect on memory, or -1.
  private var slots: [Int]
  private let memoryEffects: [Int]

  /// nil where no outcome can depend on it.
  init?(_ scene: Scene) {
    guard scene.rules.has(ArrivalB.id) else { return nil }
    let covered = scene.effects.filter { ArrivalB.covers($0) && !$0.isByDevice }
    let memory = scene.effects.filter { $0.kind == .memory && !$0.isByDevice }.map(\.index)
    guard Set(covered.map(\.agent)).count > 1, memory.count > 1 else { return nil }
    self.scene = scene
    memoryEffects = memory
    slots = Array(repeating: -1, count: scene.effects.count)
    for (slot, effect) in memory.enumerated() { slots[effect] = slot }
  }

  /// Nothing has happened.
  var start: [UInt64] { Array(repeating: 0, count: memoryEffects.count) }

  /// Remembers what is Ordered-before effects on memory that happen now.
  func arrive(_ effects: UInt64, _ state: inout MachineState) {
    for index in effects.bits where slots[index] >= 0 {
      var before = locallyBefore(index, state)
      for other in memoryEffects where other != index && hasHappened(other, state) {
        if communicates(other, index) {
          before |= state.before[slots[other]] | 1 << UInt64(other)
        }
      }
      state.before[slots[index]] = before
      happened(index, &state)
    }
  }

  /// Locally before an effect, and what came to those through memory.
  private func locallyBefore(_ index: Int, _ state: MachineState) -> UInt64 {
    var before: UInt64 = 0
    for other in scene.effects.indices where scene.locallyAfter(other).has(index) {
      before |= 1 << UInt64(other)
      if slots[other] >= 0 { before |= state.before[slots[other]] }
    }
    return before
  }

  /// The highest bit marks an effect that has happened; effects are fewer than 63.
  private static let mark = UInt64(1) << 63

  private func hasHappened(_ index: Int, _ state: MachineState) -> Bool {
    state.before[slots[index]] & Self.mark != 0
  }

  private func happened(_ index: Int, _ state: inout MachineState) {
    state.before[slots[index]] |= Self.mark
  }

  private func communicates(_ first: Int, _ second: Int) -> Bool {
    let (one, two) = (scene.effects[first], scene.effects[second])
    return one.agent != two.agent && one.overlaps(two) && (one.isStore || two.isStore)
  }

  /// Nothing that rule B orders before an effect is still on its way.
  func mayArrive(_ index: Int, _ state: MachineState, reached: UInt64) -> Bool {
    let effect = scene.effects[index]
    guard ArrivalB.covers(effect) else { return true }
    let before = locallyBefore(index, state) & ~Self.mark
    for other in before.bits where ArrivalB.covers(scene.effects[other]) {
      if scene.effects[other].peripheral == effect.peripheral,
        scene.effects[other].agent != effect.agent, !reached.has(other)
      {
        return false
      }
    }
    return true
  }
}
