import ArmMemory
public import Ordering
public import TraceCore

/// A program's accesses and what orders them, with the arrivals of one outcome.
public struct RelationGraph: Sendable {
  /// An access.
  struct Node: Sendable {
    var label: String
    /// The instruction as a text writes it.
    var instruction: String
    /// Memory type, and whatever makes its arrival special.
    var type: String
    /// Index of the agent.
    var column: Int
    /// Place in the column, from 0.
    var row: Int
    /// Barriers and branches between the access before and this one.
    var between: [String]
    /// Numbers, from 1, of the transactions that carry it; empty where it does not arrive.
    var arrivals: [Int]
  }

  /// What orders two accesses.
  struct Edge: Sendable {
    var from: Int
    var to: Int
    /// Identifiers of the rules; empty for program order.
    var rules: [String]
    /// The rules let them be one transaction, too.
    var orTogether: Bool
  }

  let title: String
  let columns: [String]
  let nodes: [Node]
  let edges: [Edge]
  /// The transactions in their order, one text each; empty without an outcome.
  let arrivals: [String]
  /// What the outcome is a witness of.
  let caption: String

  /// - Parameters:
  ///   - test: The program and its machine.
  ///   - rules: The rules in force.
  ///   - judgement: The claim whose witness is drawn; without one, only the relations are.
  /// - Throws: ``TraceError`` where the program cannot be explored.
  public init(
    _ test: LitmusTest, rules: RuleSet = .all, judgement: Judgement?
  ) throws(TraceError) {
    let relations: [Relation]
    do throws(ProgramError) {
      relations = try Explorer(test.program, rules: rules, options: test.options).relations()
    } catch {
      throw test.refusal(error)
    }
    let outcome = judgement?.witness
    let text = OutcomeText(test.program)
    title = test.program.name + (test.program.title.isEmpty ? "" : ": " + test.program.title)
    columns = test.program.agents.map(\.name)
    arrivals = outcome?.arrivals.map(text.text) ?? []
    nodes = Self.nodes(test.program, outcome)
    edges = Self.edges(relations, nodes)
    caption = judgement.map { Self.caption($0) } ?? ""
  }

  private static func caption(_ judgement: Judgement) -> String {
    let claim = judgement.claim.text + ": " + judgement.verdict
    return judgement.witness == nil ? claim + ", no outcome to draw" : claim
  }

  private static func nodes(_ program: Program, _ outcome: Outcome?) -> [Node] {
    var nodes: [Node] = []
    let writer = InstructionText(program)
    for (column, agent) in program.agents.enumerated() {
      var between: [String] = []
      var row = 0
      for instruction in agent.instructions {
        guard case .access(let access) = instruction else {
          between.append(writer.text(instruction))
          continue
        }
        nodes.append(
          Node(
            label: access.label, instruction: writer.text(instruction),
            type: note(access, program, outcome), column: column, row: row, between: between,
            arrivals: numbers(of: access.label, outcome)))
        between = []
        row += 1
      }
    }
    return nodes
  }

  private static func note(_ access: Access, _ program: Program, _ outcome: Outcome?) -> String {
    let location = program.locations[access.location]
    let peripheral = program.peripherals[location.peripheral]
    let type = location.attributes.memoryType.name + (location.attributes.xs ? "" : " XS=0")
    var note = peripheral.name + "  " + (peripheral.kind == .memory ? "memory" : type)
    guard let outcome else { return note }
    if let stage = outcome.faults[access.label] { note += "  faults at stage \(stage)" }
    if outcome.forwarded.contains(access.label) { note += "  forwarded" }
    if outcome.blocked.contains(access.label) { note += "  waits" }
    if outcome.arrivals.contains(where: { transaction in
      transaction.isLost && transaction.parts.contains { $0.label == access.label }
    }) {
      note += "  lost"
    }
    return note
  }

  private static func numbers(of label: String, _ outcome: Outcome?) -> [Int] {
    (outcome?.arrivals ?? []).enumerated().filter { entry in
      entry.element.parts.contains { $0.label == label }
    }.map { $0.offset + 1 }
  }

  /// One edge for each pair, with all rules that order it.
  private static func edges(_ relations: [Relation], _ nodes: [Node]) -> [Edge] {
    var places: [String: Int] = [:]
    for (index, node) in nodes.enumerated() { places[node.label] = index }
    var edges: [Edge] = []
    for relation in relations {
      guard let from = places[relation.first], let to = places[relation.second] else { continue }
      let known = edges.firstIndex { edge in
        edge.from == from && edge.to == to && edge.rules.isEmpty == relation.rule.isEmpty
          && edge.orTogether == relation.orTogether
      }
      if let known {
        if !relation.rule.isEmpty { edges[known].rules.append(relation.rule) }
      } else {
        edges.append(
          Edge(
            from: from, to: to, rules: relation.rule.isEmpty ? [] : [relation.rule],
            orTogether: relation.orTogether))
      }
    }
    return edges
  }
}
