import Results
import TraceCore

// How far the verdicts can be trusted: what the values in range make of them.
extension MarkdownReport {
  var howSure: String {
    guard let whole = comparison.range, comparison.rows.contains(where: { $0.storeBytes > 0 })
    else { return "" }
    return ["## How sure", rangeText(whole), rangeTable(whole), rangedValues]
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private func rangeText(_ whole: VerdictRange) -> String {
    let flipping = comparison.rows.filter { $0.range.map { !$0.holds } ?? false }
    let answer =
      flipping.isEmpty && whole.holds
      ? "**Every verdict holds for all values in range.**"
      : flipping.isEmpty
        ? "**Every verdict holds for all values in range, but the speed of the whole trace does"
          + " not.**"
        : "**\(counted(UInt64(flipping.count), "verdict")) of"
          + " \(grouped(UInt64(comparison.rows.count))) \(flipping.count == 1 ? "hangs" : "hang")"
          + " on a value that is not known.**"
    return answer
      + " Values that nobody publishes have a range; both scenarios were run again under"
      + " \(counted(UInt64(whole.tried), "combination")) of the ends of these ranges. This is no"
      + " proof for every value in between: a longer latency or fewer credits never make a scenario"
      + " faster, but a speed-up is a quotient of two times, and more gathering buffers need not make"
      + " one faster." + givenAccessors
  }

  private var givenAccessors: String {
    guard let accessors = comparison.givenAccessors else { return triedAccessors }
    return " Which barriers the accessors hold is taken as \(markdownCode(accessors)) throughout"
      + " (`--accessors`)."
  }

  private var triedAccessors: String {
    let tried = comparison.triedAccessors
    guard !tried.isEmpty else { return "" }
    return
      " The capture holds no barriers: those of \(markdownCode(comparison.after.accessors)) are"
      + " assumed, and \(tried.map { markdownCode($0) }.joined(separator: " and ")) were tried, too."
  }

  private func rangeTable(_ whole: VerdictRange) -> String {
    let rows = comparison.rows
    let room = Self.verdictRows - 1
    let shown = rows.count <= room ? rows.count : room - 1
    var table = MarkdownTable("Region", "Speed>", "Fewer TLPs>", "Verdict", "Holds")
    for row in rows.prefix(shown) {
      let name = markdownCode(row.region.name, limit: 40)
      let verdict = markdownProse(row.verdict?.word ?? "", limit: 60)
      table.add([name] + cells(row.range) + [verdict, holds(row.range)])
    }
    if shown < rows.count {
      let rest = rows.dropFirst(shown)
      let flips = rest.count { $0.range.map { !$0.holds } ?? false }
      table.add(
        counted(UInt64(rest.count), "more region") + " (" + link("ranges.csv") + ")", "", "", "",
        flips == 0 ? "" : counted(UInt64(flips), "verdict") + " not certain")
    }
    table.add(
      ["**total**"] + cells(whole)
        + [comparison.gain.map { $0.speedWord } ?? "", holds(whole)])
    return table.text
  }

  private func cells(_ range: VerdictRange?) -> [String] {
    [range?.speedup?.text ?? "", range?.tlps?.text ?? ""]
  }

  /// `yes`, or where the verdict becomes which other.
  private func holds(_ range: VerdictRange?) -> String {
    guard let range else { return "" }
    guard let first = range.flips.first else { return range.tried > 0 ? "yes" : "not tried" }
    let flips = range.flips.prefix(3).map { flip in
      "at \(markdownProse(flip.valueText, limit: 160)): \(markdownProse(flip.word, limit: 60))"
    }
    let more = range.flips.count - flips.count
    let note = first.changes.count > 1 ? range.flipNote.map { " (\($0))" } ?? "" : ""
    return "**no**; " + (flips + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "; ")
      + note
  }

  private var rangedValues: String {
    let settings = comparison.after.settings.filter { !$0.range.isEmpty }
    guard !settings.isEmpty else { return "" }
    var table = MarkdownTable("Value in range", "Used>", "Tried", "Unit")
    for setting in settings.prefix(bounds.settings) {
      table.add(
        markdownCode(setting.key), markdownProse(setting.value.shownText, limit: 30),
        markdownProse(setting.shownRange, limit: 60), markdownProse(setting.unit, limit: 30))
    }
    let rest = settings.count - bounds.settings
    let more = rest > 0 ? "\n\n\(counted(UInt64(rest), "more value")) in \(link("run.json"))." : ""
    return table.text + more
      + "\n\nTo try others, give `--set KEY=LOW..HIGH`, or a file with `range` in its values; one"
      + " value, `--set KEY=VALUE`, closes a range."
  }
}
