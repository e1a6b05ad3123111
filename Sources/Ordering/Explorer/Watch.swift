/// A condition made ready to be followed along a path.
struct Watch: Sendable {
  /// Answers so far: 0 open, 1 true, 2 false for events; a count for `writes` and `reads`.
  typealias Answers = [UInt8]

  private let scene: Scene
  private(set) var atoms: [Condition] = []
  private let masks: [(first: UInt64, second: UInt64)]

  init(_ conditions: [Condition], _ scene: Scene) throws(ProgramError) {
    self.scene = scene
    var found: [Condition] = []
    for condition in conditions { Self.collect(condition, &found) }
    atoms = found
    var masks: [(UInt64, UInt64)] = []
    for atom in found { masks.append(try Self.masks(atom, scene)) }
    self.masks = masks
  }

  private static func collect(_ condition: Condition, _ atoms: inout [Condition]) {
    switch condition {
    case .yes: break
    case .not(let inner): collect(inner, &atoms)
    case .and(let parts), .or(let parts): for part in parts { collect(part, &atoms) }
    default: if !atoms.contains(condition) { atoms.append(condition) }
    }
  }

  private static func masks(
    _ atom: Condition, _ scene: Scene
  ) throws(ProgramError) -> (UInt64, UInt64) {
    switch atom {
    case .arrivesBefore(let first, let second), .together(let first, let second):
      return (try effects(first, scene), try effects(second, scene))
    case .whole(let label), .arrives(let label), .lost(let label), .faults(let label, _),
      .forwarded(let label), .speculated(let label):
      return (try effects(label, scene), 0)
    case .value(let name, _), .writes(let name, _), .reads(let name, _):
      guard scene.program.locations.contains(where: { $0.name == name }) else {
        throw ProgramError("no location is called \(name)")
      }
      return (0, 0)
    case .register(let agent, let register, _):
      guard scene.layout.sites.contains(where: { $0.isLoad(of: register, by: agent, scene) }) else {
        throw ProgramError("\(agent) loads no register \(register)")
      }
      return (0, 0)
    case .yes, .not, .and, .or: return (0, 0)
    }
  }

  private static func effects(_ label: String, _ scene: Scene) throws(ProgramError) -> UInt64 {
    guard let site = scene.layout.labels[label] else {
      throw ProgramError("no access is called \(label)")
    }
    return scene.effectsOf[site]
  }

  var start: Answers { Array(repeating: 0, count: atoms.count) }

  // MARK: Along a path

  /// Takes a transaction that arrives; `state` is the one after it.
  func arrive(_ effects: UInt64, _ state: MachineState, _ answers: inout Answers) {
    for index in atoms.indices {
      switch atoms[index] {
      case .arrivesBefore:
        let (first, second) = masks[index]
        if answers[index] == 0, effects & second != 0 {
          let isBefore = first != 0 && first & ~(state.arrived & ~effects) == 0
          answers[index] = isBefore ? 1 : 2
        }
      case .together:
        let both = masks[index].first | masks[index].second
        if effects & both != 0 { answers[index] = effects & both == both ? 1 : 2 }
      case .whole:
        let all = masks[index].first
        if effects & all != 0 { answers[index] = effects & all == all ? 1 : 2 }
      case .writes(let name, _): count(effects, name, isStore: true, &answers[index])
      case .reads(let name, _): count(effects, name, isStore: false, &answers[index])
      default: break
      }
    }
  }

  private func count(
    _ effects: UInt64, _ name: String, isStore: Bool, _ answer: inout UInt8
  ) {
    guard let location = scene.program.locations.first(where: { $0.name == name }),
      scene.effects[effects.trailingZeroBitCount].isStore == isStore,
      scene.effects[effects.trailingZeroBitCount].peripheral == location.peripheral
    else { return }
    let bytes = location.address..<location.address + UInt64(location.size)
    let hits = effects.bits.contains { index in
      isStore || scene.effects[index].addresses.overlaps(bytes)
    }
    if hits, answer < .max { answer += 1 }
  }

  // MARK: At the end

  func holds(
    _ condition: Condition, _ machine: Machine, _ state: MachineState, _ answers: Answers
  ) -> Bool {
    switch condition {
    case .yes: return true
    case .not(let inner): return !holds(inner, machine, state, answers)
    case .and(let parts): return parts.allSatisfy { holds($0, machine, state, answers) }
    case .or(let parts): return parts.contains { holds($0, machine, state, answers) }
    default:
      guard let index = atoms.firstIndex(of: condition) else { return false }
      return holds(index, machine, state, answers)
    }
  }

  private func holds(
    _ index: Int, _ machine: Machine, _ state: MachineState, _ answers: Answers
  ) -> Bool {
    let mask = masks[index].first
    switch atoms[index] {
    case .arrivesBefore, .together, .whole: return answers[index] == 1
    case .arrives: return mask != 0 && mask & ~state.arrived == 0
    case .lost: return mask & state.lost != 0
    case .faults(let label, let stage):
      guard let site = scene.layout.labels[label] else { return false }
      let fault = scene.layout.sites[site].faultStage
      return fault != nil && (stage == nil || fault == stage)
    case .forwarded(let label): return scene.layout.labels[label].map(isForwarded) ?? false
    case .speculated(let label):
      return scene.layout.labels[label].map(scene.variant.ghosts.contains) ?? false
    case .writes(_, let count), .reads(_, let count): return Int(answers[index]) == count
    case .value(let name, let value):
      let location = scene.program.locations.firstIndex { $0.name == name }
      return location.map { machine.memory.value(of: $0, state) } == value
    case .register(let agent, let name, let value):
      return machine.register(name, agent, state) == value
    case .yes, .not, .and, .or: return false
    }
  }

  private func isForwarded(_ site: Int) -> Bool { scene.variant.forwards[site] != nil }
}

extension Site {
  func isLoad(of register: String, by agent: String, _ scene: Scene) -> Bool {
    access.register == register && scene.program.agents[self.agent].name == agent
  }
}

extension Machine {
  /// What a register holds at the end; nil where nothing loaded it.
  func register(_ name: String, _ agent: String, _ state: MachineState) -> UInt64? {
    let sites = scene.layout.sites
    guard let site = sites.lastIndex(where: { $0.isLoad(of: name, by: agent, scene) }),
      sites[site].faultStage == nil, !scene.blocked.contains(site)
    else { return nil }
    if let store = scene.variant.forwards[site] { return memory.forwarded(site, from: store) }
    return state.loaded[site]
  }
}
