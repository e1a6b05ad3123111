import Results
import TraceCore

// What the capture is: what it cannot tell, at the head; its sections.
extension MarkdownReport {
  /// Sentences at the head; the rest is below.
  private static let blindSpotLimit = 4
  /// Rows of sections.
  private static let sectionLimit = 30

  /// What the reader must know of the capture before the numbers.
  var blindSpots: String {
    let trace = comparison.run.trace
    var lines = trace.assumptions.prefix(Self.blindSpotLimit).map {
      "- " + markdownProse($0, limit: 240)
    }
    let losses = trace.counters.filter { $0.severity != .info }
    lines += losses.prefix(2).map {
      "- **\(grouped($0.count))** " + markdownProse($0.meaning, limit: 240)
    }
    guard !lines.isEmpty else { return "" }
    let rest =
      max(0, trace.assumptions.count - Self.blindSpotLimit) + max(0, losses.count - 2)
    let more =
      rest > 0
      ? "\n\n\(counted(UInt64(rest), "more point")) in [what it does not hold]"
        + "(#what-the-capture-does-not-hold)." : ""
    return "**What this capture cannot tell:**\n\n" + lines.joined(separator: "\n") + more
  }

  /// What lies between the capture's marks.
  var sections: String {
    let sections = comparison.run.trace.sections
    guard !sections.isEmpty else { return "" }
    var table = MarkdownTable(
      "Section", "First record>", "Records>", "Stores>", "Loads>", "Config>", "Reset notices>",
      "Time, ms>")
    for section in sections.prefix(Self.sectionLimit) {
      table.add(
        section.mark.map { markdownCode($0, limit: 60) } ?? "before the first mark",
        grouped(section.firstRecord), grouped(section.records), grouped(section.stores),
        grouped(section.loads), grouped(section.configAccesses), grouped(section.resets),
        section.times.map { milliseconds($0.upperBound - $0.lowerBound) } ?? "–")
    }
    let rest = sections.count - Self.sectionLimit
    let more =
      rest > 0 ? "\n\n\(counted(UInt64(rest), "more row")) in \(link("run.json"))." : ""
    return "## Sections\n\nBetween the capture's marks; `mmioscope slice --from-mark A --to-mark B`"
      + " cuts one out, `compare` with the same options replays it alone.\n\n" + table.text + more
  }

  private func milliseconds(_ nanoseconds: UInt64) -> String {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return grouped(whole) + "." + String(rest / 1000 + 1000).dropFirst()
  }
}
