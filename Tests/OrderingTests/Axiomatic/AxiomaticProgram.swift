import ArmMemory
import Ordering
import TestSupport
import TraceCore

/// Seeded programs of two or three agents for ``AxiomaticModel``.
struct AxiomaticProgram {
  private(set) var program = Program(name: "axioms")
  /// No agent comes to a location twice.
  private(set) var visitsOnce = true
  private var random: SplitMix64
  private var stores: [Int: UInt8] = [:]
  private var accesses = 0

  private static let types: [MemoryType] = [
    .normalNC, .normalNC, .deviceGRE, .deviceNGRE, .deviceNGnRE, .deviceNGnRnE,
  ]

  /// - Parameters:
  ///   - seed: Which program.
  ///   - isMemory: Every location is coherent memory; else some are peripherals of their own.
  init(seed: UInt64, isMemory: Bool) {
    random = SplitMix64(seed: seed)
    for index in 0..<random.inRange(2...3) {
      let inMemory = isMemory || random.chance(30)
      program.peripherals.append(
        Peripheral(name: "p\(index)", kind: inMemory ? .memory : .mmio))
      program.locations.append(
        Location(
          name: "X\(index)", peripheral: index, address: 0, size: 4,
          attributes: inMemory
            ? AccessAttributes(.normalWB) : AccessAttributes(random.pick(Self.types))))
    }
    let agents = random.pick([2, 2, 3])
    let keepsApart = random.chance(isMemory ? 20 : 60)
    let most = keepsApart ? program.locations.count : agents == 2 ? 4 : 3
    for agent in 0..<agents { addAgent(agent, most: most, keepsApart: keepsApart) }
  }

  private mutating func addAgent(_ number: Int, most: Int, keepsApart: Bool) {
    var agent = Agent(name: "P\(number)")
    var loaded: [String] = []
    var visited: Set<Int> = []
    for index in 0..<random.inRange(1...most) {
      if index > 0, random.chance(40) { agent.instructions.append(between(loaded)) }
      if random.chance(10) { agent.instructions.append(.barrier(Barrier(.isb))) }
      let all = Set(program.locations.indices)
      let left = keepsApart ? all.subtracting(visited) : all
      let access = access(loaded, at: random.pick(left.sorted()))
      if !visited.insert(access.location).inserted { visitsOnce = false }
      if let register = access.register { loaded.append(register) }
      agent.instructions.append(.access(access))
    }
    program.agents.append(agent)
  }

  private mutating func between(_ loaded: [String]) -> Instruction {
    if !loaded.isEmpty, random.chance(30) { return .control(random.pick(loaded)) }
    let kinds: [Barrier.Kind] = [.dmbSY, .dmbSY, .dmbLD, .dmbST, .dsbSY, .dsbLD, .dsbST]
    return .barrier(Barrier(random.pick(kinds), random.pick([.unspecified, .outerShareable])))
  }

  private mutating func access(_ loaded: [String], at location: Int) -> Access {
    accesses += 1
    var access = Access(
      label: "a\(accesses)", direction: random.chance(50) ? .store : .load, location: location,
      size: 4)
    if access.direction == .store {
      stores[location, default: 0] += 1
      access.value = [stores[location] ?? 0, 0, 0, 0]
      if random.chance(20) { access.order = .release }
      if !loaded.isEmpty, random.chance(25) { access.dataDependencies = [random.pick(loaded)] }
    } else {
      access.register = "r\(accesses)"
      access.order = random.pick([.plain, .plain, .plain, .acquire, .acquirePC])
    }
    if !loaded.isEmpty, random.chance(25) { access.addressDependencies = [random.pick(loaded)] }
    return access
  }

  /// Everything that ``AxiomaticModel/outcomes()`` observes, in its order.
  var observed: [Condition] {
    let loads = program.agents.flatMap { agent in
      agent.instructions.compactMap { instruction -> Condition? in
        guard case .access(let access) = instruction, let register = access.register else {
          return nil
        }
        return .register(agent: agent.name, register, 0)
      }
    }
    return loads + program.locations.map { .value(location: $0.name, 0) }
  }
}
