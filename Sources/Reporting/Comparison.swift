import Results
import TraceCore

/// A run as its readers look at it: regions with both scenarios side by side, largest first.
struct Comparison {
  /// One region under one or two scenarios.
  struct Row {
    /// Under the first of two scenarios; nil where there is one.
    var before: RegionResult?
    /// Under the second, or the only one.
    var after: RegionResult
    /// nil where there is one scenario.
    var verdict: Verdict?
    /// Findings under the second, or the only one.
    var findings: [Finding]
    /// nil where no other values were tried.
    var range: VerdictRange?
    /// See `RegionResult.hasOwnSpeed(before:after:)`.
    var hasOwnSpeed = true

    var region: Region { after.region }
    /// Under the mapping that gathers, where one does: the second one's before the first one's.
    var gathering: RegionResult {
      guard let before, !after.gathers, before.gathers else { return after }
      return before
    }
    var storeBytes: UInt64 { max(before?.metrics.storeBytes ?? 0, after.metrics.storeBytes) }
    var loadBytes: UInt64 { max(before?.metrics.loadBytes ?? 0, after.metrics.loadBytes) }
    var gain: Gain? {
      before.map {
        Gain(before: $0.metrics, after: after.metrics, hasOwnSpeed: hasOwnSpeed)
      }
    }

    /// Goodput after / before, where the mapping makes the difference.
    ///
    /// A region whose type stays the same is faster or slower only by what happens to others
    /// around it.
    var speedup: String? {
      before?.effective == after.effective ? nil : gain?.speedup
    }

    /// Goodput under the only scenario, where it is its own.
    var goodput: UInt64? {
      hasOwnSpeed ? after.metrics.saturated.goodputBytesPerSecond : nil
    }

    /// Its speed is left out because it is not its own.
    var lacksOwnSpeed: Bool {
      before.map { $0.effective != after.effective } ?? true && storeBytes > 0 && !hasOwnSpeed
    }

    /// As rows of the findings' table: codes, not how often.
    func count(_ severity: Finding.Severity) -> Int { FindingGroup.count(findings, severity) }
  }

  var run: RunResult
  /// nil where there is one scenario.
  var before: ScenarioResult?
  var after: ScenarioResult
  /// By store bytes, then load bytes, then the trace's order.
  var rows: [Row]
  /// What other values make of the whole trace's speed; nil where none were tried.
  var range: VerdictRange?

  /// - Parameters:
  ///   - run: With one or two scenarios.
  ///   - sharing: Regions without a speed of their own, where the run itself does not tell what its
  ///     time went into; nil where it does.
  init(_ run: RunResult, sharing: Set<Key>? = nil) {
    precondition((1...2).contains(run.scenarios.count), "a run has one or two scenarios")
    self.run = run
    before = run.scenarios.count == 2 ? run.scenarios[0] : nil
    after = run.scenarios[run.scenarios.count - 1]
    rows = Self.rows(run, before: before, after: after, sharing)
    addRanges()
  }

  /// The first scenario where there are two, and the second.
  var scenarios: [ScenarioResult] { run.scenarios }

  var gain: Gain? { before.map { Gain(before: $0.totals, after: after.totals) } }

  /// There is no access but to config space, if any.
  var holdsNoAccess: Bool {
    scenarios.allSatisfy {
      $0.totals.stores == 0 && $0.totals.loads == 0 && $0.totals.faultsAlignment == 0
    }
  }

  /// Regions that are no PCI window and are Device under every scenario, in a sentence; nil where
  /// there are none.
  ///
  /// A user's map may call one eligible; then the scenarios' types tell.
  func fixedRegions(name: (String) -> String) -> String? {
    let fixed = rows.filter { row in
      row.region.kind == .platform
        && [row.before, row.after].compactMap(\.self).allSatisfy {
          $0.effective.hasPrefix("device") && $0.stage2.hasPrefix("device")
        }
    }.map(\.region.name)
    guard !fixed.isEmpty else { return nil }
    let more = fixed.count > 3 ? " and \(fixed.count - 3) more" : ""
    return fixed.prefix(3).map(name).joined(separator: ", ") + more
      + (fixed.count == 1 ? " stays" : " stay") + " Device-nGnRE at stage 2 under every KVM policy"
  }

  struct Key: Hashable {
    var name: String
    var base: UInt64
    init(_ region: Region) {
      name = region.name
      base = region.base
    }
  }

  private static func rows(
    _ run: RunResult, before: ScenarioResult?, after: ScenarioResult, _ sharing: Set<Key>?
  ) -> [Row] {
    let found = RegionFindings(run.findings)
    var earlier: [Key: RegionResult] = [:]
    for result in before?.regions ?? [] { earlier[Key(result.region)] = result }
    var rows: [Row] = []
    for result in after.regions {
      let old = before == nil ? nil : earlier.removeValue(forKey: Key(result.region))
      rows.append(
        row(old ?? before.map { _ in absent(result) }, result, before, after, found, sharing))
    }
    for result in before?.regions ?? [] where earlier[Key(result.region)] != nil {
      rows.append(row(result, absent(result), before, after, found, sharing))
    }
    return sorted(rows)
  }

  /// Findings by scenario and region.
  private struct RegionFindings {
    private struct Place: Hashable {
      var scenario: String
      var region: String?
    }
    private let rows: [Place: [Finding]]

    init(_ findings: [Finding]) {
      rows = Dictionary(grouping: findings) { Place(scenario: $0.scenario, region: $0.region) }
    }

    subscript(_ scenario: ScenarioResult?, _ region: Region) -> [Finding] {
      scenario.flatMap { rows[Place(scenario: $0.name, region: region.name)] } ?? []
    }
  }

  private static func row(
    _ before: RegionResult?, _ after: RegionResult, _ earlier: ScenarioResult?,
    _ scenario: ScenarioResult, _ findings: RegionFindings, _ sharing: Set<Key>?
  ) -> Row {
    let own = findings[scenario, after.region]
    let hasOwnSpeed =
      sharing.map { !$0.contains(Key(after.region)) }
      ?? RegionResult.hasOwnSpeed(before: before ?? after, after: after)
    let verdict = before.map {
      Verdict(
        before: $0, after: after, scenario: scenario, findings: own, earlier: earlier,
        earlierFindings: findings[earlier, after.region], hasOwnSpeed: hasOwnSpeed)
    }
    return Row(
      before: before, after: after, verdict: verdict, findings: own, hasOwnSpeed: hasOwnSpeed)
  }

  /// A region that the other scenario did not touch.
  private static func absent(_ result: RegionResult) -> RegionResult {
    var copy = result
    copy.metrics = Metrics()
    return copy
  }

  private static func sorted(_ rows: [Row]) -> [Row] {
    // The standard sort is stable in practice only; the index makes it so by rule.
    rows.enumerated().sorted {
      ($1.element.storeBytes, $1.element.loadBytes, $0.offset)
        < ($0.element.storeBytes, $0.element.loadBytes, $1.offset)
    }.map(\.element)
  }
}
