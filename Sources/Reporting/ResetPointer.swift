import Results

/// Where a run over a whole trace points to what is said of its resets.
struct ResetPointer {
  let resets: [ResetCount]

  private var total: UInt64 { resets.reduce(0) { $0 + $1.count } }

  /// `11 (flr 7, sbr 4)`; nil without a reset.
  var counts: String? {
    guard !resets.isEmpty else { return nil }
    let kinds = resets.map { Self.name($0.kind) + " " + grouped($0.count) }
    return "\(grouped(total)) (\(kinds.joined(separator: ", ")))"
  }

  /// An event's kind without the step of the reset that it is.
  private static func name(_ kind: String) -> String {
    for step in ["-assert", "-start"] where kind.hasSuffix(step) {
      return String(kind.dropLast(step.count))
    }
    return kind
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
      "Resets: \(counts). \(markdownCode("mmioscope reset " + trace)) shows, reset by reset, what"
      + " orders the MMIO around them."
  }
}
