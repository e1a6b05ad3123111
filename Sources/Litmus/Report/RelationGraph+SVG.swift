extension RelationGraph {
  /// The graph as a picture: a column per agent, its accesses downwards in program order, rules as
  /// arcs beside them, arrival as numbers.
  ///
  /// SVG 1.1 without scripts or outside references, legible on light and dark pages.
  public var svg: String {
    var picture = GraphPicture(self)
    return picture.document()
  }
}

/// Lays a graph out and draws it; all lengths in pixels.
struct GraphPicture {
  private let graph: RelationGraph
  private var body = ""

  /// Advance of a character of the monospaced font at 12 px, a little above DejaVu Sans Mono's.
  private static let advance = 7.4
  private static let boxHeight = 40
  private static let gap = 34
  private static let top = 84
  private static let lane = 14

  /// Where a column stands, and how much room its arcs need.
  private struct Column {
    var x = 0
    var width = 0
    var arcs: [Int] = []
    var labelWidth = 0
    var labelX: Int { x + width + 12 + arcs.count * GraphPicture.lane }
  }

  private var columns: [Column] = []
  /// Top edge of each node.
  private var tops: [Int] = []
  private var width = 0
  private var bottom = 0

  init(_ graph: RelationGraph) {
    self.graph = graph
    placeNodes()
    placeColumns()
  }

  // MARK: Layout

  private static func textWidth(_ text: String) -> Int {
    Int(Double(text.unicodeScalars.count) * advance) + 1
  }

  private mutating func placeNodes() {
    var y = 0
    bottom = Self.top
    for node in graph.nodes {
      if node.row == 0 { y = Self.top }
      // Barriers before an access need a line each.
      y += max(0, node.between.count - (node.row == 0 ? 0 : 1)) * 15
      tops.append(y)
      y += Self.boxHeight + Self.gap
      bottom = max(bottom, y - Self.gap)
    }
  }

  private mutating func placeColumns() {
    var x = 24
    for index in graph.columns.indices {
      var column = Column(x: x)
      let nodes = graph.nodes.filter { $0.column == index }
      let texts = nodes.flatMap { [$0.instruction, $0.type] } + [graph.columns[index]]
      column.width = max(120, (texts.map(Self.textWidth).max() ?? 0) + 44)
      column.arcs = graph.edges.indices.filter { edge in
        !graph.edges[edge].rules.isEmpty && isInside(graph.edges[edge], index)
      }.sorted { span($0) < span($1) }
      column.labelWidth = column.arcs.map { Self.textWidth(text(graph.edges[$0])) }.max() ?? 0
      columns.append(column)
      x = column.labelX + column.labelWidth + 60
    }
    let lists = [graph.caption] + graph.arrivals.map { "00  " + $0 }
    // The heading is bold and larger than the rest.
    let heading = Self.textWidth(graph.title) * 4 / 3
    width = max(x - 30, max(heading, lists.map(Self.textWidth).max() ?? 0) + 60, 360)
  }

  private func isInside(_ edge: RelationGraph.Edge, _ column: Int) -> Bool {
    graph.nodes[edge.from].column == column && graph.nodes[edge.to].column == column
  }

  private func span(_ edge: Int) -> Int {
    abs(tops[graph.edges[edge].to] - tops[graph.edges[edge].from])
  }

  private func text(_ edge: RelationGraph.Edge) -> String {
    edge.rules.joined(separator: ", ") + (edge.orTogether ? " (or together)" : "")
  }

  // MARK: Drawing

  mutating func document() -> String {
    draw(graph.title, "head", 24, 28)
    draw(graph.caption, "quiet", 24, 48)
    for (index, name) in graph.columns.enumerated() {
      draw(name, "name", columns[index].x, Self.top - 12)
    }
    for (index, edge) in graph.edges.enumerated() { draw(edge, index) }
    for index in graph.columns.indices { drawArcLabels(index) }
    for index in graph.nodes.indices { draw(node: index) }
    drawArrivals()
    return page()
  }

  private mutating func draw(_ text: String, _ kind: String, _ x: Int, _ y: Int) {
    guard !text.isEmpty else { return }
    body += "<text class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\">\(Self.xml(text))</text>\n"
  }

  private mutating func draw(node index: Int) {
    let node = graph.nodes[index]
    let (x, y) = (columns[node.column].x, tops[index])
    let size = "width=\"\(columns[node.column].width)\" height=\"\(Self.boxHeight)\" rx=\"5\""
    body += "<rect class=\"box\" x=\"\(x)\" y=\"\(y)\" \(size)/>\n"
    draw(node.instruction, "code", x + 34, y + 17)
    draw(node.type, "quiet", x + 34, y + 33)
    // Barriers stand beside the arrow that leads here.
    for (line, text) in node.between.enumerated() {
      draw(text, "code quiet", x + 44, y - 10 - 15 * (node.between.count - 1 - line))
    }
    let numbers = node.arrivals.map(String.init).joined(separator: ",")
    if node.arrivals.count == 1 {
      body += "<circle class=\"badge\" cx=\"\(x + 17)\" cy=\"\(y + 20)\" r=\"11\"/>\n"
      body += "<text class=\"number\" x=\"\(x + 17)\" y=\"\(y + 24)\">\(numbers)</text>\n"
    } else if !numbers.isEmpty {
      body += "<text class=\"many\" x=\"\(x + 17)\" y=\"\(y + 24)\">\(node.arrivals[0])…</text>\n"
    }
  }

  private mutating func draw(_ edge: RelationGraph.Edge, _ index: Int) {
    let (from, to) = (graph.nodes[edge.from], graph.nodes[edge.to])
    if edge.rules.isEmpty {
      let x = columns[from.column].x + 17
      path("M\(x) \(tops[edge.from] + Self.boxHeight) V\(tops[edge.to] - 7)", "po", "po")
    } else if from.column == to.column {
      drawArc(edge, index, columns[from.column])
    } else {
      drawAcross(edge, index)
    }
  }

  private mutating func drawArc(_ edge: RelationGraph.Edge, _ index: Int, _ column: Column) {
    guard let lane = column.arcs.firstIndex(of: index) else { return }
    let edgeX = column.x + column.width
    let laneX = edgeX + 12 + lane * Self.lane
    let isDown = tops[edge.to] > tops[edge.from]
    // Arcs that share a box leave and enter it at different heights.
    let start = tops[edge.from] + (isDown ? 27 : 13)
    let end = tops[edge.to] + (isDown ? 11 : 29)
    path(
      "M\(edgeX) \(start) C\(laneX) \(start) \(laneX) \(start) \(laneX) \((start + end) / 2)"
        + " S\(laneX) \(end) \(edgeX + 7) \(end)",
      Self.colour(index) + (edge.orTogether ? " dashed" : ""), Self.colour(index))
  }

  /// Labels right of the lanes, each as near to its arc's middle as the ones above let it.
  private mutating func drawArcLabels(_ column: Int) {
    var free = 0
    let arcs = columns[column].arcs.sorted { middle($0) < middle($1) }
    for arc in arcs {
      let y = max(middle(arc) + 4, free)
      free = y + 14
      draw(
        text(graph.edges[arc]), "rule text-" + Self.colour(arc), columns[column].labelX + 2, y)
      bottom = max(bottom, y)
    }
  }

  private func middle(_ edge: Int) -> Int {
    (tops[graph.edges[edge].from] + tops[graph.edges[edge].to] + Self.boxHeight) / 2
  }

  private mutating func drawAcross(_ edge: RelationGraph.Edge, _ index: Int) {
    let (from, to) = (columns[graph.nodes[edge.from].column], columns[graph.nodes[edge.to].column])
    let isRight = to.x > from.x
    let startX = isRight ? from.x + from.width : from.x
    let endX = isRight ? to.x - 7 : to.x + to.width + 7
    let start = tops[edge.from] + 20
    let end = tops[edge.to] + 20
    path(
      "M\(startX) \(start) L\(endX) \(end)",
      Self.colour(index) + (edge.orTogether ? " dashed" : ""), Self.colour(index))
    let x = (startX + endX) / 2 - Self.textWidth(text(edge)) / 2
    draw(text(edge), "rule halo text-" + Self.colour(index), x, (start + end) / 2 - 5)
  }

  private mutating func path(_ data: String, _ kind: String, _ marker: String) {
    body += "<path class=\"edge \(kind)\" d=\"\(data)\" marker-end=\"url(#\(marker))\"/>\n"
  }

  private mutating func drawArrivals() {
    guard !graph.arrivals.isEmpty else { return }
    draw("Arrival", "name", 24, bottom + 34)
    for (index, text) in graph.arrivals.enumerated() {
      draw("\(index + 1)  " + text, "code", 24, bottom + 52 + 16 * index)
    }
    bottom += 52 + 16 * (graph.arrivals.count - 1)
  }

  private static func colour(_ index: Int) -> String { "c\(index % 6)" }

  // MARK: Document

  private func page() -> String {
    let height = bottom + 24
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
      viewBox="0 0 \(width) \(height)" role="img" aria-labelledby="title desc">
      <title id="title">\(Self.xml(graph.title))</title>
      <desc id="desc">\(Self.xml(description))</desc>
      <style>
      \(Self.style)
      </style>
      <defs>
      \(Self.markers)
      </defs>
      <rect class="page" x="0" y="0" width="\(width)" height="\(height)"/>
      \(body)</svg>

      """
  }

  /// The edges and arrivals in words.
  private var description: String {
    let orders = graph.edges.filter { !$0.rules.isEmpty }.map { edge in
      "\(graph.nodes[edge.from].label) before \(graph.nodes[edge.to].label) by \(text(edge))"
    }
    let words = ([graph.caption] + orders).filter { !$0.isEmpty }
    let arrivals =
      graph.arrivals.isEmpty ? "" : " Arrival: " + graph.arrivals.joined(separator: ", ")
    return words.joined(separator: "; ") + "." + arrivals
  }

  private static let kinds = ["po"] + (0..<6).map { "c\($0)" }

  private static let markers = kinds.map { kind in
    "<marker id=\"\(kind)\" viewBox=\"0 0 8 8\" refX=\"1\" refY=\"4\" markerWidth=\"8\""
      + " markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
      + "<path class=\"fill-\(kind)\" d=\"M0 0 L8 4 L0 8 z\"/></marker>"
  }.joined(separator: "\n")

  private static let light = [
    "#59636e", "#0969da", "#cf222e", "#1a7f37", "#8250df", "#9a6700", "#bf3989",
  ]
  private static let dark = [
    "#9198a1", "#58a6ff", "#ff7b72", "#3fb950", "#bc8cff", "#d29922", "#f778ba",
  ]

  private static func colours(_ values: [String]) -> String {
    zip(kinds, values).map { kind, value in
      ".\(kind) { stroke: \(value); } .fill-\(kind), .text-\(kind) { fill: \(value); }"
    }.joined(separator: "\n")
  }

  private static let style = """
    text { font-family: monospace; font-size: 12px; fill: #1f2328; }
    .page { fill: #ffffff; }
    .head { font-family: sans-serif; font-size: 15px; font-weight: bold; }
    .name { font-weight: bold; }
    .quiet { fill: #59636e; }
    .box { fill: #f6f8fa; stroke: #8c959f; }
    .badge { fill: #1f2328; }
    .number { fill: #ffffff; font-weight: bold; text-anchor: middle; }
    .many { font-weight: bold; text-anchor: middle; }
    .edge { fill: none; stroke-width: 1.5; }
    .dashed { stroke-dasharray: 5 3; }
    .halo { stroke: #ffffff; stroke-width: 4px; paint-order: stroke; }
    \(colours(light))
    @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .page { fill: #0d1117; }
    .quiet { fill: #9198a1; }
    .box { fill: #151b23; stroke: #6e7681; }
    .badge { fill: #f0f6fc; }
    .number { fill: #0d1117; }
    .halo { stroke: #0d1117; }
    \(colours(dark))
    }
    """

  /// Text as XML character data.
  private static func xml(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default:
        let isForbidden =
          scalar.properties.generalCategory == .control || scalar.value & 0xfffe == 0xfffe
        result.unicodeScalars.append(isForbidden ? "?" : scalar)
      }
    }
    return result
  }
}
