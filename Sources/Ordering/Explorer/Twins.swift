/// Parts of one access that no rule and no other access tells apart.
///
/// Exchanging two of them turns an outcome into one that answers every condition alike, so that of the
/// orders of twins one is enough: the lowest address first. Without it the bytes of one unaligned
/// access cost 3^n moves. Of no use where outcomes are listed, which name the bytes.
struct Twins: Sendable {
  /// For each effect, its twins and itself.
  private(set) var sets: [UInt64]

  private let steps: [Machine.Step]
  private let companions: [UInt64]

  /// - Parameters:
  ///   - scene: The effects.
  ///   - steps: What can happen to them, and after what.
  ///   - companions: Effects that each may be in one transaction with.
  init(_ scene: Scene, _ steps: [Machine.Step], _ companions: [UInt64]) {
    self.steps = steps
    self.companions = companions
    sets = scene.effects.map { 1 << UInt64($0.index) }
    // A reset, or Memory Space off, comes between any two parts.
    guard !scene.layout.sites.contains(where: { $0.access.configEffect != .none }) else { return }
    for own in scene.effectsOf where own.nonzeroBitCount > 1 {
      join(own.bits.filter { Self.isAlone(scene.effects[$0], scene) })
    }
  }

  /// Nothing else touches the bytes, and reading them has no effect.
  private static func isAlone(_ effect: Effect, _ scene: Scene) -> Bool {
    !scene.site(of: effect).location.clearsOnRead
      && !scene.effects.contains { $0.index != effect.index && $0.overlaps(effect) }
  }

  private mutating func join(_ candidates: [Int]) {
    var rest = candidates
    while let first = rest.first {
      let set = rest.filter { $0 == first || areAlike(first, $0) }
      let mask = set.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
      for effect in set { sets[effect] = mask }
      rest.removeAll(where: set.contains)
    }
  }

  /// Exchanging the two changes nothing.
  private func areAlike(_ one: Int, _ other: Int) -> Bool {
    let both: UInt64 = 1 << UInt64(one) | 1 << UInt64(other)
    guard companions[one] & ~both == companions[other] & ~both else { return false }
    let (own, others) = (stepsOf(one), stepsOf(other))
    guard own.count == others.count else { return false }
    let mask = (own + others).reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
    for (left, right) in zip(own, others) {
      let (first, second) = (steps[left], steps[right])
      guard first.milestone == second.milestone, first.before & ~mask == second.before & ~mask,
        first.beforeOrWith & ~mask == second.beforeOrWith & ~mask,
        isApart(first, from: others), isApart(second, from: own)
      else { return false }
      for step in steps
      where step.before.has(left) != step.before.has(right)
        || step.beforeOrWith.has(left) != step.beforeOrWith.has(right)
      {
        // Their own later steps may differ so, each behind its own.
        guard step.effect == one || step.effect == other else { return false }
      }
    }
    return true
  }

  private func stepsOf(_ effect: Int) -> [Int] {
    steps.indices.filter { steps[$0].effect == effect }
  }

  private func isApart(_ step: Machine.Step, from others: [Int]) -> Bool {
    others.allSatisfy { !step.before.has($0) && !step.beforeOrWith.has($0) }
  }
}
