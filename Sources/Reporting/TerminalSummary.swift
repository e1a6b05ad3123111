public import Results
import TraceCore

/// The result on a screen: head, one line per region, findings, what it rests on, hints.
///
/// At most ``terminalLineLimit`` lines, none but the hints longer than `width`; the regions and
/// findings that do not fit are counted. Under ``unlimitedWidth`` no text is cut off.
///
/// - Parameters:
///   - run: One or two scenarios.
///   - width: Characters of a line; less than 40 is taken as 40.
///   - color: Whether ANSI escape codes may be used.
///   - hints: Lines for the end, such as the next command; at most three are shown,
///     uncut, because they are there to be copied.
/// - Returns: Lines that each end in a line feed.
public func terminalSummary(
  _ run: RunResult, width: Int, color: Bool, hints: [String] = []
) -> String {
  let summary = TerminalSummary(
    comparison: Comparison(run), width: max(40, width), color: color,
    hints: Array(hints.prefix(3)))
  return summary.lines.map { $0 + "\n" }.joined()
}

/// Lines of ``terminalSummary(_:width:color:hints:)`` at most.
public let terminalLineLimit = 25

struct TerminalSummary {
  /// Regions with a line of their own: of many, fewer where errors need the room.
  static let regionLimit = 8
  static let fewestRegions = 3
  /// Lines of the answer; what is to be done stands in the first ones.
  static let headlineLimit = 5

  var comparison: Comparison
  var width: Int
  var color: Bool
  var hints: [String]

  var lines: [String] {
    let errors = errorLines
    var regions = Self.regionLimit
    var (text, findings) = lines(regions: regions)
    while findings < errors || text.count > terminalLineLimit, regions > Self.fewestRegions {
      regions -= 1
      (text, findings) = lines(regions: regions)
    }
    return text
  }

  /// The lines with so many regions at most, and how many of them are for findings.
  private func lines(regions limit: Int) -> (text: [String], findings: Int) {
    let head = headLines
    let tableLines = tableLines(limit: limit)
    let table = [""] + tableLines + whyNotFasterLines(below: head + tableLines)
    let tail = hints.map { printable($0) }
    let space = terminalLineLimit - head.count - table.count - tail.count - 1
    let ranges = rangeLines(limit: min(Self.rangeLimit, max(1, space - 1)))
    let room = space - ranges.count
    let findings = findingLines(limit: room)
    let block = findings.isEmpty ? [] : [""] + findings
    return (head + table + ranges + block + tail, findings.count)
  }

  func cut(_ text: String) -> String {
    clipped(printable(text), to: width, ellipsis: "...")
  }

  /// Characters of a name that shares its line with others.
  func limit(_ count: Int) -> Int { width < unlimitedWidth ? count : .max }
}

// What was compared, and the answer.
extension TerminalSummary {
  private var headLines: [String] {
    let trace = comparison.run.trace
    let lost = trace.lost > 0 ? ", \(grouped(trace.lost)) lost" : ""
    let name = clipped(printable(trace.name), to: limit(40), ellipsis: "...")
    let first = "\(name): \(counted(trace.records, "record")), \(trace.format)\(lost)"
    let headline = Headline(comparison: comparison) {
      shortenedInside(printable($0), to: limit(24))
    }
    let answer = wrapped(headline.text, width: width)
    let room = width < unlimitedWidth ? Self.headlineLimit : .max
    let shown =
      answer.count > room ? answer.prefix(room - 1) + [answer[room - 1] + " ..."] : answer[...]
    let resets = ResetPointer(trace).line(width: width).map { [cut($0)] } ?? []
    return [cut(first), cut(scenarioLine)] + captureLines
      + shown.map { Style.strong.applied(to: cut($0), color: color) } + resets
  }

  private var scenarioLine: String {
    let names = comparison.scenarios.map(\.name).joined(separator: " -> ")
    let after = comparison.after
    let profiles = [after.cpu, after.rootComplex, after.link].joined(separator: ", ")
    return "\(names); \(profiles), accessors \(after.accessors)"
  }
}
