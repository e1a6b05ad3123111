import ArmMemory
import PCIeModel
import Profiles
import Results
import TraceCore

/// Clocks that tell when each TLP is on the link.
final class PacketClocks: StepListener {
  /// When what a step puts on the link is there, in ps: requests or writes, and what comes back.
  struct Passage {
    var start: UInt64 = 0
    var back: UInt64 = 0
    /// Since when the CPU holds what it is of, and until when; nil where it is not the last step of
    /// that, which the next one then is of, too.
    var since: UInt64 = 0
    var until: UInt64?
  }

  private let clocks: [(kind: ScenarioConfiguration.Clocks, holder: ClockLane.Holder)]
  private let rate: LinkRate
  /// By clock, one each step that puts something on the link; see ``take()``.
  private var passages: [[Passage]]
  /// By clock.
  private var watches: [HoldWatch]

  /// - Parameters:
  ///   - settings: Of the scenario.
  ///   - kinds: Which clocks are run.
  init(_ settings: ModelSettings, _ kinds: ScenarioConfiguration.Clocks) {
    let wanted: [ScenarioConfiguration.Clocks] = kinds == .both ? [.saturated, .paced] : [kinds]
    clocks = wanted.map {
      ($0, .init(ReplayClock(settings, paced: $0 == .paced, measures: false)))
    }
    rate = LinkRate(settings.link)
    passages = wanted.map { _ in [] }
    watches = wanted.map { _ in HoldWatch(settings) }
  }

  func grow(vcpus: Int, regions: Int) {
    for index in clocks.indices {
      clocks[index].holder.clock.grow(vcpus: vcpus, regions: regions)
      watches[index].grow(vcpus: vcpus)
    }
  }

  func take(_ steps: borrowing StepLog, times: Span<UInt64>) {
    for index in clocks.indices {
      clocks[index].holder.clock.consume(steps, times: times) { step, moment in
        if let passage = watches[index].passage(of: step, moment) {
          passages[index].append(passage)
        }
      }
    }
  }

  /// Takes the passages of the steps since the last time.
  ///
  /// - Returns: By clock, in the order of the steps.
  func take() -> [(kind: ScenarioConfiguration.Clocks, passages: [Passage])] {
    defer { for index in passages.indices { passages[index].removeAll(keepingCapacity: true) } }
    return zip(clocks, passages).map { ($0.kind, $1) }
  }

  /// When one of several TLPs is on the link that leave one behind the other.
  ///
  /// - Parameters:
  ///   - start: Start of the first one, in ps.
  ///   - ahead: Wire bytes ahead of it.
  ///   - bytes: Its own.
  ///   - held: Since when and until when the CPU holds what it is of, in ps.
  /// - Returns: Start and end.
  func transmission(
    _ start: UInt64, ahead: Int, bytes: Int, held: Range<UInt64>
  ) -> Packet.Transmission {
    Packet.Transmission(
      startPs: start + rate.serialisationPs(ahead),
      endPs: start + rate.serialisationPs(ahead + bytes), heldPs: held)
  }
}

/// Tells of each step that puts something on the link since when the CPU holds what it is of.
private struct HoldWatch {
  /// Buffers of a vCPU at most: `GatherBuffers` has a bit for each in one word.
  private static let buffers = 64

  private let issuePs: UInt64
  private let acknowledgePs: UInt64
  /// When the line in each buffer was opened, a row of them a vCPU.
  private var opened: [UInt64] = []

  init(_ settings: ModelSettings) {
    issuePs = settings.cpu.storeIssuePs
    acknowledgePs = settings.cpu.deviceAckPs
  }

  mutating func grow(vcpus: Int) {
    let missing = vcpus * Self.buffers - opened.count
    if missing > 0 { opened += repeatElement(0, count: missing) }
  }

  /// - Returns: nil of a step that puts nothing on the link.
  mutating func passage(
    of step: TimeStep, _ moment: ReplayClock.Moment
  ) -> PacketClocks.Passage? {
    var passage = PacketClocks.Passage(start: moment.start, back: moment.back.start)
    switch step.kind {
    case .store:
      // Of one store: the vCPU is behind its issue.
      if step.flags.contains(.opens) { opened[buffer(of: step)] = moment.now - issuePs }
      return nil
    case .write where step.flags.contains(.ofDevice):
      passage.since = moment.issued
      if step.flags.contains(.endsDevice) { passage.until = moment.start + acknowledgePs }
    case .write where step.flags.contains(.endsSingle):
      passage.since = moment.now - issuePs
      passage.until = moment.start + acknowledgePs
    case .write:
      passage.since = opened[buffer(of: step)]
      if step.flags.contains(.endsLine) { passage.until = moment.start }
    case .read:
      passage.since = moment.issued
      if step.flags.contains(.endsLoad) { passage.until = moment.back.end }
    case .config:
      passage.since = moment.issued
      passage.until = moment.back.end
    default: return nil
    }
    return passage
  }

  private func buffer(of step: TimeStep) -> Int { Int(step.vcpu) * Self.buffers + Int(step.slot) }
}
