import Results

/// Where a run over a whole trace points to what is said of its resets.
struct ResetPointer {
  private let resets: [ResetCount]
  private let isFiltered: Bool

  init(_ trace: TraceResult) {
    resets = trace.resets
    isFiltered = trace.isFiltered
  }

  private var total: UInt64 { resets.reduce(0) { $0 + $1.count } }

  /// `11 (flr 7, sbr-assert 4)`, by the names that `reset` gives them; nil without a reset.
  var counts: String? {
    guard !resets.isEmpty else { return nil }
    let kinds = resets.map { $0.kind + " " + grouped($0.count) }
    return "\(grouped(total)) (\(kinds.joined(separator: ", ")))"
  }

  /// One line of a terminal.
  ///
  /// - Parameter width: Characters that it has.
  /// - Returns: nil without a reset.
  func line(width: Int) -> String? {
    guard let counts else { return nil }
    let full = "resets: \(counts); mmioscope reset TRACE shows what orders the MMIO around them"
    return full.count <= width ? full : "resets: \(counts): mmioscope reset TRACE"
  }

  /// One sentence of Markdown; empty without a reset.
  func sentence(_ trace: String) -> String {
    guard let counts else { return "" }
    return
      "Resets: \(counts). \(markdownCode("mmioscope reset " + trace))"
      + (isFiltered ? " with this run's filters" : "")
      + " shows, reset by reset, what orders the MMIO around them."
  }
}
