import ArmMemory
import TraceCore

/// A program with its accesses found, its faults known, and its open choices listed.
struct Layout: Sendable {
  let program: Program
  let rules: RuleSet
  let options: ExplorerOptions
  private(set) var sites: [Site] = []
  /// Site of each agent's instruction, or -1.
  private(set) var siteOf: [[Int]] = []
  /// Where mappings are taken away: agent and instruction.
  private(set) var unmaps: [(agent: Int, instruction: Int)] = []
  private(set) var labels: [String: Int] = [:]

  init(_ program: Program, _ rules: RuleSet, _ options: ExplorerOptions) throws(ProgramError) {
    self.program = program
    self.rules = rules
    self.options = options
    for (agent, column) in program.agents.enumerated() {
      var places: [Int] = []
      for (index, instruction) in column.instructions.enumerated() {
        places.append(try place(instruction, agent, index))
      }
      siteOf.append(places)
    }
  }

  private mutating func place(
    _ instruction: Instruction, _ agent: Int, _ index: Int
  ) throws(ProgramError) -> Int {
    switch instruction {
    case .unmap:
      unmaps.append((agent, index))
      return -1
    case .access(let access):
      try add(access, agent, index)
      if access.configPath == .trappedWithZap { unmaps.append((agent, index)) }
      return sites.count - 1
    case .barrier, .control: return -1
    }
  }

  private mutating func add(
    _ access: Access, _ agent: Int, _ instruction: Int
  ) throws(ProgramError) {
    guard program.locations.indices.contains(access.location) else {
      throw ProgramError("access \(access.label): no such location")
    }
    let location = program.locations[access.location]
    guard program.peripherals.indices.contains(location.peripheral) else {
      throw ProgramError("location \(location.name): no such peripheral")
    }
    guard 1...64 ~= access.size, access.lies(in: location) else {
      throw ProgramError("access \(access.label): does not lie in \(location.name)")
    }
    guard labels.updateValue(sites.count, forKey: access.label) == nil else {
      throw ProgramError("two accesses are called \(access.label)")
    }
    var site = Site(
      agent: agent, instruction: instruction, access: access, attributes: location.attributes,
      location: location)
    site.faultStage = faultStage(site)
    sites.append(site)
  }

  private func splitScene(_ site: Site) -> SplitScene {
    SplitScene(address: site.address, options: options)
  }

  private func isMMIO(_ site: Site) -> Bool {
    program.peripherals[site.location.peripheral].kind == .mmio
  }

  /// Coherent memory and config space do not fault here: config accesses are aligned DWs.
  private func faultStage(_ site: Site) -> Int? {
    let scene = splitScene(site)
    guard isMMIO(site), !isDevice(site.agent) else { return nil }
    return rules.faults.lazy.compactMap { $0.stage(site.access, site.attributes, scene) }.first
  }

  func isDevice(_ agent: Int) -> Bool { program.agents[agent].kind != .vcpu }

  /// Sizes of the pieces of an access, low address first.
  func pieces(of site: Site) -> [Int] {
    let scene = splitScene(site)
    guard isMMIO(site), !isDevice(site.agent) else { return [site.access.size] }
    return rules.splits.lazy.compactMap { $0.pieces(site.access, site.attributes, scene) }.first
      ?? [site.access.size]
  }

  // MARK: Open choices

  /// Every combination of choices.
  ///
  /// - Parameter speculates: Loads of Normal memory may be read speculatively even where no
  ///   side effect shows it.
  /// - Returns: At least one.
  /// - Throws: ``ProgramError`` where there are too many.
  func variants(speculates: Bool) throws(ProgramError) -> [Variant] {
    var result = [Variant()]
    for index in sites.indices {
      if let store = forwardingStore(for: index) {
        let earlier = loads(from: store, to: index)
        result += result.compactMap { variant in
          // A load between that went to memory found the store there: the buffer is empty.
          guard earlier.allSatisfy({ variant.forwards[$0] == store }) else { return nil }
          var other = variant
          other.forwards[index] = store
          return other
        }
      }
      if maySpeculate(index, always: speculates) {
        result += result.map { variant in
          var other = variant
          other.ghosts.insert(index)
          return other
        }
      }
      try check(result.count)
    }
    for unmap in unmaps {
      var next: [Variant] = []
      for cut in cuts(of: unmap) {
        for variant in result {
          var other = variant
          other.cuts.append(cut)
          next.append(other)
        }
      }
      try check(next.count)
      result = next
    }
    return result
  }

  private func check(_ count: Int) throws(ProgramError) {
    guard count <= 4096 else {
      throw ProgramError("more than 4096 combinations of forwarding, speculation and unmapping")
    }
  }

  /// How many instructions each agent may have begun when a mapping goes: all combinations.
  private func cuts(of unmap: (agent: Int, instruction: Int)) -> [[Int]] {
    var result: [[Int]] = [[]]
    for (agent, column) in program.agents.enumerated() {
      let isCut = agent != unmap.agent && column.kind == .vcpu
      let choices = isCut ? 0...column.instructions.count : 0...0
      result = result.flatMap { prefix in choices.map { prefix + [$0] } }
    }
    return result
  }

  private func maySpeculate(_ index: Int, always: Bool) -> Bool {
    let site = sites[index]
    return rules.has(Speculation.id) && site.access.direction == .load && isMMIO(site)
      && site.faultStage == nil && !isDevice(site.agent)
      && (always || site.location.clearsOnRead)
      && PropertyMatrix.verdict(.speculativeRead, site.attributes.memoryType) != .forbidden
  }

  /// The store whose buffer may serve a load, as far as the two alone decide it; nil where there is
  /// none.
  private func forwardingStore(for index: Int) -> Int? {
    let load = sites[index]
    guard rules.has(Forwarding.id), load.access.direction == .load, load.faultStage == nil,
      !isDevice(load.agent), isBuffered(load)
    else { return nil }
    let instructions = program.agents[load.agent].instructions
    for place in (0..<load.instruction).reversed() {
      switch instructions[place] {
      case .unmap where isMMIO(load): return nil
      case .access(let access):
        let store = siteOf[load.agent][place]
        guard access.direction == .store, isSameBytes(sites[store], load) else { continue }
        return mayServe(sites[store], load) ? store : nil
      default: break
      }
    }
    return nil
  }

  /// Earlier stores to the location may serve loads of it.
  private func isBuffered(_ load: Site) -> Bool {
    switch program.peripherals[load.location.peripheral].kind {
    case .memory: true
    case .mmio:
      PropertyMatrix.verdict(.forwarding, load.attributes.memoryType) != .forbidden
    case .ecam: false
    }
  }

  private func mayServe(_ store: Site, _ load: Site) -> Bool {
    store.addresses.lowerBound <= load.addresses.lowerBound
      && store.addresses.upperBound >= load.addresses.upperBound && store.faultStage == nil
      && (store.access.order != .release || !isMMIO(load))
  }

  /// Loads of a load's bytes behind the store that may serve it.
  private func loads(from store: Int, to load: Int) -> [Int] {
    (store..<load).filter { site in
      sites[site].access.direction == .load && sites[site].faultStage == nil
        && isSameBytes(sites[site], sites[load])
    }
  }

  private func isSameBytes(_ first: Site, _ second: Site) -> Bool {
    first.location.peripheral == second.location.peripheral
      && first.addresses.overlaps(second.addresses) && first.attributes == second.attributes
  }
}
