public import Results
import TraceCore

/// `sweep.md`: how far the figures lie apart over a grid, every point, and what they rest on.
///
/// - Parameters:
///   - sweep: Any sweep.
///   - companions: Whether `sweep.csv` and `sweep.svg` lie beside it.
/// - Returns: GitHub-flavoured Markdown below ``markdownByteLimit`` bytes: points beyond those that
///   fit are counted and left to the CSV.
public func sweepMarkdown(_ sweep: SweepResult, companions: Bool = true) -> String {
  var report = SweepMarkdown(sweep: sweep, companions: companions)
  for rows in [200, 100, 40, 10] {
    report.rows = rows
    let text = report.text
    if text.utf8.count < markdownByteLimit { return text }
  }
  // Ten rows of bounded cells, for 13 axes at most that have more than one value.
  preconditionFailure("the smallest report is too large")
}

struct SweepMarkdown {
  let sweep: SweepResult
  let companions: Bool
  /// Points and other rows shown at most.
  var rows = 200
  private let answer: String
  private let assumed: [(setting: Setting, values: [String])]
  private let spreads: [SweepRegionSpread]

  /// Asks every point, once for all numbers of rows.
  init(sweep: SweepResult, companions: Bool) {
    self.sweep = sweep
    self.companions = companions
    assumed = sweep.assumed
    spreads = sweep.regionSpreads
    let sentences = sweep.figures.map { sweep.sentence($0, name: Self.code) + "." }
    answer =
      "**" + sentences[0] + "** " + sentences.dropFirst().joined(separator: " ")
      + (sweep.idleSentence(name: Self.code).map { " " + $0 } ?? "")
  }

  var text: String {
    [
      "# MMIO mapping sweep: " + markdownCode(sweep.trace.name), answer, setting, picture, points,
      regions, basis, captureLimits, files,
    ].filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private static func code(_ text: String) -> String { markdownCode(text, limit: 200) }

  private var setting: String {
    let names = sweep.scenarios.map { markdownCode($0.name) }
    let trace = sweep.trace
    let fixed = sweep.axes.filter { $0.values.count == 1 }.prefix(rows)
      .map { Self.code($0.name + "=" + $0.values[0]) }
    return [
      names.joined(separator: " (before) against ") + (names.count > 1 ? " (after)" : ""),
      "\(counted(trace.records, "record")) of \(markdownProse(trace.format))"
        + (trace.lost > 0 ? ", **\(grouped(trace.lost)) lost**" : ""),
      markdownProse(sweep.size),
    ].joined(separator: "; ") + "." + (fixed.isEmpty ? "" : " Fixed: \(listed(fixed)).")
      + " A model's result, not a measurement: it hangs on"
      + " [\(counted(UInt64(assumed.count), "assumed value"))](#what-the-numbers-hang-on)"
      + " and on [what the capture holds](#what-the-capture-does-not-hold)."
  }

  private var picture: String {
    companions ? "![Heat map of the sweep](sweep.svg)" : ""
  }

  private var points: String {
    let source = SweepTable(sweep: sweep)
    var table = MarkdownTable(
      source.columns.map { .init(title: markdownProse($0.title, limit: 40), right: $0.right) })
    for point in sweep.points.prefix(rows) {
      table.add(source.cells(point).map { markdownProse($0, limit: 40) })
    }
    let rest = sweep.points.count - rows
    let more = rest > 0 ? "\n\n\(counted(UInt64(rest), "more point")) in \(csvName)." : ""
    return "## Points\n\n" + table.text + more
      + "\n\nOver the whole trace, speed and goodput with the `\(sweep.clock.rawValue)` clock. Each"
      + " point is what a run with the same `--set` gives; findings, latencies, stalls and link use"
      + " are in such a run alone."
  }

  private var csvName: String { companions ? "[sweep.csv](sweep.csv)" : "the CSV (`--csv`)" }

  private var regions: String {
    guard sweep.isCompared, !spreads.isEmpty else { return "" }
    var table = MarkdownTable("Region", "Speed>", "Fewer TLPs>", "Fastest at")
    for spread in spreads.prefix(min(rows, 12)) {
      table.add(
        markdownCode(spread.name, limit: 40), spread.speed?.text ?? "", spread.tlps?.text ?? "",
        spread.speed?.isWide == true ? spread.fastest.map { Self.code(sweep.place($0)) } ?? "" : "")
    }
    let rest = spreads.count - min(rows, 12)
    return "## Regions, over all points\n\n" + table.text
      + (rest > 0 ? "\n\n\(counted(UInt64(rest), "more region")) in \(csvName)." : "")
  }

  private var basis: String {
    let title = "## What the numbers hang on\n\n"
    guard !assumed.isEmpty else { return title + "No value is assumed." }
    var table = MarkdownTable("Key", "Value>", "Unit", "Source")
    for row in assumed.prefix(100) {
      let shown = row.values.prefix(4).joined(separator: " / ")
      table.add(
        markdownCode(row.setting.key),
        markdownProse(shown + (row.values.count > 4 ? " / …" : ""), limit: 60),
        markdownProse(row.setting.unit, limit: 30), markdownProse(row.setting.source, limit: 120))
    }
    return title
      + "Values that no document or measurement gives; sweep one with `--set KEY=VALUE,VALUE`:\n\n"
      + table.text
  }

  private var captureLimits: String {
    let trace = sweep.trace
    var lines = trace.assumptions.prefix(20).map { "- " + markdownProse($0) }
    lines += trace.counters.prefix(20).map { counter in
      "- \(markdownCode(counter.name)): \(grouped(counter.count)) (\(counter.severity.rawValue);"
        + " \(markdownProse(counter.meaning, limit: 240)))"
    }
    let rest = max(0, trace.assumptions.count - 20) + max(0, trace.counters.count - 20)
    if rest > 0 { lines.append("- \(counted(UInt64(rest), "more row")) in a report of `compare`") }
    return "## What the capture does not hold\n\n"
      + (lines.isEmpty
        ? "Nothing is missing that the model asks for." : lines.joined(separator: "\n"))
  }

  private var files: String {
    guard companions else { return "" }
    let rows = SweepFile.all.dropFirst().map { "- [\($0.name)](\($0.name)): \($0.summary)" }
    let hash = clipped(printable(sweep.trace.sha256), to: 64)
    return "## Files\n\n" + rows.joined(separator: "\n")
      + "\n\nTrace \(markdownCode(sweep.trace.name)), SHA-256 `\(hash)`."
  }
}

/// One file of a sweep's folder: a pure function of the sweep.
public struct SweepFile: Sendable {
  public var name: String
  /// What is in it; one line of Markdown.
  public var summary: String
  public var contents: @Sendable (SweepResult) -> String

  /// What `-o DIR` writes.
  public static let all: [SweepFile] = [
    SweepFile(name: "sweep.md", summary: "this report") { sweepMarkdown($0) },
    SweepFile(
      name: "sweep.csv", summary: "every count by point, scenario and region", contents: sweepCSV),
    SweepFile(name: "sweep.svg", summary: "picture: heat map", contents: sweepPicture),
  ]
}
