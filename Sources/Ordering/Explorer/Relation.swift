/// An order that a rule puts two accesses in.
public struct Relation: Sendable, Hashable {
  /// Labels of the accesses.
  public var first: String
  public var second: String
  /// Identifier of the rule; empty for program order.
  public var rule: String
  /// They may also be one transaction.
  public var orTogether: Bool
}

extension Explorer {
  /// The relation graph: program order, then what each rule orders, without what follows from
  /// other edges of the same rule.
  ///
  /// - Returns: Edges in the order of the program.
  /// - Throws: ``ProgramError`` where the program is too big.
  public func relations() throws(ProgramError) -> [Relation] {
    guard let machine = try machines(speculates: false, joinsTwins: false).first else { return [] }
    var result: [Relation] = []
    for (first, second) in zip(layout.sites, layout.sites.dropFirst())
    where first.agent == second.agent {
      result.append(
        Relation(
          first: first.access.label, second: second.access.label, rule: "", orTogether: false))
    }
    var known = Set(result)
    for edge in machine.graph.edges where !edge.rule.isEmpty {
      guard let relation = relation(edge, machine), known.insert(relation).inserted else {
        continue
      }
      result.append(relation)
    }
    return Self.reduced(result)
  }

  private func relation(_ edge: OrderGraph.Edge, _ machine: Machine) -> Relation? {
    let effects = machine.scene.effects
    let first = effects[edge.from / OrderGraph.milestones]
    let second = effects[edge.to / OrderGraph.milestones]
    guard first.access >= 0, second.access >= 0, first.access != second.access else { return nil }
    return Relation(
      first: layout.sites[first.access].access.label,
      second: layout.sites[second.access].access.label, rule: edge.rule,
      orTogether: edge.orTogether)
  }

  /// Leaves out edges that two others of the same rule imply.
  private static func reduced(_ relations: [Relation]) -> [Relation] {
    relations.filter { edge in
      edge.rule.isEmpty
        || !relations.contains { first in
          first.rule == edge.rule && first.first == edge.first && first.second != edge.second
            && relations.contains {
              $0.rule == edge.rule && $0.first == first.second && $0.second == edge.second
            }
        }
    }
  }
}
