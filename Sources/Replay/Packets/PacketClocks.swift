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
  }

  private let clocks: [(kind: ScenarioConfiguration.Clocks, holder: ClockLane.Holder)]
  private let rate: LinkRate
  /// By clock, one each step that puts something on the link; see ``take()``.
  private var passages: [[Passage]]

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
  }

  func grow(vcpus: Int, regions: Int) {
    for (_, holder) in clocks { holder.clock.grow(vcpus: vcpus, regions: regions) }
  }

  func take(_ steps: borrowing StepLog, times: Span<UInt64>) {
    for index in clocks.indices {
      clocks[index].holder.clock.consume(steps, times: times) { start, back in
        passages[index].append(Passage(start: start, back: back))
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
  /// - Returns: Start and end.
  func transmission(_ start: UInt64, ahead: Int, bytes: Int) -> Packet.Transmission {
    Packet.Transmission(
      startPs: start + rate.serialisationPs(ahead),
      endPs: start + rate.serialisationPs(ahead + bytes))
  }
}
