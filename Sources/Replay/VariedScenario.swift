import ArmMemory
import PCIeModel
import Profiles
import Results
import TraceCore

/// A scenario under its own settings and under each of their variants, in one pass.
///
/// Variants that differ only in what time depends on are further clocks of one replay; the others
/// share a replay with those that count alike.
final class VariedScenario {
  /// Under the scenario's own settings.
  let replay: ScenarioReplay
  /// Under settings that count otherwise: totals only, nothing is looked for.
  private let others: [ScenarioReplay]
  /// The variants of each replay's clocks: those of ``replay``, then of ``others``.
  private let members: [[Int]]

  init(
    _ configuration: ScenarioConfiguration, accessors: AccessorAssumption, context: TraceContext
  ) {
    let base = configuration.settings
    let variants = base.variants.map(\.settings)
    var groups: [(settings: ModelSettings, members: [Int])] = [(base, [])]
    for (index, settings) in variants.enumerated() {
      let alike = groups.firstIndex {
        Self.counts(settings, as: $0.settings, under: configuration.policy)
      }
      if let alike {
        groups[alike].members.append(index)
      } else {
        groups.append((settings, [index]))
      }
    }
    members = groups.map(\.members)
    replay = ScenarioReplay(
      configuration, accessors: accessors, context: context,
      timeVariants: groups[0].members.map { variants[$0] })
    others = groups.dropFirst().map { group in
      var varied = configuration
      varied.settings = group.settings
      varied.clocks = .saturated
      varied.measures = false
      return ScenarioReplay(
        varied, accessors: accessors, context: context,
        timeVariants: group.members.dropFirst().map { variants[$0] })
    }
  }

  /// Whether two settings give the same counts under a policy: one that keeps all memory Device
  /// does not depend on how a core gathers.
  private static func counts(
    _ settings: ModelSettings, as base: ModelSettings, under policy: KVMPolicy
  ) -> Bool {
    guard policy == .kvmDevice else { return settings.hasSameCounts(as: base) }
    var settings = settings
    settings.cpu.buffers = base.cpu.buffers
    settings.cpu.eviction = base.cpu.eviction
    settings.cpu.singleStream = base.cpu.singleStream
    settings.cpu.loadBreaksGather = base.cpu.loadBreaksGather
    settings.cpu.deviceDrainsNC = base.cpu.deviceDrainsNC
    settings.cpu.drainAfterNs = base.cpu.drainAfterNs
    settings.cpu.trapDrains = base.cpu.trapDrains
    return settings.hasSameCounts(as: base)
  }

  private var all: [ScenarioReplay] { [replay] + others }

  /// Takes a block; see ``ScenarioReplay/consume(_:)``.
  func consume(_ block: Block) throws(TraceError) {
    for replay in all { try replay.consume(block) }
  }

  /// Ends the trace.
  ///
  /// - Parameter records: Records read, which every replay must have accounted for.
  /// - Throws: ``TraceError`` with code `internal` where one has not.
  func finish(records: UInt64) throws(TraceError) {
    for replay in all {
      try replay.finish()
      guard replay.records == records else {
        throw TraceError(
          .internal, "\(records) records read, \(replay.records) accounted for")
      }
    }
  }

  /// The scenario under each variant, in the settings' order.
  func variantResults() -> [ScenarioResult] {
    var results: [Int: ScenarioResult] = [:]
    for (replay, members) in zip(all, members) {
      let own = replay === self.replay ? [] : [replay.result()]
      for (index, result) in zip(members, own + replay.variantResults()) {
        results[index] = result
      }
    }
    return results.sorted { $0.key < $1.key }.map(\.value)
  }
}
