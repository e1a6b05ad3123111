import ArmMemory
import Litmus
import Ordering
import TestSupport
import TraceCore

/// Seeded programs that use every corner of the vocabulary.
struct GeneratedTest {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Names that need quotes, and some that do not.
  private static let names = [
    "X", "bar", "bar 2", "d", "a\"b", "back\\slash", "not", "true", "r0", "P0", "memory",
    "function", "0000:01:00.0", "naïve", "x-", "-x", "a-b", "rp0.cfg", "(* c *)", "MMIO", "exists",
    "XZR", "0", "",
  ]

  private mutating func name(_ prefix: String, _ number: Int) -> String {
    random.chance(70) ? prefix + String(number) : random.pick(Self.names) + " \(prefix)\(number)"
  }

  mutating func test() -> LitmusTest {
    var program = Program(name: random.pick(["L1", "MP+dmb.sy", "two words", "(* x", "\"q\""]))
    program.title = random.pick(["", "A title", "with \"quotes\" and a \\"])
    for index in 0..<random.below(3) {
      program.functions.append(
        DeviceFunction(
          name: name("d", index), bridge: random.chance(50) ? name("rp", 0) : nil))
    }
    addPeripherals(&program)
    addLocations(&program)
    addAgents(&program)
    var test = LitmusTest(program)
    test.sources = random.chance(50) ? ["Arm ARM DDI 0487, B2.4.1 (* no comment *)", "x=y"] : []
    for entry in MachineSwitch.all where random.chance(20) {
      for value in ["pcie", "root-complex", "endpoint", "posted", "32", "off", "practice"]
      where entry.set(&test.options, to: value) {
        break
      }
    }
    test.claims = (0...random.below(3)).map { _ in
      Claim(random.pick([.allowed, .forbidden, .required]), condition(program, depth: 3))
    }
    return test
  }

  private mutating func addPeripherals(_ program: inout Program) {
    for index in 0...random.below(3) {
      let kind = random.pick([Peripheral.Kind.mmio, .mmio, .ecam, .memory])
      let function =
        program.functions.isEmpty || random.chance(50)
        ? nil : random.below(program.functions.count)
      program.peripherals.append(
        Peripheral(
          name: name("p", index), kind: kind, function: function,
          acknowledgesAtEndpoint: random.chance(50), trafficClass: random.pick([0, 0, 1, 7])))
    }
  }

  private mutating func addLocations(_ program: inout Program) {
    for index in 0...random.below(4) {
      let type = random.pick(MemoryType.allCases)
      let size = random.pick([64, 128, 4096])
      program.locations.append(
        Location(
          name: name("X", index), peripheral: random.below(program.peripherals.count),
          address: random.pick([0, 0x40, 0x1000, 1 << 40]), size: size,
          attributes: AccessAttributes(
            type, xs: random.chance(50), faultStage: type.isDevice ? random.pick([1, 2]) : nil),
          initial: random.pick([0, 7, 0x1234, UInt64.max]), clearsOnRead: random.chance(20),
          relaxedOrdering: random.chance(20), idBasedOrdering: random.chance(20)))
    }
  }

  private mutating func addAgents(_ program: inout Program) {
    var labels = 0
    for index in 0...random.below(3) {
      var agent = Agent(name: name("P", index))
      if !program.functions.isEmpty, random.chance(30) {
        agent.kind = .device(function: random.below(program.functions.count))
      }
      for _ in 0..<random.below(6) {
        let loaded = agent.instructions.compactMap { instruction in
          if case .access(let access) = instruction { access.register } else { nil }
        }
        agent.instructions.append(instruction(program, &labels, loaded))
      }
      program.agents.append(agent)
    }
  }

  /// `loaded` are registers that the agent may depend on.
  private mutating func instruction(
    _ program: Program, _ labels: inout Int, _ loaded: [String]
  ) -> Instruction {
    switch random.below(10) {
    case 0: return .unmap
    case 1 where !loaded.isEmpty: return .control(random.pick(loaded))
    case 2:
      // Those that are an instruction of their own.
      let kind = random.pick([
        Barrier.Kind.dmbSY, .dmbST, .dmbLD, .dsbSY, .dsbST, .dsbLD, .isb, .dgh,
      ])
      let hasDomain = kind != .isb && kind != .dgh
      return .barrier(
        Barrier(kind, hasDomain ? random.pick(Barrier.Domain.allCases) : .unspecified))
    default:
      labels += 1
      return .access(access(program, label: name("l", labels), loaded))
    }
  }

  private mutating func access(
    _ program: Program, label: String, _ loaded: [String]
  ) -> Access {
    let location = random.below(program.locations.count)
    let isConfig = program.peripherals[program.locations[location].peripheral].kind == .ecam
    let forms: [Access.Form] = [
      .single, .pair, .vector, .scalable, .memoryCopy, .single64, .single64WithStatus, .exclusive,
      .zeroBlock, .recorded,
    ]
    let orders: [Access.Order] = [.plain, .plain, .acquire, .acquirePC, .release]
    var access = Access(
      label: label, direction: random.pick([.load, .store]), location: location,
      size: random.pick([1, 2, 4, 8, 16, 32, 64, 3, 7]), form: random.pick(forms),
      order: random.pick(orders))
    access.offset = random.below(program.locations[location].size - access.size + 1)
    let depends = !loaded.isEmpty
    access.addressDependencies =
      depends && random.chance(30) ? [random.pick(loaded), random.pick(loaded)] : []
    if access.direction == .store {
      access.dataDependencies = depends && random.chance(30) ? [random.pick(loaded)] : []
      access.value = (0..<access.size).map { _ in UInt8(random.pick([0, 0, 1, 0xff])) }
    } else {
      access.register = random.chance(90) ? name("r", random.below(3)) : nil
    }
    guard isConfig else { return access }
    access.configPath = random.pick([.ecam, .trapped, .trappedWithZap])
    if access.direction == .store {
      access.configEffect = random.pick([
        .none, .reset, .memoryDisable, .memoryEnable, .bridgeReset("rp0"), .bridgeReset("a b"),
      ])
    }
    return access
  }

  private mutating func condition(_ program: Program, depth: Int) -> Condition {
    let kind = random.below(depth > 0 ? 14 : 8)
    let accesses = program.agents.flatMap(\.instructions).compactMap { instruction in
      if case .access(let access) = instruction { access } else { nil }
    }
    let location = program.locations[0].name
    guard let first = accesses.first?.label, let last = accesses.last?.label else {
      return .value(location: location, random.next())
    }
    switch kind {
    case 0: return .arrivesBefore(first, last)
    case 1: return .together(first, last)
    case 2: return random.pick([.whole(first), .arrives(last), .lost(first)])
    case 3: return .faults(first, stage: random.pick([nil, 1, 2]))
    case 4: return random.pick([.forwarded(first), .speculated(last), .yes])
    case 5: return .value(location: location, random.pick([0, 9, 10, 1 << 63]))
    case 6: return .writes(location: location, random.below(20))
    case 7: return .reads(location: location, random.below(20))
    case 8, 9: return .not(condition(program, depth: depth - 1))
    case 10, 11:
      return .and((0...1 + random.below(2)).map { _ in condition(program, depth: depth - 1) })
    case 12: return .or((0...1 + random.below(2)).map { _ in condition(program, depth: depth - 1) })
    default: return register(program)
    }
  }

  private mutating func register(_ program: Program) -> Condition {
    for agent in program.agents {
      for case .access(let access) in agent.instructions {
        guard let register = access.register else { continue }
        return .register(agent: agent.name, register, random.next() % 20)
      }
    }
    return .yes
  }
}
