public import Results

extension RunDifference {
  /// Holds two results against each other.
  ///
  /// Scenarios are matched by name, or where each result has one alone; regions by name, those of
  /// one name in their order. A metric that is a count by kind (a size, a cause) is 0 where one
  /// result leaves the kind out. Findings count together that have code, severity, scenario, region
  /// and what their messages say without figures in common; where one result is from a version that
  /// did not write the latter, without it.
  ///
  /// - Parameters:
  ///   - before: A result.
  ///   - after: The one that is looked at from it.
  public init(_ before: RunDocument, _ after: RunDocument) {
    self.init(before: Side(before), after: Side(after))
    let (old, new) = (before.content, after.content)
    compareTraces(old.trace, new.trace)
    let pairs = match(old.scenarios, new.scenarios)
    for pair in pairs { compare(pair) }
    compareFindings(old.findings, new.findings, pairs)
  }

  /// A scenario of both results.
  private struct Pair {
    var name: String
    var before: RunDocument.Scenario
    var after: RunDocument.Scenario
  }

  private mutating func match(
    _ before: [RunDocument.Scenario], _ after: [RunDocument.Scenario]
  ) -> [Pair] {
    var pairs: [Pair] = []
    if before.count == 1, after.count == 1 {
      let names = [before[0].name, after[0].name]
      let name = names[0] == names[1] ? names[0] : names.joined(separator: " -> ")
      pairs = [Pair(name: name, before: before[0], after: after[0])]
    } else {
      let known = Dictionary(after.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      for old in before {
        if let new = known[old.name] {
          pairs.append(Pair(name: old.name, before: old, after: new))
        } else {
          scenariosBefore.append(old.name)
        }
      }
      let names = Set(before.map(\.name))
      scenariosAfter = after.map(\.name).filter { !names.contains($0) }
    }
    scenarios = pairs.map(\.name)
    return pairs
  }

  private mutating func compareTraces(_ before: RunDocument.Trace, _ after: RunDocument.Trace) {
    addMetrics(
      nil, nil, ["records": .count(before.records), "lost": .count(before.lost)],
      ["records": .count(after.records), "lost": .count(after.lost)])
    addMetrics(nil, nil, ["counters": counts(before)], ["counters": counts(after)])
  }

  private func counts(_ trace: RunDocument.Trace) -> RunDocument.Amount {
    .parts(
      Dictionary(trace.counters.map { ($0.name, .count($0.count)) }, uniquingKeysWith: { $1 }))
  }

  private mutating func compare(_ pair: Pair) {
    addSettings(pair.name, nil, pair.before.attributes, pair.after.attributes)
    addMetrics(pair.name, nil, pair.before.totals, pair.after.totals)
    let (old, new) = (keyed(pair.before.regions), keyed(pair.after.regions))
    let sides = (
      Dictionary(uniqueKeysWithValues: old), Dictionary(uniqueKeysWithValues: new)
    )
    for key in old.map(\.0) + new.map(\.0).filter({ sides.0[$0] == nil }) {
      let (before, after) = (sides.0[key], sides.1[key])
      addSettings(pair.name, key.shown, before?.attributes, after?.attributes)
      addMetrics(pair.name, key.shown, before?.metrics, after?.metrics)
    }
  }

  /// Which region of a name it is.
  private struct RegionKey: Hashable {
    var name: String
    /// From 1.
    var number: Int

    /// `bar 0`, `bar 0 (2)`.
    var shown: String { number == 1 ? name : "\(name) (\(number))" }
  }

  private func keyed(_ regions: [RunDocument.Region]) -> [(RegionKey, RunDocument.Region)] {
    var seen: [String: Int] = [:]
    return regions.map { region in
      seen[region.name, default: 0] += 1
      return (RegionKey(name: region.name, number: seen[region.name, default: 1]), region)
    }
  }

  // MARK: Rows

  private mutating func addSettings(
    _ scenario: String, _ region: String?, _ before: [String: String]?, _ after: [String: String]?
  ) {
    for key in Set((before ?? [:]).keys).union((after ?? [:]).keys).sorted() {
      settings.append(
        Change(
          scenario: scenario, region: region, name: key, before: before?[key], after: after?[key]))
    }
  }

  private mutating func addMetrics(
    _ scenario: String?, _ region: String?, _ before: [String: RunDocument.Amount]?,
    _ after: [String: RunDocument.Amount]?, below prefix: String = ""
  ) {
    for key in Set((before ?? [:]).keys).union((after ?? [:]).keys).sorted(by: precedes) {
      let name = prefix + key
      let (old, new) = (before?[key], after?[key])
      if old?.parts != nil || new?.parts != nil {
        addMetrics(scenario, region, old?.parts, new?.parts, below: name + ".")
        continue
      }
      // What is counted by kind leaves out a kind that it has none of; null is not known.
      let isByKind = before != nil && after != nil && !prefix.isEmpty
      let change = Change(
        scenario: scenario, region: region, name: name,
        before: old == nil && isByKind ? 0 : old?.count,
        after: new == nil && isByKind ? 0 : new?.count)
      if change.before != nil || change.after != nil { metrics.append(change) }
    }
  }

  private mutating func compareFindings(
    _ before: [RunDocument.Finding], _ after: [RunDocument.Finding], _ pairs: [Pair]
  ) {
    let tellsKinds = (before + after).allSatisfy { $0.kind != nil }
    var rows: [FindingKey: Change<Occurrence>] = [:]
    func add(
      _ findings: [RunDocument.Finding], _ name: (Pair) -> String,
      _ side: WritableKeyPath<Change<Occurrence>, Occurrence?>
    ) {
      let known = Dictionary(pairs.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
      for finding in findings {
        guard let pair = known[finding.scenario] else { continue }
        let row = Change<Occurrence>(
          scenario: pair.name, region: finding.region, name: finding.code, before: nil, after: nil)
        let key = FindingKey(finding, pair.name, kind: tellsKinds ? finding.kind : nil)
        rows[key, default: row][keyPath: side].merge(finding)
      }
    }
    add(before, { $0.before.name }, \.before)
    add(after, { $0.after.name }, \.after)
    findings = rows.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// What findings have in common that count together.
private struct FindingKey: Hashable, Comparable {
  private let parts: [String]

  init(_ finding: RunDocument.Finding, _ scenario: String, kind: String?) {
    parts = [
      finding.code, scenario, finding.region ?? "", finding.region == nil ? "" : "region",
      finding.severity, kind ?? "",
    ]
  }

  static func < (left: Self, right: Self) -> Bool {
    left.parts.lexicographicallyPrecedes(right.parts)
  }
}

extension RunDifference.Side {
  fileprivate init(_ document: RunDocument) {
    let content = document.content
    self.init(
      path: document.path, trace: content.trace.name, sha256: content.trace.sha256,
      records: content.trace.records, version: content.tool.version)
  }
}

extension RunDifference.Occurrence? {
  /// Adds a finding that counts together with it.
  fileprivate mutating func merge(_ finding: RunDocument.Finding) {
    let found = RunDifference.Occurrence(
      severity: finding.severity, count: finding.count, firstRecord: finding.firstRecord,
      message: finding.message)
    guard var sum = self else {
      self = found
      return
    }
    // Counts of a document may be anything.
    let (count, over) = sum.count.addingReportingOverflow(found.count)
    if found.firstRecord < sum.firstRecord { sum = found }
    sum.count = over ? .max : count
    self = sum
  }
}

extension RunDocument.Amount {
  fileprivate var count: UInt64? { if case .count(let count) = self { count } else { nil } }

  fileprivate var parts: [String: Self]? {
    if case .parts(let parts) = self { parts } else { nil }
  }
}

/// Words in their order, but numbers by value: sizes are keys, too.
private func precedes(_ left: String, _ right: String) -> Bool {
  guard let first = UInt64(left), let second = UInt64(right) else { return left < right }
  return first < second
}
