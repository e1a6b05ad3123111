public import Results
import TraceCore

/// What of two results is shown to people: changes that matter in an order, and how much is left.
struct RunDifferenceView {
  let difference: RunDifference
  /// Settings that differ; those that do in every scenario alike once, without one.
  let settings: [RunDifference.Change<String>]
  let metrics: [RunDifference.Change<UInt64>]
  let findings: [RunDifference.Change<RunDifference.Occurrence>]
  /// Metrics that differ and are left out.
  let more: Int

  /// Metrics that are shown without `--all`: those of the summary table, and each clock's time.
  private static let headline: [String] =
    ["records", "lost"] + ScalarMetric.all.map(\.name)
    + Clock.allCases.map { $0.rawValue + ".time_ps" }
  /// Metrics of regions that are shown then.
  private static let limit = 30

  /// - Parameters:
  ///   - difference: Two results.
  ///   - all: Every metric that differs.
  init(_ difference: RunDifference, all: Bool) {
    self.difference = difference
    settings = Self.merged(difference.settings.filter(\.isChanged), difference.scenarios)
      .map(Self.shown)
    let changed = difference.metrics.filter(\.isChanged)
    let ranks = Dictionary(zip(Self.headline, 0...), uniquingKeysWith: { $1 })
    let telling = changed.filter { ranks[$0.name] != nil }
    let groups = Self.groups(all || telling.isEmpty ? changed : telling)
    let kept = all ? Set(groups.indices) : Self.worthALook(groups)
    metrics = groups.indices.filter(kept.contains).flatMap { index in
      // As the summary's columns; the others behind them, in the order that they have.
      groups[index].enumerated().sorted {
        (ranks[$0.element.name] ?? .max, $0.offset) < (ranks[$1.element.name] ?? .max, $1.offset)
      }.map(\.element)
    }
    more = changed.count - metrics.count
    findings = difference.findings.filter(RunDifference.isChanged)
  }

  /// Metrics of one scenario and region each.
  private static func groups(
    _ metrics: [RunDifference.Change<UInt64>]
  ) -> [[RunDifference.Change<UInt64>]] {
    var groups: [[RunDifference.Change<UInt64>]] = []
    for metric in metrics {
      if let last = groups.last?.last, last.scenario == metric.scenario,
        last.region == metric.region
      {
        groups[groups.count - 1].append(metric)
      } else {
        groups.append([metric])
      }
    }
    return groups
  }

  /// Groups of scenarios as a whole, and as many of regions as there is room for: first those where
  /// more than time has changed.
  private static func worthALook(_ groups: [[RunDifference.Change<UInt64>]]) -> Set<Int> {
    func isTimeAlone(_ index: Int) -> Bool { groups[index].allSatisfy { $0.name.contains("_ps") } }
    var kept = Set(groups.indices.filter { groups[$0][0].region == nil })
    var room = limit
    let ofRegions = groups.indices.filter { !kept.contains($0) }
    for index in ofRegions.filter({ !isTimeAlone($0) }) + ofRegions.filter(isTimeAlone) {
      room -= groups[index].count
      if room < 0 { break }
      kept.insert(index)
    }
    return kept
  }

  private static func merged(
    _ settings: [RunDifference.Change<String>], _ scenarios: [String]
  ) -> [RunDifference.Change<String>] {
    var counts: [[String?]: Int] = [:]
    func key(_ change: RunDifference.Change<String>) -> [String?] {
      [change.region, change.name, change.before, change.after]
    }
    for change in settings { counts[key(change), default: 0] += 1 }
    return settings.compactMap { change in
      guard counts[key(change)] == scenarios.count else { return change }
      guard change.scenario == scenarios.first else { return nil }
      var common = change
      common.scenario = nil
      return common
    }
  }

  /// A region's place in hexadecimal, as wherever people read it; CSV and JSON have the results' own
  /// numbers.
  private static func shown(
    _ change: RunDifference.Change<String>
  ) -> RunDifference.Change<String> {
    guard change.region != nil, ["base", "size"].contains(change.name) else { return change }
    func hexadecimal(_ text: String?) -> String? {
      text.map { text in UInt64(text).map { "0x" + hex($0) } ?? text }
    }
    var shown = change
    shown.before = hexadecimal(change.before)
    shown.after = hexadecimal(change.after)
    return shown
  }

  /// What the two results are of.
  var heads: [String] {
    let sides = [difference.before, difference.after]
    var lines = zip(["before:", "after: "], sides).map { title, side in
      "\(title) \(printable(side.path)): \(printable(side.trace)), \(counted(side.records, "record"))"
    }
    if let traces { lines.append(traces) }
    if sides[0].version != sides[1].version {
      lines.append(
        "made by versions \(printable(sides[0].version)) and \(printable(sides[1].version))")
    }
    let alone = [("before", difference.scenariosBefore), ("after", difference.scenariosAfter)]
    for (side, names) in alone where !names.isEmpty {
      lines.append("only \(side): scenario \(listed(names.map(printable)))")
    }
    return lines
  }

  /// Whether both read the same file; nil where that is not known.
  private var traces: String? {
    let (before, after) = (difference.before, difference.after)
    guard !before.sha256.isEmpty, !after.sha256.isEmpty else { return nil }
    guard before.sha256 == after.sha256 else { return "of different files" }
    return before.records == after.records ? "of the same file" : "of one file, other records"
  }

  /// The outcome in a line.
  var outcome: String {
    guard difference.isChanged else { return "no metric and no finding differs" }
    let count = difference.metrics.count(where: \.isChanged)
    let alone = difference.scenariosBefore.count + difference.scenariosAfter.count
    let parts = [
      counted(UInt64(count), "metric") + " of " + grouped(UInt64(difference.metrics.count)),
      counted(UInt64(findings.count), "finding") + " of "
        + grouped(UInt64(difference.findings.count)),
    ]
    return parts.joined(separator: " and ") + " differ"
      + (alone > 0 ? "; \(counted(UInt64(alone), "scenario")) in one alone" : "")
  }
}

extension RunDifference.Change {
  /// `scenario, region`, a long name without its middle unless it is to be whole; what is given for
  /// both where it is of neither.
  func place(_ whole: String, _ isWhole: Bool = false) -> String {
    let names = [scenario, region.map { shortenedInside($0, to: isWhole ? .max : 32) }].compactMap(
      \.self)
    return names.isEmpty ? whole : printable(names.joined(separator: ", "))
  }
}

extension RunDifference.Change<UInt64> {
  /// How far the value moved: `+12.5 %`, `3.0x`, `new`.
  var movement: String {
    guard let before else { return "new" }
    guard let after else { return "gone" }
    let (size, isUp) = after > before ? (after - before, true) : (before - after, false)
    guard size > 0 else { return "same" }
    guard before > 0 else { return "from 0" }
    guard after > 0 else { return "to 0" }
    if isUp, size / before >= 9 { return multiple(after, of: before) ?? "" }
    // A thousand times a count may not fit 64 bits.
    let tenths = (UInt128(size) * 2000 + UInt128(before)) / (2 * UInt128(before))
    let sign = isUp ? "+" : "-"
    // What is left of it is not nothing.
    if !isUp, tenths >= 1000 { return "->99.9 %" }
    guard tenths > 0 else { return sign + "<0.1 %" }
    return "\(sign)\(tenths / 10).\(tenths % 10) %"
  }

  /// Both values in one unit, or the dash of one that is not there.
  var texts: (before: String, after: String) {
    let values = [before, after]
    let texts =
      name.hasSuffix("_ps") || name.contains("_ps.")
      ? timeTexts(values)
      : name.hasSuffix("_bytes_per_s") ? rateTexts(values) : values.map { $0.map(grouped) }
    return (texts[0] ?? "-", texts[1] ?? "-")
  }

  /// The change in a line, for a gate that failed.
  public var line: String {
    "\(place("trace")): \(printable(name)) \(texts.before) -> \(texts.after) (\(movement))"
  }
}

extension RunDifference.Change<RunDifference.Occurrence> {
  /// The change in a line, for a gate that failed.
  public var line: String {
    "\(place("trace")): \(printable(name)) \(counts.before) -> \(counts.after)"
  }

  var counts: (before: String, after: String) {
    (grouped(before?.count ?? 0), grouped(after?.count ?? 0))
  }

  /// There are more of it than before.
  var isWorse: Bool { (after?.count ?? 0) > (before?.count ?? 0) }

  var message: String { (after ?? before)?.message ?? "" }
}
