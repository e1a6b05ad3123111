/// Finds every outcome of a small program that the rules allow.
///
/// A program's state is which effects have happened, what is in flight, and what memory holds; every
/// order and every partition into transactions is a path through those states. Paths that
/// lead to the same state are followed once, so that the cost grows with the states, not with
/// the outcomes: at most 3^n moves for n stores to one line without any order between them (531,441
/// for 12), fewer for everything else. ``ExplorerOptions/budget`` bounds the moves; programs of
/// more than 63 single accesses, or 64 steps, are refused.
public struct Explorer: Sendable {
  public let program: Program
  public let rules: RuleSet
  public let options: ExplorerOptions
  let layout: Layout

  /// - Parameters:
  ///   - program: What is run.
  ///   - rules: The rules in force.
  ///   - options: The machine around the CPUs.
  /// - Throws: ``ProgramError`` where the program contradicts itself or is too big.
  public init(
    _ program: Program, rules: RuleSet = .all, options: ExplorerOptions = ExplorerOptions()
  ) throws(ProgramError) {
    self.program = program
    self.rules = rules
    self.options = options
    layout = try Layout(program, rules, options)
  }

  /// One machine a combination of open choices; those that contradict the rules are left out.
  ///
  /// - Parameters:
  ///   - speculates: Loads of Normal memory may be read speculatively.
  ///   - joinsTwins: Of orders that differ in parts alike, one is followed.
  /// - Returns: The machines.
  /// - Throws: ``ProgramError`` where the program is too big.
  func machines(speculates: Bool, joinsTwins: Bool) throws(ProgramError) -> [Machine] {
    var machines: [Machine] = []
    for variant in try layout.variants(speculates: speculates) {
      let scene = try Scene(layout, variant)
      if scene.forwardsAcrossBarrier { continue }
      let machine = try Machine(scene, joinsTwins: joinsTwins)
      if !machine.graph.isContradictory { machines.append(machine) }
    }
    return machines
  }

  /// Visits the end of every path, each end with the same state and answers once.
  ///
  /// - Parameters:
  ///   - conditions: What to follow along the paths.
  ///   - body: Gets the end; returns false to stop.
  /// - Throws: ``ProgramError`` where the program is too big.
  func search(
    _ conditions: [Condition], _ body: (End) -> Bool
  ) throws(ProgramError) {
    var moves = 0
    let speculates = conditions.contains { $0.asksForSpeculation }
    for machine in try machines(speculates: speculates, joinsTwins: true) {
      let watch = try Watch(conditions, machine.scene)
      var search = Search(machine, watch, budget: options.budget - moves)
      guard try search.run(body) else { return }
      moves += search.moves
    }
  }
}

/// The end of a path.
struct End {
  let machine: Machine
  let watch: Watch
  let state: MachineState
  let answers: Watch.Answers
  /// Transactions in the order of their arrival.
  let arrivals: () -> [UInt64]

  func holds(_ condition: Condition) -> Bool { watch.holds(condition, machine, state, answers) }
}

/// Depth-first over the states of one machine.
struct Search {
  private struct Node: Hashable {
    var state: MachineState
    var answers: Watch.Answers
  }

  private let machine: Machine
  private let watch: Watch
  private let budget: Int
  private(set) var moves = 0
  private var known: Set<Node> = []
  private var stack: [(node: Node, parent: Int, arrived: UInt64)] = []
  /// Path back from each visited node: its parent and what arrived.
  private var trail: [(parent: Int, arrived: UInt64)] = []

  init(_ machine: Machine, _ watch: Watch, budget: Int) {
    self.machine = machine
    self.watch = watch
    self.budget = budget
  }

  /// - Returns: False where `body` stopped it.
  mutating func run(_ body: (End) -> Bool) throws(ProgramError) -> Bool {
    let start = Node(state: machine.start, answers: watch.start)
    known.insert(start)
    stack = [(start, -1, 0)]
    while let (node, parent, arrived) = stack.popLast() {
      let place = trail.count
      trail.append((parent, arrived))
      if node.state.done == machine.complete {
        let end = End(
          machine: machine, watch: watch, state: node.state, answers: node.answers,
          arrivals: { [trail] in Self.path(trail, place) })
        guard body(end) else { return false }
        continue
      }
      try expand(node, place)
    }
    return true
  }

  private mutating func expand(_ node: Node, _ place: Int) throws(ProgramError) {
    var next: [(Node, UInt64)] = []
    var count = moves
    let limit = budget
    try machine.forEachMove(node.state) { (move) throws(ProgramError) in
      count += 1
      guard count <= limit else {
        throw ProgramError("\(OutcomeList.tooManyMoves); make the program smaller")
      }
      let state = machine.apply(move, to: node.state)
      guard machine.violation(move, state) == nil else { return true }
      var answers = node.answers
      let isArrival = move.milestone == .arrive
      if isArrival { watch.arrive(move.effects, state, &answers) }
      next.append((Node(state: state, answers: answers), isArrival ? move.effects : 0))
      return true
    }
    moves = count
    for (node, arrived) in next where known.insert(node).inserted {
      stack.append((node, place, arrived))
    }
  }

  private static func path(_ trail: [(parent: Int, arrived: UInt64)], _ end: Int) -> [UInt64] {
    var result: [UInt64] = []
    var place = end
    while place >= 0 {
      if trail[place].arrived != 0 { result.append(trail[place].arrived) }
      place = trail[place].parent
    }
    return result.reversed()
  }
}

extension Condition {
  /// Whether the bus saw more reads than instructions asked for.
  var asksForSpeculation: Bool {
    switch self {
    case .speculated, .reads: true
    case .not(let inner): inner.asksForSpeculation
    case .and(let parts), .or(let parts): parts.contains { $0.asksForSpeculation }
    default: false
    }
  }
}
