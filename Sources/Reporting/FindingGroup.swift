import Results

/// Findings of one code and kind in one region, over the scenarios that have it.
struct FindingGroup {
  /// Of the last scenario that has it.
  var sample: Finding
  /// How often, by scenario, in the run's order; nil where a scenario has none.
  var counts: [UInt64?]
  /// The smallest record of any.
  var first: Finding
  private var messages: Set<String> = []
  /// Of all scenarios.
  private(set) var vcpus: Set<UInt16> = []

  var severity: Finding.Severity { sample.severity }
  var code: String { sample.code }

  /// Merges the scenarios' findings.
  ///
  /// - Parameter comparison: The run.
  /// - Returns: One group per code, severity, kind and region: errors, warnings, notes; then by
  ///   code, then by first record, then by region and kind.
  static func all(_ comparison: Comparison) -> [FindingGroup] {
    var groups: [FindingGroup] = []
    var places: [String: Int] = [:]
    let names = comparison.scenarios.map(\.name)
    for finding in comparison.run.findings {
      let key = [
        finding.code, finding.severity.rawValue, finding.kind, finding.region ?? "\u{0}",
      ].joined(separator: "\u{1}")
      let place = places[key] ?? groups.count
      if place == groups.count {
        places[key] = place
        groups.append(
          FindingGroup(
            sample: finding, counts: Array(repeating: nil, count: names.count), first: finding))
      }
      groups[place].add(finding, scenario: names.firstIndex(of: finding.scenario))
    }
    return groups.sorted { $0.sortKey < $1.sortKey }
  }

  private mutating func add(_ finding: Finding, scenario: Int?) {
    sample = finding
    messages.insert(finding.message)
    vcpus.formUnion(finding.vcpus.isEmpty ? [finding.vcpu].compactMap(\.self) : finding.vcpus)
    if finding.firstRecord < first.firstRecord { first = finding }
    guard let scenario else { return }
    counts[scenario] = (counts[scenario] ?? 0) + finding.count
  }

  /// How many groups findings of one scenario are: those of one code and kind in one region are
  /// one.
  static func count(_ findings: [Finding], _ severity: Finding.Severity) -> Int {
    let found = findings.filter { $0.severity == severity }
    return Set(found.map { [$0.code, $0.kind, $0.region ?? "\u{0}"] }).count
  }

  /// `vCPU 0`, `vCPUs 0, 1`, or how many where they are more than eight; nil where not known.
  var vcpuText: String? {
    guard !vcpus.isEmpty else { return nil }
    guard vcpus.count <= 8 else { return "\(vcpus.count) vCPUs" }
    let numbers = vcpus.sorted().map(String.init).joined(separator: ", ")
    return (vcpus.count == 1 ? "vCPU " : "vCPUs ") + numbers
  }

  private var sortKey: (Int, String, UInt64, String, String) {
    (severity.rank, code, first.firstRecord, sample.region ?? "", sample.kind)
  }

  /// `both`, or the name of the scenario that has it.
  func scenarioText(_ comparison: Comparison) -> String {
    let found = zip(comparison.scenarios, counts).filter { $0.1 != nil }
    return found.count == 2 ? "both" : found.first?.0.name ?? sample.scenario
  }

  /// The sentence, with the scenario that it is of where another one's differs.
  var message: String {
    messages.count > 1 ? "\(sample.scenario): \(sample.message)" : sample.message
  }

  /// Under which mapping groups were found, in a word: `both`, `device`, `nc`; nil where there is one
  /// scenario.
  static func shortScenario(_ groups: [Self], _ comparison: Comparison) -> String? {
    guard comparison.before != nil else { return nil }
    let names = comparison.scenarios.enumerated().filter { index, _ in
      groups.contains { $0.counts[index] != nil }
    }.map { index, scenario in shortName(scenario.name, isFirst: index == 0) }
    return names.count == 2 ? "both" : names.first
  }

  private static func shortName(_ name: String, isFirst: Bool) -> String {
    switch name {
    case "kvm-device": "device"
    case "kvm-normal-nc": "nc"
    default: name.count <= 8 ? printable(name) : isFirst ? "before" : "after"
    }
  }

  /// `12`, or `3 / 12` where the two scenarios differ.
  var countText: String { Self.countText([self]) }

  /// The same of several groups together.
  static func countText(_ groups: [Self]) -> String {
    let scenarios = groups.first?.counts.indices ?? 0..<0
    let known = scenarios.compactMap { scenario in
      let counts = groups.compactMap { $0.counts[scenario] }
      return counts.isEmpty ? nil : counts.reduce(UInt64(0), +)
    }
    guard let first = known.first else {
      return grouped(groups.reduce(0) { $0 + $1.sample.count })
    }
    let same = known.allSatisfy { $0 == first }
    return same ? grouped(first) : known.map(grouped).joined(separator: " / ")
  }

  /// ``countText`` is of two counts.
  var hasTwoCounts: Bool { countText.contains(" / ") }
}
