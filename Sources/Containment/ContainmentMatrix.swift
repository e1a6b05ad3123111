public import ArmMemory
public import Results

/// Outcomes of failed accesses on one platform, over all combinations of its values in range.
public struct ContainmentMatrix: Sendable {
  public let settings: PlatformSettings

  public init(_ settings: PlatformSettings) { self.settings = settings }

  /// What several platforms make of the same accesses.
  ///
  /// - Parameters:
  ///   - platforms: In the order of the result.
  ///   - rows: Makes the rows of one.
  /// - Returns: Every row, and a verdict for each platform that has some.
  public static func over(
    _ platforms: [PlatformSettings], rows: (ContainmentMatrix) -> [ContainmentRow]
  ) -> (rows: [ContainmentRow], verdicts: [ContainmentVerdict]) {
    var all: [ContainmentRow] = []
    var verdicts: [ContainmentVerdict] = []
    for settings in platforms {
      let matrix = ContainmentMatrix(settings)
      let own = rows(matrix)
      guard !own.isEmpty else { continue }
      all += own
      verdicts.append(matrix.verdict(own))
    }
    return (all, verdicts)
  }

  /// Outcomes under one choice of the values that they depend on.
  struct Leaf {
    /// Key -> text of the choice.
    var choices: [String: String]
    var before: Set<ContainmentOutcome>
    var after: Set<ContainmentOutcome>
    /// Where nobody reads or writes at all.
    var idle: Set<ContainmentOutcome>

    var isSame: Bool { (before.isEmpty ? idle : before) == (after.isEmpty ? idle : after) }
  }

  /// One row.
  ///
  /// - Parameters:
  ///   - place: `BAR`, or the region's name.
  ///   - fault: What the device does.
  ///   - access: What the CPU wanted.
  ///   - before: Effective type under the first mapping.
  ///   - after: Effective type under the second mapping.
  ///   - accesses: Of a capture.
  ///   - isBusSlave: The place is no PCI window, so that it answers on the bus itself.
  /// - Returns: nil where the platform has no such failed access under either type.
  public func row(
    place: String, fault: FaultKind, access: AccessKind, before: MemoryType, after: MemoryType,
    accesses: UInt64? = nil, isBusSlave: Bool = false
  ) -> ContainmentRow? {
    var settings = settings
    if isBusSlave { settings.platform.attachment = .soc }
    let cases = (FaultCase(fault, access, before), FaultCase(fault, access, after))
    let leaves = Self.leaves(cases, settings)
    guard leaves.contains(where: { !$0.before.isEmpty || !$0.after.isEmpty }) else { return nil }
    return ContainmentRow(
      platform: settings.name, place: place, fault: fault.rawValue, access: access.rawValue,
      accesses: accesses, before: cell(cases.0, leaves.map(\.before), settings.platform),
      after: cell(cases.1, leaves.map(\.after), settings.platform),
      part: Self.part(cases, leaves, settings.platform), hangsOn: Self.deciding(leaves))
  }

  private static func part(
    _ cases: (FaultCase, FaultCase), _ leaves: [Leaf], _ platform: Platform
  ) -> TypePart {
    var asked: Set<String> = []
    guard leaf(cases, platform, &asked).isSame else { return .yes }
    return leaves.allSatisfy(\.isSame) ? .none : .inRange
  }

  private func cell(
    _ failed: FaultCase, _ outcomes: [Set<ContainmentOutcome>], _ platform: Platform
  ) -> ContainmentCell {
    ContainmentCell(
      memoryType: failed.type.name, outcomes: Self.union(outcomes).sorted(),
      chains: Containment.chains(failed, on: platform),
      impossible: failed.impossible(on: platform))
  }

  /// Tries alternatives of the values that were looked at, and of no others.
  static func leaves(_ cases: (FaultCase, FaultCase), _ settings: PlatformSettings) -> [Leaf] {
    var leaves: [Leaf] = []
    var open: [(platform: Platform, choices: [String: String])] = [(settings.platform, [:])]
    while let (platform, chosen) = open.popLast() {
      var asked: Set<String> = []
      var leaf = leaf(cases, platform, &asked)
      let choice = settings.choices.first { asked.contains($0.key) && chosen[$0.key] == nil }
      guard let choice else {
        leaf.choices = chosen
        leaves.append(leaf)
        continue
      }
      for option in choice.options.reversed() {
        var (platform, chosen) = (platform, chosen)
        option.apply(&platform)
        chosen[choice.key] = option.text
        open.append((platform, chosen))
      }
    }
    return leaves
  }

  private static func leaf(
    _ cases: (FaultCase, FaultCase), _ platform: Platform, _ asked: inout Set<String>
  ) -> Leaf {
    func outcomes(_ failed: FaultCase, _ platform: Platform) -> Set<ContainmentOutcome> {
      Set(Containment.chains(failed, on: platform, asked: &asked).map(\.outcome))
    }
    var leaf = Leaf(
      choices: [:], before: outcomes(cases.0, platform), after: outcomes(cases.1, platform),
      idle: [.contained])
    if cases.0.fault == .linkDown {
      // The link's own error remains: that of a write of which the CPU hears nothing.
      var silent = platform
      silent.failedWrite = .drop
      leaf.idle = outcomes(FaultCase(.linkDown, .write, cases.0.type), silent)
    }
    return leaf
  }

  /// Keys of which one alternative allows other outcomes than another.
  private static func deciding(_ leaves: [Leaf]) -> [String] {
    let keys = leaves.reduce(into: Set<String>()) { $0.formUnion($1.choices.keys) }
    return keys.sorted().filter { key in
      let values = Set(leaves.compactMap { $0.choices[key] })
      let outcomes = values.map { value in
        let own = leaves.filter { ($0.choices[key] ?? value) == value }
        return [Self.union(own.map(\.before)), Self.union(own.map(\.after))]
      }
      return outcomes.contains { $0 != outcomes[0] }
    }.map { "platform." + $0 }
  }

  private static func union(_ sets: [Set<ContainmentOutcome>]) -> Set<ContainmentOutcome> {
    sets.reduce(into: []) { $0.formUnion($1) }
  }

  /// Whether the type plays a part in some rows of this platform.
  ///
  /// - Parameter rows: Those of the platform.
  /// - Returns: The answer in sentences.
  public func verdict(_ rows: [ContainmentRow]) -> ContainmentVerdict {
    let assumed = Set(settings.values.filter { $0.status == .assumed }.map(\.key))
    let hangsOn = Set(rows.flatMap(\.hangsOn)).intersection(assumed).sorted()
    return ContainmentVerdict(
      platform: settings.name, summary: settings.summary, part: rows.map(\.part).max() ?? .none,
      reasons: ContainmentReasons(settings: settings, rows: rows).sentences,
      hangsOn: hangsOn, combinations: settings.combinations, settings: settings.values)
  }
}
