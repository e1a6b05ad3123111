import ArmMemory
public import Ordering
import Resets
import TraceCore

/// The smallest program that asks whether an access and a reset keep their order on one host.
public struct PairProgram: Sendable, Equatable {
  public var program: Program
  public var options: ExplorerOptions
  /// Rules that the host does not keep.
  public var withoutRules: [String] = []
  /// What must not happen where the order is kept.
  public var overtaking: Condition

  private static let mmio = 0
  private static let status = 1
  private static let config = 2
  private static let flag = 3

  /// - Parameters:
  ///   - pair: The access and the reset.
  ///   - host: The machine.
  public init(_ pair: ResetPair, _ host: Host) {
    options = Self.options(pair, host)
    // A zap that drains nothing is a trap.
    if pair.path == .vfio, !host.zapDrains { withoutRules = ["vfio.zap", "arm.completion.tlbi"] }
    var program = Program(
      name: "RESET",
      functions: [DeviceFunction(name: "d", bridge: pair.isAtBridge ? "rp0" : nil)],
      peripherals: [
        Peripheral(name: "bar", kind: .mmio, function: 0),
        Peripheral(name: "d.cfg", kind: .ecam, function: 0, acknowledgesAtEndpoint: true),
      ],
      locations: [
        Location(
          name: "X", peripheral: 0, address: 0, size: 4, attributes: AccessAttributes(pair.type)),
        Location(
          name: "S", peripheral: 0, address: 0x80, size: 4,
          attributes: AccessAttributes(.deviceNGnRE)),
        Location(
          name: "d.cfg", peripheral: 1, address: 0, size: 4096,
          attributes: AccessAttributes(.deviceNGnRnE)),
      ])
    let sides = pair.isBefore ? Self.before(pair) : Self.after(Self.settled(pair, options), host)
    if sides.isFlagged {
      program.peripherals.append(Peripheral(name: "F", kind: .memory))
      program.locations.append(
        Location(
          name: "F", peripheral: 2, address: 0, size: 4,
          attributes: AccessAttributes(.normalWB, xs: false)))
    }
    if pair.isSameCPU {
      program.agents = [Agent(name: "P0", instructions: sides.first + sides.second)]
    } else {
      let tells = sides.isFlagged ? [Self.raise] : []
      let heard = sides.isFlagged ? [Self.look, .barrier(Barrier(.dsbSY))] : []
      program.agents = [
        Agent(name: "P0", instructions: sides.first + tells),
        Agent(name: "P1", instructions: heard + sides.second),
      ]
    }
    if !program.agents.contains(where: { $0.instructions.contains { $0.touches(Self.status) } }) {
      program.removeStatus()
    }
    self.program = program
    let order = pair.isBefore ? Condition.arrivesBefore("r", "a") : .arrivesBefore("a", "r")
    // Two CPUs: the flag stands for the order of the capture, which says who came first.
    overtaking =
      sides.isFlagged && !pair.isSameCPU ? .and([.register(agent: "P1", "r0", 1), order]) : order
  }

  private static func options(_ pair: ResetPair, _ host: Host) -> ExplorerOptions {
    var options = ExplorerOptions()
    options.fabric = .pcie
    // A bridge that lets config writes overtake is a root complex that serialises nothing.
    let isAtRootComplex = host.serialisation == .rootComplex && !host.configOvertakes
    options.serialisationPoint = isAtRootComplex ? .rootComplex : .interconnect
    options.configSharesRegion = host.ecamSharesRegion && !host.configOvertakes
    options.configWritesArePosted = host.configWritesArePosted || pair.path == .posted
    return options
  }

  // MARK: Columns

  private struct Sides {
    var first: [Instruction]
    var second: [Instruction]
    /// On two CPUs the second knows that the first is done.
    var isFlagged = false
  }

  private static func before(_ pair: ResetPair) -> Sides {
    var first: [Instruction] = [.access(access(pair))]
    switch pair.evidence {
    case .ordered: first.append(.barrier(Barrier(.dmbSY)))
    case .synchronized: first.append(.barrier(Barrier(.dsbSY)))
    case .readBack where pair.isStore:
      first += [
        .barrier(Barrier(.dmbSY)), .access(load("s", status, "r1")), .barrier(Barrier(.dsbSY)),
      ]
    case .readBack: first.append(.barrier(Barrier(.dsbSY)))
    case .pushed: first.append(.barrier(Barrier(.dsbSY)))
    case .none, .returned, .expired: break
    }
    var push: [Instruction] = []
    if pair.evidence == .pushed {
      var read = load("c", config, "r1")
      if pair.path.returnsWhenDone { read.configPath = .trapped }
      push = [.access(read), .barrier(Barrier(.dsbSY))]
    }
    // A DMB tells another CPU nothing by itself.
    let isFlagged = !pair.isSameCPU && [.synchronized, .readBack, .pushed].contains(pair.evidence)
    // A load that waits for the mapping never comes back: with its data there, no zap matters.
    if pair.path == .vfio, !pair.isSameCPU, pair.evidence != .readBack,
      pair.evidence != .pushed
    {
      return Sides(
        first: first,
        second: [.unmap, .barrier(Barrier(.dsbSY, .innerShareable)), reset(pair, .ecam)],
        isFlagged: isFlagged)
    }
    let path: Access.ConfigPath =
      switch pair.path {
      case .ecam, .posted: .ecam
      case .trapped: .trapped
      case .vfio: pair.isSameCPU ? .trappedWithZap : .trapped
      }
    return Sides(first: first, second: push + [reset(pair, path)], isFlagged: isFlagged)
  }

  /// Nobody waits for a posted config write, so that no timeout ends the wait.
  private static func settled(_ pair: ResetPair, _ options: ExplorerOptions) -> ResetPair {
    var pair = pair
    if pair.evidence == .expired, options.configWritesArePosted { pair.evidence = .none }
    return pair
  }

  private static func after(_ pair: ResetPair, _ host: Host) -> Sides {
    let isReturned = pair.evidence == .returned
    let path: Access.ConfigPath =
      isReturned ? pair.path == .vfio ? .trappedWithZap : .trapped : .ecam
    var first = [reset(pair, path)]
    switch pair.evidence {
    case .synchronized: first.append(.barrier(Barrier(.dsbSY)))
    // A program has no time: a DSB waits as long.
    case .expired: first.append(.barrier(Barrier(.dsbSY)))
    case .readBack:
      // A root complex with one config request at a time holds the read back as a DSB would.
      if host.serialisesConfig { first.append(.barrier(Barrier(.dsbSY))) }
      first += [.access(load("c", config, "r1")), .barrier(Barrier(.dsbLD))]
    case .none, .ordered, .pushed, .returned: break
    }
    return Sides(
      first: first, second: [.access(access(pair))],
      isFlagged: !pair.isSameCPU && pair.evidence != .none && pair.evidence != .ordered)
  }

  // MARK: Accesses

  private static func access(_ pair: ResetPair) -> Access {
    pair.isStore
      ? Access(label: "a", direction: .store, location: mmio, size: 4, value: [1, 0, 0, 0])
      : load("a", mmio, "r2")
  }

  private static func load(_ label: String, _ location: Int, _ register: String) -> Access {
    Access(label: label, direction: .load, location: location, size: 4, register: register)
  }

  private static func reset(_ pair: ResetPair, _ path: Access.ConfigPath) -> Instruction {
    .access(
      Access(
        label: "r", direction: .store, location: config, offset: pair.isAtBridge ? 0x3e : 0x78,
        size: 2, value: pair.isAtBridge ? [0x40, 0] : [0, 0x80],
        configEffect: pair.isAtBridge ? .bridgeReset("rp0") : .reset, configPath: path))
  }

  private static let raise = Instruction.access(
    Access(label: "f", direction: .store, location: flag, size: 4, value: [1, 0, 0, 0]))
  private static let look = Instruction.access(load("g", flag, "r0"))

  /// Asks the explorer.
  ///
  /// - Returns: The order is kept in every allowed outcome.
  /// - Throws: ``ProgramError`` where the program is too big, which it never is.
  public func isKept() throws(ProgramError) -> Bool {
    let rules = withoutRules.reduce(RuleSet.all) { $0.without($1) }
    return try Explorer(program, rules: rules, options: options).witness(overtaking) == nil
  }
}

extension Instruction {
  fileprivate func touches(_ location: Int) -> Bool {
    if case .access(let access) = self { return access.location == location }
    return false
  }
}

extension Program {
  /// Takes out the status register that no instruction reads.
  fileprivate mutating func removeStatus() {
    locations.remove(at: 1)
    for agent in agents.indices {
      agents[agent].instructions = agents[agent].instructions.map { instruction in
        guard case .access(var access) = instruction, access.location > 1 else {
          return instruction
        }
        access.location -= 1
        return .access(access)
      }
    }
  }
}
