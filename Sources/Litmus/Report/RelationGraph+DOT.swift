extension RelationGraph {
  /// The graph for Graphviz: a cluster per agent, program order black, rules in colour, arrival
  /// dotted.
  public var dot: String {
    var lines = [
      "digraph litmus {",
      "  label=\(Self.quoted(title + (caption.isEmpty ? "" : "\n" + caption))); labelloc=t;",
      "  node [shape=box, fontname=\"monospace\"]; edge [fontname=\"sans-serif\", fontsize=10];",
    ]
    for (column, name) in columns.enumerated() {
      lines.append("  subgraph cluster_\(column) {")
      lines.append("    label=\(Self.quoted(name));")
      for (index, node) in nodes.enumerated() where node.column == column {
        let numbers = node.arrivals.map(String.init).joined(separator: ",")
        let arrival = numbers.isEmpty ? "" : "\narrival " + numbers
        lines.append(
          "    n\(index) [label=\(Self.quoted(node.instruction + "\n" + node.type + arrival))];")
      }
      lines.append("  }")
    }
    lines += edges.map(line) + arrivalLines
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  private func line(_ edge: Edge) -> String {
    var attributes: [String] = []
    if edge.rules.isEmpty {
      let between = nodes[edge.to].between
      attributes.append("label=\(Self.quoted((["po"] + between).joined(separator: "\n")))")
    } else {
      attributes.append("label=\(Self.quoted(edge.rules.joined(separator: "\n")))")
      attributes.append("color=\"#0969da\", fontcolor=\"#0969da\"")
      if edge.orTogether { attributes.append("style=dashed") }
    }
    return "  n\(edge.from) -> n\(edge.to) [" + attributes.joined(separator: ", ") + "];"
  }

  /// From each access to those of the next transaction.
  private var arrivalLines: [String] {
    guard arrivals.count > 1 else { return [] }
    return (1..<arrivals.count).compactMap { number in
      guard let from = nodes.firstIndex(where: { $0.arrivals.contains(number) }),
        let to = nodes.firstIndex(where: { $0.arrivals.contains(number + 1) }), from != to
      else { return nil }
      return "  n\(from) -> n\(to) [style=dotted, constraint=false, color=\"#8c959f\"];"
    }
  }

  private static func quoted(_ text: String) -> String {
    "\""
      + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n") + "\""
  }
}
