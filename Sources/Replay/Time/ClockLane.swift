import ArmMemory
import PCIeModel
import Profiles
import TraceCore

/// Which clock of a scenario: of a plan, and its place there.
struct ClockID: Hashable {
  var plan: Int
  var place: Int
}

/// One clock that runs for one or more settings.
///
/// Those that differ only in what has made no difference so far share it: with the fewest credits
/// of all and the longest loop, as long as nothing waits for a credit, everything is when it would
/// be with more.
struct ClockLane {
  /// Keeps a clock in place, so that it is opened once for many steps.
  final class Holder {
    var clock: ReplayClock
    init(_ clock: consuming ReplayClock) { self.clock = clock }
  }

  struct Member {
    let id: ClockID
    /// Without credits that nothing can wait for.
    let settings: ModelSettings

    init(_ id: ClockID, _ settings: ModelSettings) {
      var settings = settings
      settings.link.flowControl = settings.link.flowControl.withoutIdleData
      self.id = id
      self.settings = settings
    }
  }

  let holder: Holder
  let paced: Bool
  private(set) var members: [Member]
  /// What the members differ in.
  private let differing: ClockUses
  /// The state ahead of the last steps, where it may be asked for.
  private let before: Holder?
  private let gathers: Bool

  /// - Parameters:
  ///   - members: One or more that differ only in what their clock can do without.
  ///   - paced: Recorded times hold.
  ///   - gathers: The mapping has gathering lines.
  private init(_ members: [Member], paced: Bool, gathers: Bool) {
    self.members = members
    self.paced = paced
    self.gathers = gathers
    let settings = members.map(\.settings)
    var differing: ClockUses = []
    if Set(settings.map(\.link.flowControl)).count > 1 { differing.insert(.credits) }
    if Set(settings.map(\.device.configLatencyPs)).count > 1 { differing.insert(.configLatency) }
    if Set(settings.map(\.device.readLatencyPs)).count > 1 { differing.insert(.readLatency) }
    self.differing = differing
    var common = settings[0]
    let (fewest, most) = FlowControl.ends(of: settings.map(\.link.flowControl))
    common.link.flowControl = fewest
    if !gathers { common.cpu.buffers = 1 }
    func clock() -> ReplayClock {
      ReplayClock(common, paced: paced, measures: false, most: most)
    }
    holder = Holder(clock())
    before = differing.isEmpty ? nil : Holder(clock())
  }

  /// Lanes for clocks of which some may share one.
  ///
  /// - Parameters:
  ///   - members: Clocks that are wanted.
  ///   - paced: Recorded times hold.
  ///   - gathers: The mapping has gathering lines.
  ///   - used: What makes a difference.
  /// - Returns: Lanes, in the order of their first members.
  static func lanes(
    _ members: [Member], paced: Bool, gathers: Bool, used: ClockUses = []
  ) -> [ClockLane] {
    let ignored = ClockUses.all.subtracting(used).union(.credits)
    var groups = grouped(members) { ClockKey($0.settings, gathers: gathers, ignoring: ignored) }
    if used.contains(.credits) {
      // Those that wait first part from the rest, for which it may go on.
      groups = groups.flatMap { group in
        let tightest = group.map(\.settings.link.flowControl).min { $0.ease < $1.ease }
        return grouped(group) { $0.settings.link.flowControl == tightest }
      }
    }
    return groups.map { ClockLane($0, paced: paced, gathers: gathers) }
  }

  /// Members with equal keys, in order of first appearance.
  private static func grouped<Key: Hashable>(
    _ members: [Member], by key: (Member) -> Key
  ) -> [[Member]] {
    var groups: [[Member]] = []
    var places: [Key: Int] = [:]
    for member in members {
      let place = places[key(member)] ?? groups.count
      if place == groups.count {
        places[key(member)] = place
        groups.append([])
      }
      groups[place].append(member)
    }
    return groups
  }

  /// Lanes in the state of a clock that ran for all their members, and may measure.
  ///
  /// - Parameters:
  ///   - members: Clocks that showed the same times so far.
  ///   - state: That clock.
  ///   - gathers: The mapping has gathering lines.
  ///   - used: What makes a difference.
  /// - Returns: Lanes, in the order of their first members.
  static func lanes(
    _ members: [Member], from state: Holder, gathers: Bool, used: ClockUses = []
  ) -> [ClockLane] {
    let lanes = lanes(members, paced: state.clock.paced, gathers: gathers, used: used)
    for lane in lanes { lane.holder.clock.take(state.clock) }
    return lanes
  }

  func grow(vcpus: Int, regions: Int) { holder.clock.grow(vcpus: vcpus, regions: regions) }

  /// Takes steps.
  ///
  /// - Returns: nil, or lanes that must take them in place of this one, because they have made a
  ///   difference between its members.
  func consume(_ steps: borrowing StepLog, times: Span<UInt64>) -> [ClockLane]? {
    before?.clock.take(holder.clock)
    holder.clock.consume(steps, times: times)
    guard let before else { return nil }
    let used = holder.clock.used
    guard !used.isDisjoint(with: differing) else { return nil }
    return Self.lanes(members, from: before, gathers: gathers, used: used)
  }

  /// The same for some of its members alone.
  ///
  /// - Returns: Lanes with clocks of their own; none where none of the members is wanted.
  func copies(for isWanted: (ClockID) -> Bool) -> [ClockLane] {
    Self.lanes(members.filter { isWanted($0.id) }, from: holder, gathers: gathers)
  }

  /// Without some of its members; nil where none is left.
  func without(_ isGone: (ClockID) -> Bool) -> ClockLane? {
    var lane = self
    lane.members.removeAll { isGone($0.id) }
    return lane.members.isEmpty ? nil : lane
  }
}
