import Profiles
import Results
import TraceCore

/// The clocks of one engine: the two that are reported, and those of variants that differ only in
/// what time depends on.
final class ClockSet {
  /// Keeps a clock in place, so that it is opened once for many steps.
  final class Holder {
    var clock: ReplayClock
    init(_ settings: ModelSettings, paced: Bool, measures: Bool) {
      clock = ReplayClock(settings, paced: paced, measures: measures)
    }
  }

  /// nil where the clock is not run.
  let saturated: Holder?
  let paced: Holder?
  let variants: [Holder]

  /// - Parameters:
  ///   - configuration: Which of the reported clocks are run, and what they keep.
  ///   - variants: Of saturated clocks beside them.
  init(_ configuration: ScenarioConfiguration, variants: [ModelSettings]) {
    let (settings, measures) = (configuration.settings, configuration.measures)
    saturated =
      configuration.clocks == .paced
      ? nil : Holder(settings, paced: false, measures: measures)
    paced =
      configuration.clocks == .saturated
      ? nil : Holder(settings, paced: true, measures: measures)
    self.variants = variants.map { Holder($0, paced: false, measures: false) }
  }

  private var all: [Holder] { [saturated, paced].compactMap { $0 } + variants }

  func grow(vcpus: Int, regions: Int) {
    for holder in all { holder.clock.grow(vcpus: vcpus, regions: regions) }
  }

  /// Every clock takes the steps; the log is empty then.
  func consume(_ steps: inout StepLog, times: Span<UInt64>) {
    saturated?.clock.consume(steps, times: times)
    paced?.clock.consume(steps, times: times)
    for holder in variants { holder.clock.consume(steps, times: times) }
    steps.removeAll()
  }

  func finish() {
    saturated?.clock.finish()
    paced?.clock.finish()
  }
}
