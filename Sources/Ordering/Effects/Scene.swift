import ArmMemory
import TraceCore

/// The effects of a program under one variant, and the relations that the rules build on.
struct Scene: Sendable {
  let layout: Layout
  let variant: Variant
  private(set) var effects: [Effect] = []
  /// Effects of each site.
  private(set) var effectsOf: [UInt64] = []
  /// Sites whose accesses wait for a mapping for ever.
  private(set) var blocked: Set<Int> = []
  /// Effects after each effect, by number: Barrier-ordered-before, dependency, and the closure of both.
  private var barrierOrdered: [UInt64] = []
  private var dependent: [UInt64] = []
  private var locallyOrdered: [UInt64] = []

  var program: Program { layout.program }
  var options: ExplorerOptions { layout.options }
  var rules: RuleSet { layout.rules }

  /// Most effects of a program.
  static let limit = 63

  init(_ layout: Layout, _ variant: Variant) throws(ProgramError) {
    self.layout = layout
    self.variant = variant
    effectsOf = Array(repeating: 0, count: layout.sites.count)
    for (agent, column) in layout.program.agents.enumerated() {
      for (index, instruction) in column.instructions.enumerated() {
        add(instruction, agent, index)
      }
    }
    guard effects.count <= Self.limit else {
      throw ProgramError(
        "\(effects.count) single accesses; at most \(Self.limit) can be explored "
          + "(an unaligned access counts for each byte)")
    }
    relate()
  }

  // MARK: Effects

  private mutating func add(_ instruction: Instruction, _ agent: Int, _ index: Int) {
    switch instruction {
    case .barrier, .control: break
    case .unmap:
      let effect = Effect(
        index: effects.count, agent: agent, instruction: index, access: -1, kind: .unmap,
        isStore: true, peripheral: -1, address: 0, size: 1, type: .deviceNGnRnE, xs: true,
        form: .single, order: .plain, isByDevice: false)
      effects.append(effect)
    case .access:
      let site = layout.siteOf[agent][index]
      guard layout.sites[site].faultStage == nil else { return }
      if isBlocked(agent, index) {
        blocked.insert(site)
      } else {
        add(site)
      }
    }
  }

  /// An unmap came first, and nothing maps again.
  private func isBlocked(_ agent: Int, _ instruction: Int) -> Bool {
    guard layout.program.agents[agent].kind == .vcpu, isMapped(agent, instruction) else {
      return false
    }
    return zip(layout.unmaps, variant.cuts).contains { unmap, cut in
      unmap.agent != agent && isForEver(unmap) && instruction >= cut[agent]
    }
  }

  private func isForEver(_ unmap: (agent: Int, instruction: Int)) -> Bool {
    layout.program.agents[unmap.agent].instructions[unmap.instruction] == .unmap
  }

  /// The access goes through a stage-2 mapping of MMIO.
  private func isMapped(_ agent: Int, _ instruction: Int) -> Bool {
    let site = layout.sites[layout.siteOf[agent][instruction]]
    return program.peripherals[site.location.peripheral].kind == .mmio
  }

  private mutating func add(_ index: Int) {
    let site = layout.sites[index]
    var offset = 0
    let sizes = variant.forwards[index] == nil ? layout.pieces(of: site) : [site.access.size]
    for size in sizes {
      effectsOf[index] |= 1 << UInt64(effects.count)
      var effect = effect(of: index, offset: offset, size: size)
      if let store = variant.forwards[index] {
        effect.forwardedFrom = store
      }
      effects.append(effect)
      offset += size
    }
    guard variant.ghosts.contains(index) else { return }
    var ghost = effect(of: index, offset: 0, size: site.access.size)
    ghost.isSpeculative = true
    effects.append(ghost)
  }

  private func effect(of index: Int, offset: Int, size: Int) -> Effect {
    let site = layout.sites[index]
    let kind: Effect.Kind =
      switch program.peripherals[site.location.peripheral].kind {
      case .mmio: .mmio
      case .ecam: .config
      case .memory: .memory
      }
    return Effect(
      index: effects.count, agent: site.agent, instruction: site.instruction, access: index,
      kind: kind, isStore: site.access.direction == .store, peripheral: site.location.peripheral,
      address: site.address + UInt64(offset), size: size, type: type(of: site),
      xs: site.attributes.xs, form: site.access.form, order: site.access.order,
      isByDevice: layout.isDevice(site.agent))
  }

  /// The mapped type, or what the form of the instruction makes of it.
  private func type(of site: Site) -> MemoryType {
    let type = site.attributes.memoryType
    guard type.isDevice else { return type }
    let weakens =
      site.access.form == .scalable && rules.has(ScalableAsGRE.id)
      || site.access.form == .memoryCopy && rules.has(MemoryCopyGathers.id)
    return weakens ? .deviceGRE : type
  }

  // MARK: Relations

  private mutating func relate() {
    barrierOrdered = Array(repeating: 0, count: effects.count)
    dependent = barrierOrdered
    let (barriers, dependencies) = (rules.barriers, rules.dependencies)
    forEachPair { pair in
      let bit = UInt64(1) << UInt64(pair.second.index)
      let (first, agentIsCPU) = (pair.first.index, !pair.first.isByDevice)
      if agentIsCPU, barriers.contains(where: { $0.orders(pair) }) { barrierOrdered[first] |= bit }
      if agentIsCPU, dependencies.contains(where: { $0.orders(pair) }) { dependent[first] |= bit }
    }
    locallyOrdered = zip(barrierOrdered, dependent).map { $0 | $1 }
    // Effects of an agent stand in program order, so one pass from the last back closes it.
    for index in effects.indices.reversed() {
      for other in locallyOrdered[index].bits { locallyOrdered[index] |= locallyOrdered[other] }
    }
  }

  /// Every two effects of one agent, in program order; real ones only.
  func forEachPair(_ body: (Pair) -> Void) {
    for first in effects.indices where !effects[first].isSpeculative {
      for second in effects.indices where second > first && !effects[second].isSpeculative {
        guard effects[first].agent == effects[second].agent else { continue }
        body(pair(first, second))
      }
    }
  }

  func pair(_ first: Int, _ second: Int) -> Pair {
    let instructions = program.agents[effects[first].agent].instructions
    let start = effects[first].instruction + 1
    let end = effects[second].instruction
    return Pair(
      first: effects[first], second: effects[second],
      between: start < end ? instructions[start..<end] : [], scene: self)
  }

  func isBarrierOrdered(_ first: Effect, _ second: Effect) -> Bool {
    barrierOrdered[first.index].has(second.index)
  }

  func isDependent(_ first: Effect, _ second: Effect) -> Bool {
    dependent[first.index].has(second.index)
  }

  /// In the closure of barriers and dependencies.
  func isLocallyOrdered(_ first: Effect, _ second: Effect) -> Bool {
    locallyOrdered[first.index].has(second.index)
  }

  /// Effects that are Barrier-ordered after one, directly.
  func barrierAfter(_ index: Int) -> UInt64 { barrierOrdered[index] }

  // MARK: What the program says of an effect

  func site(of effect: Effect) -> Site { layout.sites[effect.access] }

  func access(of effect: Effect) -> Access? {
    effect.access < 0 ? nil : layout.sites[effect.access].access
  }

  /// The effect goes through PCIe.
  func isBehindPCIe(_ effect: Effect) -> Bool {
    guard options.fabric == .pcie, effect.forwardedFrom == nil else { return false }
    switch effect.kind {
    case .config: return true
    case .mmio: return !effect.isByDevice && function(of: effect) != nil
    case .memory: return effect.isByDevice
    case .unmap: return false
    }
  }

  /// Index of the function that an effect belongs to: the device's own, where it is the agent.
  func function(of effect: Effect) -> Int? {
    if case .device(let function) = program.agents[effect.agent].kind { return function }
    return effect.peripheral < 0 ? nil : program.peripherals[effect.peripheral].function
  }

  /// Where Arm's arrival rules stop.
  func arrivalMilestone(_ effect: Effect) -> Milestone {
    isBehindPCIe(effect) && options.arrivalPoint == .rootComplex ? .ingress : .arrive
  }

  /// Where a device's own write leaves it.
  func departure(_ effect: Effect) -> Milestone { isBehindPCIe(effect) ? .ingress : .arrive }

  /// The effect has a completion that comes back: reads, and config writes that nothing posts.
  func isNonPosted(_ effect: Effect) -> Bool {
    effect.isStore ? effect.kind == .config && !options.configWritesArePosted : true
  }

  /// The CPU counts the write as complete only when the endpoint has it.
  func completesAtEndpoint(_ effect: Effect) -> Bool {
    guard effect.isStore, effect.kind != .memory else { return true }
    guard rules.has(EarlyAcknowledgement.id) else { return true }
    guard effect.type == .deviceNGnRnE, rules.has(EndpointAcknowledgement.id) else { return false }
    if effect.kind == .config { return !options.configWritesArePosted }
    return program.peripherals[effect.peripheral].acknowledgesAtEndpoint
  }

  /// Two effects may be in one transaction.
  func mayGather(_ first: Int, _ second: Int, _ gatherRules: [any GatherRule]) -> Bool {
    let (one, two) = (effects[first], effects[second])
    guard one.agent == two.agent, one.kind == .mmio, two.kind == .mmio,
      one.peripheral == two.peripheral, one.forwardedFrom == nil, two.forwardedFrom == nil,
      !one.isByDevice
    else { return false }
    let pair = pair(min(first, second), max(first, second))
    if one.isSpeculative || two.isSpeculative { return false }
    if !pair.isSameInstruction {
      guard rules.has(Gathering.id) else { return false }
      if !rules.has(GatheringHint.id), pair.hasHint { return false }
    }
    return !gatherRules.contains { $0.forbids(pair) }
  }
}

extension Pair {
  fileprivate var hasHint: Bool {
    between.contains { instruction in
      if case .barrier(let barrier) = instruction { return barrier.kind == .dgh }
      return false
    }
  }
}

extension UInt64 {
  func has(_ bit: Int) -> Bool { self & (1 << UInt64(bit)) != 0 }

  /// Numbers of the bits that are set, lowest first.
  var bits: BitNumbers { BitNumbers(rest: self) }

  struct BitNumbers: Sequence, IteratorProtocol {
    var rest: UInt64

    mutating func next() -> Int? {
      guard rest != 0 else { return nil }
      defer { rest &= rest - 1 }
      return rest.trailingZeroBitCount
    }
  }
}
