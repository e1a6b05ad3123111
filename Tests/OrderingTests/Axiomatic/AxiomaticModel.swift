import Ordering
import TraceCore

/// Every outcome of a program by the axioms of aarch64.cat (herdtools7; Arm ARM DDI 0487, B2.3): one
/// execution after the other, each judged as a whole.
///
/// Written from the axioms alone. Accesses are whole locations of one size, each load fills a register
/// of its own, nothing faults.
struct AxiomaticModel {
  private struct Event {
    var agent: Int
    var place: Int
    var access: Access
    var isStore: Bool { access.direction == .store }
    var isLoad: Bool { access.direction == .load }
  }

  private typealias Relation = [UInt64]

  private let program: Program
  private let events: [Event]
  private let localOrder: Relation
  private let sameLocation: Relation

  init(_ program: Program) {
    self.program = program
    var events: [Event] = []
    for (agent, column) in program.agents.enumerated() {
      for (place, instruction) in column.instructions.enumerated() {
        if case .access(let access) = instruction {
          events.append(Event(agent: agent, place: place, access: access))
        }
      }
    }
    self.events = events
    localOrder = Self.relation(events) { Self.isLocallyOrdered($0, $1, program) }
    sameLocation = Self.relation(events) {
      $0.agent == $1.agent && $0.place < $1.place && $0.access.location == $1.access.location
    }
  }

  // MARK: Locally ordered before

  private static func isLocallyOrdered(_ a: Event, _ b: Event, _ program: Program) -> Bool {
    guard a.agent == b.agent, a.place < b.place else { return false }
    let instructions = program.agents[a.agent].instructions
    let between = (a.place + 1..<b.place).map { ($0, instructions[$0]) }
    return isBarrierOrdered(a, b, between.map(\.1)) || isDependent(a, b, between)
      || a.access.location == b.access.location && b.isStore
  }

  private static func isBarrierOrdered(_ a: Event, _ b: Event, _ between: [Instruction]) -> Bool {
    let (first, second) = (a.access.order, b.access.order)
    if first == .acquire || first == .acquirePC || second == .release { return true }
    if first == .release, second == .acquire { return true }
    return between.contains { instruction in
      guard case .barrier(let barrier) = instruction else { return false }
      switch barrier.kind {
      case .dmbSY, .dsbSY: return true
      case .dmbLD, .dsbLD: return a.isLoad
      case .dmbST: return a.isStore && b.isStore
      case .dsbST: return a.isStore
      default: return false
      }
    }
  }

  private static func isDependent(
    _ a: Event, _ b: Event, _ between: [(Int, Instruction)]
  ) -> Bool {
    guard a.isLoad, let register = a.access.register else { return false }
    func uses(_ access: Access) -> Bool {
      access.addressDependencies.contains(register) || access.dataDependencies.contains(register)
    }
    if uses(b.access) { return true }
    var (isControlled, isAddressed, isSynchronised) = (false, false, false)
    var store: Access?
    for (_, instruction) in between {
      switch instruction {
      case .control(register): isControlled = true
      case .access(let access):
        if access.addressDependencies.contains(register) { isAddressed = true }
        if access.direction == .store, access.location == b.access.location { store = access }
      case .barrier(let barrier) where barrier.kind == .isb:
        isSynchronised = isSynchronised || isControlled || isAddressed
      default: break
      }
    }
    if b.isStore, isControlled || isAddressed { return true }
    return b.isLoad && (isSynchronised || store.map(uses) ?? false)
  }

  // MARK: Executions

  /// Outcomes: what each load returned and each location holds at the end, as
  /// ``Explorer/states(observing:)`` writes it.
  func outcomes() -> Set<[String]> {
    var found: Set<[String]> = []
    let loads = events.indices.filter { events[$0].isLoad }
    forEachCoherence(0, []) { coherence in
      forEachSource(loads[...], [:]) { sources in
        if isAllowed(coherence, sources) { found.insert(outcome(coherence, sources)) }
      }
    }
    return found
  }

  /// The stores of each location, in every order.
  private func forEachCoherence(_ location: Int, _ chosen: [[Int]], _ body: ([[Int]]) -> Void) {
    guard location < program.locations.count else { return body(chosen) }
    let stores = events.indices.filter {
      events[$0].isStore && events[$0].access.location == location
    }
    for order in Self.permutations(stores) {
      forEachCoherence(location + 1, chosen + [order], body)
    }
  }

  /// A store, or -1 for the value at the start, for each load.
  private func forEachSource(
    _ loads: ArraySlice<Int>, _ chosen: [Int: Int], _ body: ([Int: Int]) -> Void
  ) {
    guard let load = loads.first else { return body(chosen) }
    let stores = events.indices.filter {
      events[$0].isStore && events[$0].access.location == events[load].access.location
    }
    for source in [-1] + stores {
      var next = chosen
      next[load] = source
      forEachSource(loads.dropFirst(), next, body)
    }
  }

  private func isAllowed(_ coherence: [[Int]], _ sources: [Int: Int]) -> Bool {
    var all = [UInt64](repeating: 0, count: events.count)
    for order in coherence {
      for (place, store) in order.enumerated() {
        for later in order[(place + 1)...] { all[store] |= 1 << UInt64(later) }
      }
    }
    var internally = all
    for (load, source) in sources {
      if source >= 0 { internally[source] |= 1 << UInt64(load) }
      let order = coherence[events[load].access.location]
      let after = order.firstIndex(of: source).map { $0 + 1 } ?? 0
      for store in order[after...] { internally[load] |= 1 << UInt64(store) }
    }
    var externally = localOrder
    for event in events.indices {
      for other in events.indices
      where internally[event] >> UInt64(other) & 1 == 1
        && events[event].agent != events[other].agent
      {
        externally[event] |= 1 << UInt64(other)
      }
      internally[event] |= sameLocation[event]
    }
    return Self.isAcyclic(internally) && Self.isAcyclic(externally)
  }

  private func outcome(_ coherence: [[Int]], _ sources: [Int: Int]) -> [String] {
    var values: [String] = []
    for (index, event) in events.enumerated() where event.isLoad {
      let value = sources[index].map { $0 < 0 ? 0 : Int(events[$0].access.value[0]) } ?? 0
      values.append("\(program.agents[event.agent].name):\(event.access.register ?? "")=\(value)")
    }
    for (location, order) in coherence.enumerated() {
      let value = order.last.map { Int(events[$0].access.value[0]) } ?? 0
      values.append("\(program.locations[location].name)=\(value)")
    }
    return values
  }

  // MARK: Relations

  private static func relation(
    _ events: [Event], _ holds: (Event, Event) -> Bool
  ) -> Relation {
    events.map { first in
      var mask: UInt64 = 0
      for (index, second) in events.enumerated() where holds(first, second) {
        mask |= 1 << UInt64(index)
      }
      return mask
    }
  }

  private static func isAcyclic(_ relation: Relation) -> Bool {
    var closure = relation
    for middle in closure.indices {
      for event in closure.indices where closure[event] >> UInt64(middle) & 1 == 1 {
        closure[event] |= closure[middle]
      }
    }
    return closure.indices.allSatisfy { closure[$0] >> UInt64($0) & 1 == 0 }
  }

  private static func permutations(_ items: [Int]) -> [[Int]] {
    guard let first = items.first else { return [[]] }
    return permutations(Array(items.dropFirst())).flatMap { rest in
      (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
    }
  }
}
