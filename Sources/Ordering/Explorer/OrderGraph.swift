import ArmMemory

/// The milestones of a scene's effects, and the order that the rules put them in.
struct OrderGraph: Sendable {
  struct Edge: Sendable {
    var from: Int
    var to: Int
    var orTogether: Bool
    /// The rule; empty for what is so by definition.
    var rule: String
  }

  private(set) var edges: [Edge] = []
  /// Nodes after each node by any path, and by a path that is not all "or together".
  private(set) var after: [NodeSet] = []
  private(set) var strictlyAfter: [NodeSet] = []

  static let milestones = Milestone.allCases.count

  static func node(_ effect: Int, _ milestone: Milestone) -> Int {
    effect * milestones + milestone.rawValue
  }

  init(_ scene: Scene) {
    for effect in scene.effects { addLife(of: effect, scene) }
    let orders = scene.rules.orders
    scene.forEachPair { pair in
      for rule in orders {
        if pair.first.isByDevice != (rule is DeviceProgramOrder) { continue }
        for constraint in rule.constraints(pair) where pair.has(constraint) {
          add(
            pair.first.index, constraint.from, pair.second.index, constraint.to,
            orTogether: constraint.orTogether, rule: rule.info.id)
        }
      }
    }
    addUnmaps(scene)
    close(nodes: scene.effects.count * Self.milestones)
  }

  private mutating func add(
    _ first: Int, _ from: Milestone, _ second: Int, _ to: Milestone, orTogether: Bool = false,
    rule: String = ""
  ) {
    edges.append(
      Edge(
        from: Self.node(first, from), to: Self.node(second, to), orTogether: orTogether,
        rule: rule))
  }

  /// What an effect goes through, in order.
  private mutating func addLife(of effect: Effect, _ scene: Scene) {
    let index = effect.index
    add(index, .issue, index, .observe)
    guard effect.forwardedFrom == nil, effect.kind != .unmap else {
      return add(index, .observe, index, .complete)
    }
    add(index, .issue, index, .ingress)
    add(index, .ingress, index, .arrive)
    if effect.kind == .memory {
      same(index, .observe, .arrive)
      return same(index, .complete, .arrive)
    }
    effect.isStore ? addStore(effect, scene) : addLoad(effect)
  }

  private mutating func addStore(_ effect: Effect, _ scene: Scene) {
    let index = effect.index
    if scene.options.serialisationPoint == .rootComplex {
      same(index, .observe, .ingress)
    } else {
      add(index, .observe, index, .ingress)
    }
    if scene.completesAtEndpoint(effect) {
      add(index, .arrive, index, .complete)
    } else {
      same(index, .complete, .observe)
    }
  }

  /// A Device load is observed when its data is there; a Normal one may have been read before, and
  /// be read again.
  private mutating func addLoad(_ effect: Effect) {
    add(effect.index, .arrive, effect.index, .complete)
    if effect.type.isDevice { same(effect.index, .observe, .complete) }
  }

  private mutating func same(_ index: Int, _ one: Milestone, _ other: Milestone) {
    add(index, one, index, other, orTogether: true)
    add(index, other, index, one, orTogether: true)
  }

  // MARK: Mappings that are taken away, config accesses that trap

  private mutating func addUnmaps(_ scene: Scene) {
    for effect in scene.effects {
      let path = scene.access(of: effect)?.configPath ?? .ecam
      if effect.kind == .unmap || path == .trappedWithZap { addUnmap(effect, scene) }
      guard effect.kind == .config, path != .ecam, scene.rules.has(TrapReturns.id) else { continue }
      for other in scene.effects
      where other.agent == effect.agent && other.instruction > effect.instruction {
        add(effect.index, .complete, other.index, .issue, rule: TrapReturns.id)
      }
    }
  }

  private mutating func addUnmap(_ unmap: Effect, _ scene: Scene) {
    let isZap = unmap.kind != .unmap
    let rule = isZap ? ZapDrains.id : UnmapCompletion.id
    guard scene.rules.has(rule),
      let number = scene.layout.unmaps.firstIndex(where: {
        $0.agent == unmap.agent && $0.instruction == unmap.instruction
      })
    else { return }
    let cut = scene.variant.cuts[number]
    for other in scene.effects where other.index != unmap.index && other.kind == .mmio {
      let isOwn = other.agent == unmap.agent
      guard !other.isByDevice, !isOwn || isZap else { continue }
      let isEarlier = other.instruction < (isOwn ? unmap.instruction : cut[other.agent])
      if isEarlier {
        // A load has completed, a store is observed: that is what completion means for both.
        add(other.index, .observe, unmap.index, isZap ? .issue : .complete, rule: rule)
        if !other.isStore {
          add(other.index, .complete, unmap.index, isZap ? .issue : .complete, rule: rule)
        }
      } else if isZap {
        add(unmap.index, .complete, other.index, .issue, rule: rule)
      }
    }
  }

  // MARK: Closure

  private mutating func close(nodes: Int) {
    after = Array(repeating: NodeSet(nodes), count: nodes)
    for edge in edges { after[edge.from].insert(edge.to) }
    for middle in 0..<nodes {
      for node in 0..<nodes where after[node].contains(middle) {
        after[node].formUnion(after[middle])
      }
    }
    strictlyAfter = Array(repeating: NodeSet(nodes), count: nodes)
    for edge in edges where !edge.orTogether {
      for node in 0..<nodes where node == edge.from || after[node].contains(edge.from) {
        strictlyAfter[node].insert(edge.to)
        strictlyAfter[node].formUnion(after[edge.to])
      }
    }
  }

  /// The order cannot be satisfied.
  var isContradictory: Bool { strictlyAfter.indices.contains { strictlyAfter[$0].contains($0) } }
}

extension Pair {
  /// Both effects come to the milestones: one that a write buffer serves never arrives.
  fileprivate func has(_ constraint: Constraint) -> Bool {
    (first.forwardedFrom == nil || !constraint.from.isOnTheWay)
      && (second.forwardedFrom == nil || !constraint.to.isOnTheWay)
  }
}

extension Milestone {
  /// Only what leaves the CPU comes to it.
  fileprivate var isOnTheWay: Bool { self == .ingress || self == .arrive }
}

/// A set of small numbers.
struct NodeSet: Sendable {
  private var words: [UInt64]

  init(_ count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  mutating func insert(_ node: Int) { words[node / 64] |= 1 << UInt64(node % 64) }
  func contains(_ node: Int) -> Bool { words[node / 64].has(node % 64) }
  mutating func formUnion(_ other: NodeSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }
}
