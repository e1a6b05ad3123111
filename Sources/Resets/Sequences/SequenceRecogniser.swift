public import ConfigSpace
import TraceCore

/// Finds reset sequences in the stream of config accesses.
///
/// Remembers a few accesses of up to 256 functions, and up to 64 sequences that go on; of more, the
/// oldest is ended as it is. The resets beyond a limit have no sequence. Feed it every access, in
/// trace order, with what ``ConfigSpace/access(_:)`` returned for it.
public struct SequenceRecogniser {
  static let functionLimit = 256
  static let openLimit = 64

  private var preludes: [PCIFunction: Prelude] = [:]
  /// The functions of ``preludes``, oldest first.
  private var known: [PCIFunction] = []
  private var open: [OpenSequence] = []
  private var sizing: [PCIFunction: SeenStep] = [:]
  /// Record of the last Unmask SBR by port.
  private var unmasked: [PCIFunction: UInt64] = [:]
  private var ended: [ResetSequence] = []
  /// Resets that may still have a sequence.
  private var left: Int
  /// BAR sizings that may still be kept.
  private var sizingsLeft: Int

  /// - Parameter limit: Resets at most whose sequences are kept, and BAR sizings as many.
  public init(limit: Int = 100_000) {
    left = limit
    sizingsLeft = limit
  }

  /// Takes an access.
  ///
  /// - Parameters:
  ///   - access: The access.
  ///   - events: What it did.
  public mutating func take(_ access: ConfigAccess, _ events: [ConfigEvent]) {
    size(access, events)
    for event in events where event.kind == .cxlBusResetUnmask {
      if unmasked[event.function] != nil || unmasked.count < Self.functionLimit {
        unmasked[event.function] = event.record
      }
    }
    let resets = events.filter(\.kind.issuesReset)
    // What begins anew ends what went on for the same function.
    for event in resets { end(by: event.record) { $0.event.function == event.function } }
    for index in open.indices where open[index].concerns(access.function) {
      open[index].take(access, events)
    }
    end { $0.isDone }
    for event in resets { begin(event, access) }
    // What resets begins nothing, and after it something new may.
    if resets.isEmpty {
      remember(access)
    } else if preludes[access.function] != nil {
      preludes[access.function] = Prelude()
    }
  }

  /// Takes resets that the capture reports by itself.
  public mutating func notice(_ events: [ConfigEvent]) {
    for event in events where event.kind.issuesReset {
      end(by: event.record) { $0.event.function == event.function }
      begin(event, nil)
    }
  }

  /// Ends what still goes on.
  ///
  /// - Returns: Every sequence, in the order of their resetting records.
  public mutating func finish() -> [ResetSequence] {
    end { _ in true }
    for function in sizing.keys.sorted() { endSizing(function) }
    return ended.sorted {
      ($0.resetRecord ?? $0.first, $0.first) < ($1.resetRecord ?? $1.first, $1.first)
    }
  }

  private mutating func end(by reset: UInt64? = nil, _ isMeant: (OpenSequence) -> Bool) {
    ended += open.filter(isMeant).map { $0.sequence(endedBy: reset) }
    open.removeAll(where: isMeant)
  }

  // MARK: Beginnings

  private mutating func remember(_ access: ConfigAccess) {
    if preludes[access.function] == nil {
      if known.count == Self.functionLimit { preludes[known.removeFirst()] = nil }
      known.append(access.function)
    }
    preludes[access.function, default: Prelude()].take(access)
  }

  private mutating func begin(_ event: ConfigEvent, _ access: ConfigAccess?) {
    var before =
      preludes[event.function]?.steps(before: event.kind, register: access?.register)
      ?? StepList()
    var devices: [PCIFunction] = event.kind.isAtBridge ? [] : [event.function]
    if event.kind.isAtBridge {
      devices = armed(below: event)
      for device in devices {
        for step in preludes[device]?.steps(before: event.kind, register: nil).steps ?? [] {
          before.add(step)
        }
      }
      if let record = unmasked.removeValue(forKey: event.function) {
        before.add(SeenStep(.unmask, first: record, last: record, count: 1))
      }
    }
    let method = ResetMethod.of(
      event.kind, isNotice: access == nil, seen: Set(before.steps.map(\.step)))
    // Without marks nothing says that what came before belongs to it, but what its steps name.
    if method.marks.isEmpty {
      var own = StepList()
      for step in before.steps where method.steps.contains(step.step) { own.add(step) }
      before = own
    }
    for device in devices { preludes[device] = nil }
    known.removeAll { devices.contains($0) }
    guard left > 0 else { return }
    left -= 1
    if open.count == Self.openLimit { ended.append(open.removeFirst().sequence(endedBy: nil)) }
    open.append(
      OpenSequence(
        method, event, register: access?.register, devices: devices, before: before))
  }

  /// Functions whose memory was turned off for the reset: those that it covers, or where the buses
  /// below are not known, the last one.
  private func armed(below event: ConfigEvent) -> [PCIFunction] {
    let armed = known.filter { $0 != event.function && preludes[$0]?.isArmed == true }
    if case .belowBridge = event.scope { return armed.suffix(1) }
    return armed.filter { event.scope.contains($0, cause: event.function) }.sorted()
  }

  // MARK: BAR sizing

  private mutating func size(_ access: ConfigAccess, _ events: [ConfigEvent]) {
    if events.contains(where: { $0.kind == .barSizing }) {
      if sizing[access.function] == nil, sizing.count == Self.functionLimit {
        sizing.keys.min().map { endSizing($0) }
      }
      sizing[
        access.function,
        default: SeenStep(
          .sizing, first: access.record, last: access.record, count: 0)
      ].count += 1
      sizing[access.function]?.last = access.record
    } else if sizing[access.function] != nil {
      let isPart = (0x10..<0x34).contains(access.register) || access.register == 0x04
      if isPart {
        sizing[access.function]?.last = access.record
      } else {
        endSizing(access.function)
      }
    }
  }

  private mutating func endSizing(_ function: PCIFunction) {
    guard let seen = sizing.removeValue(forKey: function), sizingsLeft > 0 else { return }
    sizingsLeft -= 1
    ended.append(
      ResetSequence(
        method: .barSizing, function: function, devices: [function], first: seen.first,
        last: seen.last, events: [], seen: [seen]))
  }
}
