import Profiles
import Results
import TraceCore

/// The clocks of one engine: those that are reported, and those of variants that differ only in
/// what time depends on.
final class ClockSet {
  /// Keeps a clock in place, so that it is opened once for many steps.
  final class Holder {
    var clock: ReplayClock
    init(_ settings: ModelSettings, paced: Bool, measures: Bool) {
      clock = ReplayClock(settings, paced: paced, measures: measures)
    }
  }

  /// The clocks of one set of settings; nil where one is not run.
  struct Pair {
    let saturated: Holder?
    let paced: Holder?

    init(_ settings: ModelSettings, _ clocks: ScenarioConfiguration.Clocks, measures: Bool) {
      saturated = clocks == .paced ? nil : Holder(settings, paced: false, measures: measures)
      paced = clocks == .saturated ? nil : Holder(settings, paced: true, measures: measures)
    }

    var holders: [Holder] { [saturated, paced].compactMap(\.self) }
  }

  /// Of the scenario's own settings.
  let own: Pair
  let variants: [Pair]
  private let all: [Holder]

  /// - Parameters:
  ///   - configuration: Which clocks are run, and what those of its own settings keep.
  ///   - variants: Settings of the clocks beside them.
  init(_ configuration: ScenarioConfiguration, variants: [ModelSettings]) {
    own = Pair(configuration.settings, configuration.clocks, measures: configuration.measures)
    self.variants = variants.map { Pair($0, configuration.variantClocks, measures: false) }
    all = own.holders + self.variants.flatMap(\.holders)
  }

  func grow(vcpus: Int, regions: Int) {
    for holder in all { holder.clock.grow(vcpus: vcpus, regions: regions) }
  }

  /// Every clock takes the steps; the log is empty then.
  func consume(_ steps: inout StepLog, times: Span<UInt64>) {
    for holder in all { holder.clock.consume(steps, times: times) }
    steps.removeAll()
  }

  func finish() {
    for holder in all { holder.clock.finish() }
  }
}
