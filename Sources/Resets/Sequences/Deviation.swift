import ConfigSpace

/// Where a reset leaves the safe recipe: stop issuing, DSB, read a register, Transactions Pending = 0,
/// the config write, its completion, the recovery time, poll, restore, Command.MEM, MMIO.
///
/// The recipe is that of Linux drivers/pci/pci.c (pcie_flr, pci_dev_wait, pci_restore_state), with
/// the DSB and the read that edk2 pull request 6031 and the ordering rules ask for.
public struct Deviation: Sendable, Equatable {
  /// Steps of the recipe, in its order.
  public enum Kind: String, Sendable, CaseIterable {
    case stillIssuing = "still-issuing"
    case noDSB = "no-dsb"
    case noReadback = "no-readback"
    case pendingNotPolled = "pending-not-polled"
    case noCompletion = "no-completion"
    case noWait = "no-wait"
    case noLinkWait = "no-link-wait"
    case noPoll = "no-poll"
    case noRestore = "no-restore"
    case memoryOff = "memory-off"

    /// What it risks.
    public var risk: String {
      switch self {
      case .stillIssuing: "the store may be lost, or come between reset and restore"
      case .noDSB: "the store may still be in the CPU or the interconnect when the reset is issued"
      case .noReadback:
        "nothing shows that the store has reached the device, nor that its DMA is out"
      case .pendingNotPolled: "completions of before the reset may meet requests of after it"
      case .noCompletion: "the access may hit the device before the reset, or be killed by it"
      case .noWait: "the function may discard what it is sent, or answer with all ones"
      case .noLinkWait: "the link may still be down: requests are discarded or time out"
      case .noPoll: "a function that is not ready yet asks for retries, or does not answer"
      case .noRestore: "BARs are clear: MMIO decodes nowhere"
      case .memoryOff: "a store is lost, a load is an Unsupported Request"
      }
    }
  }

  public var kind: Kind
  /// In words, with records.
  public var detail: String

  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }
}

extension Deviation {
  /// Where a reset leaves the recipe, under one mapping.
  ///
  /// - Parameters:
  ///   - reset: The reset and the MMIO next to it.
  ///   - sequence: The sequence that it is part of, where one was found.
  ///   - showsBarriers: The capture holds barriers. Where it holds none, nobody knows whether one is
  ///     missing.
  /// - Returns: In the order of the recipe; a step that the capture has no occasion for is none.
  public static func all(
    _ reset: ResetCase, _ sequence: ResetSequence?, showsBarriers: Bool = true
  ) -> [Deviation] {
    before(reset, sequence, showsBarriers) + around(reset, sequence, showsBarriers)
      + after(reset, sequence)
  }

  private static func before(
    _ reset: ResetCase, _ sequence: ResetSequence?, _ showsBarriers: Bool
  ) -> [Deviation] {
    var list: [Deviation] = []
    let off = sequence?[.commandOff] ?? sequence?[.commandClear]
    if let off, let store = reset.lastStore?.access, store.record > off.first {
      list.append(
        Deviation(
          .stillIssuing,
          "store \(store.record) of vCPU \(store.vcpu) comes after Command.MEM was cleared "
            + "(\(off.first))"))
    }
    // VFIO's unmap does for every vCPU what the DSB would.
    for store in [reset.lastStore, reset.weakestStore].compactMap({ $0 })
    where showsBarriers && reset.path != .vfio {
      if store.synchronized == nil, store.readBack == nil, !list.contains(.noDSB) {
        list.append(
          Deviation(
            .noDSB,
            "store \(store.access.record) of vCPU \(store.access.vcpu), reset "
              + "\(reset.event.record): no DSB of that vCPU between"))
      }
    }
    for store in [reset.lastStore, reset.weakestStore].compactMap({ $0 })
    where store.readBack == nil && !list.contains(.noReadback)
      && (showsBarriers || store.laterRead == nil)
    {
      list.append(
        Deviation(
          .noReadback,
          "no read of the function came back between store \(store.access.record) and reset "
            + "\(reset.event.record)"))
    }
    return list
  }

  private static func around(
    _ reset: ResetCase, _ sequence: ResetSequence?, _ showsBarriers: Bool
  ) -> [Deviation] {
    var list: [Deviation] = []
    let isFLR = [.functionLevelReset, .advancedFeaturesReset].contains(reset.event.kind)
    // The host's kernel polls by itself before it resets what has trapped.
    if isFLR, reset.path != .vfio, let words = pending(reset) {
      list.append(Deviation(.pendingNotPolled, words))
    }
    // No DSB waits for a write that the host posts.
    if let after = reset.firstAfter, after.completed == nil, !reset.path.returnsWhenDone,
      showsBarriers || reset.path == .posted
    {
      list.append(
        Deviation(
          .noCompletion,
          "access \(after.access.record) comes before anything shows that config write "
            + "\(reset.event.record) has completed"))
    }
    return list
  }

  /// What is missing of the poll of Transactions Pending; nil where it came after the last store.
  private static func pending(_ reset: ResetCase) -> String? {
    guard let clear = reset.event.pendingClearRecord else {
      return "no read of Transactions Pending = 0 before reset \(reset.event.record)"
    }
    // A later store may have set off new requests of the function's own.
    let stores = [reset.lastStore, reset.weakestStore].compactMap { $0?.access }
      .filter { $0.function == reset.event.function && $0.record > clear }
    guard let store = stores.max(by: { $0.record < $1.record }) else { return nil }
    return "Transactions Pending was read as 0 (\(clear)) before store \(store.record), and not "
      + "since"
  }

  private static func after(_ reset: ResetCase, _ sequence: ResetSequence?) -> [Deviation] {
    var list: [Deviation] = []
    let isKernels = reset.path == .vfio
    let access = reset.firstAfter?.access
    if let after = reset.firstAfter, after.isEarly {
      list.append(
        Deviation(
          .noWait, "access \(after.access.record) comes inside the recovery time"))
    } else if let sequence, !isKernels, sequence.asksEarly {
      list.append(
        Deviation(
          .noWait,
          "config space is asked again within the recovery time of reset \(reset.event.record)"))
    }
    guard !isKernels, let sequence else { return list + memory(reset) }
    let expected: [(SequenceStep, Kind, String)] = [
      (.linkWait, .noLinkWait, "no read of the link's state at the port"),
      (.readyPoll, .noPoll, "no read of Vendor ID or Command by a double word"),
      (.restore, .noRestore, "no BAR or header register written back"),
    ]
    for (step, kind, words) in expected where sequence.method.steps.contains(step) {
      let seen = sequence[step]
      let isLate = access.map { (seen?.first ?? .max) > $0.record } ?? (seen == nil)
      guard isLate else { continue }
      let end = sequence.end(of: step, access?.record)
      var detail = words + " before " + (end?.words ?? "the capture ends")
      if step == .readyPoll, let answered = sequence.answered {
        detail +=
          answered < end?.record ?? .max
          ? ", though it had answered by then (\(answered))" : "; it first answered at \(answered)"
      }
      list.append(Deviation(kind, detail))
    }
    return list + memory(reset)
  }

  private static func memory(_ reset: ResetCase) -> [Deviation] {
    guard let after = reset.firstAfter, after.memory == .off else { return [] }
    return [
      Deviation(.memoryOff, "access \(after.access.record) comes while Command.MEM is clear")
    ]
  }
}

extension [Deviation] {
  fileprivate func contains(_ kind: Deviation.Kind) -> Bool { contains { $0.kind == kind } }
}

extension ResetSequence {
  /// Where a step is too late: at the first of what its code does after it, the first MMIO, and the
  /// next reset.
  ///
  /// - Parameters:
  ///   - step: A step that the sequence lacks, or has behind the MMIO.
  ///   - access: Record of the first MMIO, where there is any.
  /// - Returns: nil where nothing comes before the capture ends.
  fileprivate func end(
    of step: SequenceStep, _ access: UInt64?
  ) -> (record: UInt64, words: String)? {
    var ends: [(record: UInt64, words: String)] = []
    func add(_ record: UInt64?, _ words: (String) -> String) {
      if let record { ends.append((record, words(String(record)))) }
    }
    if step == .linkWait { add(asked) { "the function is asked (\($0))" } }
    if step == .readyPoll { add(self[.restore]?.first) { "the restore (\($0))" } }
    if step != .linkWait { add(self[.memoryOn]?.first) { "Command.MEM is set (\($0))" } }
    add(access) { "access \($0)" }
    add(endedBy) { "the next reset (\($0))" }
    return ends.min { $0.record < $1.record }
  }

  /// The function was asked again before its recovery time was over.
  fileprivate var asksEarly: Bool {
    method.steps.contains(.wait) && self[.wait] == nil && isTimed
      && (self[.readyPoll] != nil || self[.restore] != nil || self[.memoryOn] != nil)
  }
}
