import Profiles
import Results
import TraceCore

/// The clocks of one engine: those that are reported with all that they measure, and those that
/// keep no more than times.
final class ClockSet {
  /// The clocks of one set of settings; nil where one is not run.
  struct Pair {
    var saturated: ClockLane.Holder?
    var paced: ClockLane.Holder?

    /// Without those that are not wanted.
    func only(_ clocks: ScenarioConfiguration.Clocks) -> Pair {
      Pair(saturated: clocks == .paced ? nil : saturated, paced: clocks == .saturated ? nil : paced)
    }
  }

  /// Of the scenario's own settings, where they measure.
  private let own: Pair
  /// Further clocks that would show the same times as those.
  private var alike: [ClockLane.Member]
  private var lanes: [ClockLane]
  /// Which clocks are run of those that do not measure.
  private let kinds: ScenarioConfiguration.Clocks
  private let gathers: Bool
  /// Sees the steps first.
  var listener: (any StepListener)?
  /// Changes when a clock is run for others than before.
  private var layout = 0
  /// Of a copy: the clocks that each lane was copied from, of a set with a layout.
  private var origin: (set: ObjectIdentifier, layout: Int, clocks: [ClockLane.Holder])?

  /// - Parameters:
  ///   - own: Settings of clocks that measure, and which; nil for none.
  ///   - others: Clocks that do not.
  ///   - kinds: Which of those are run.
  ///   - gathers: The mapping has gathering lines.
  init(
    own: (settings: ModelSettings, clocks: ScenarioConfiguration.Clocks)?,
    _ others: [ClockLane.Member], _ kinds: ScenarioConfiguration.Clocks, gathers: Bool
  ) {
    func measuring(_ paced: Bool) -> ClockLane.Holder? {
      own.map { ClockLane.Holder(ReplayClock($0.settings, paced: paced, measures: true)) }
    }
    self.own = Pair(saturated: measuring(false), paced: measuring(true)).only(own?.clocks ?? .both)
    // What measures can stand for what does not, where it runs all that is wanted.
    let ownKey = own.flatMap { own in
      own.clocks == .both || own.clocks == kinds ? ClockKey(own.settings, gathers: gathers) : nil
    }
    let isAlike = others.map { ownKey == ClockKey($0.settings, gathers: gathers) }
    alike = zip(others, isAlike).filter(\.1).map(\.0)
    let apart = zip(others, isAlike).filter { !$0.1 }.map(\.0)
    lanes = [false, true].flatMap { paced in
      kinds == (paced ? .saturated : .paced)
        ? [] : ClockLane.lanes(apart, paced: paced, gathers: gathers)
    }
    self.kinds = kinds
    self.gathers = gathers
  }

  private init(_ lanes: [ClockLane], like other: ClockSet) {
    own = Pair()
    alike = []
    self.lanes = lanes
    kinds = other.kinds
    gathers = other.gathers
  }

  /// Clocks that are run.
  var count: Int { lanes.count + (own.saturated == nil ? 0 : 1) + (own.paced == nil ? 0 : 1) }

  /// The clocks of each settings; those that measure where there are such for it.
  var pairs: [ClockID: Pair] {
    var pairs: [ClockID: Pair] = [:]
    for lane in lanes {
      for member in lane.members {
        if lane.paced {
          pairs[member.id, default: Pair()].paced = lane.holder
        } else {
          pairs[member.id, default: Pair()].saturated = lane.holder
        }
      }
    }
    for member in alike { pairs[member.id] = own }
    if own.saturated != nil || own.paced != nil { pairs[ClockID(plan: 0, place: 0)] = own }
    return pairs
  }

  func grow(vcpus: Int, regions: Int) {
    own.saturated?.clock.grow(vcpus: vcpus, regions: regions)
    own.paced?.clock.grow(vcpus: vcpus, regions: regions)
    for lane in lanes { lane.grow(vcpus: vcpus, regions: regions) }
    listener?.grow(vcpus: vcpus, regions: regions)
  }

  /// Every clock takes the steps; the log is empty then.
  func consume(_ steps: inout StepLog, times: Span<UInt64>) {
    guard steps.count > 0 else { return }
    listener?.take(steps, times: times)
    own.saturated?.clock.consume(steps, times: times)
    own.paced?.clock.consume(steps, times: times)
    var index = 0
    while index < lanes.count {
      if let apart = lanes[index].consume(steps, times: times) {
        // Each of them takes the same steps next.
        lanes.replaceSubrange(index...index, with: apart)
        layout += 1
      } else {
        index += 1
      }
    }
    steps.removeAll()
  }

  func finish() {
    own.saturated?.clock.finish()
    own.paced?.clock.finish()
  }

  // MARK: Plans that may have to part

  /// Copies of the clocks of some plans.
  ///
  /// - Parameters:
  ///   - isWanted: Which plans.
  ///   - last: An earlier copy for the same plans, which nothing needs any longer: it may be the one
  ///     that is returned, without new memory.
  /// - Returns: The copies.
  func copy(of isWanted: (_ plan: Int) -> Bool, reusing last: ClockSet? = nil) -> ClockSet {
    if let last, last.takesAgain(from: self) { return last }
    let fromOwn = alike.filter { isWanted($0.id.plan) }
    let measuring = own.only(kinds)
    var (copies, clocks): ([ClockLane], [ClockLane.Holder]) = ([], [])
    func add(_ lanes: [ClockLane], from clock: ClockLane.Holder) {
      copies += lanes
      clocks += lanes.map { _ in clock }
    }
    for clock in [measuring.saturated, measuring.paced].compactMap(\.self) {
      add(ClockLane.lanes(fromOwn, from: clock, gathers: gathers), from: clock)
    }
    for lane in lanes { add(lane.copies { isWanted($0.plan) }, from: lane.holder) }
    let copy = ClockSet(copies, like: self)
    copy.origin = (ObjectIdentifier(self), layout, clocks)
    return copy
  }

  /// Takes the present state of the clocks that these are copies of.
  ///
  /// - Returns: Whether the other set still runs those, and for the same plans.
  private func takesAgain(from other: ClockSet) -> Bool {
    guard let origin, origin.set == ObjectIdentifier(other), origin.layout == other.layout else {
      return false
    }
    for (lane, clock) in zip(lanes, origin.clocks) { lane.holder.clock.take(clock.clock) }
    return true
  }

  /// The clocks of a plan are run elsewhere from now on.
  func remove(plan: Int) {
    layout += 1
    alike.removeAll { $0.id.plan == plan }
    lanes = lanes.compactMap { lane in lane.without { $0.plan == plan } }
  }
}
