/// Something in the replay that a hazard rule may care about, flat enough to be logged by the
/// million.
public struct Incident: Sendable, BitwiseCopyable {
  /// What happened.
  ///
  /// The meaning of ``Incident/first`` and ``Incident/second`` depends on it.
  public enum Kind: Int, Sendable, CaseIterable {
    /// Pending bytes were overwritten: `first` = bytes, `second` = 1 on a side-effecting register.
    case collapse
    /// An access faulted: `first` = the stage, 1 or 2, `second` = raw value of the
    /// ``AccessFault``.
    case fault
    /// Lines left partially filled: `first` = how many, `second` = raw value of the flush cause in
    /// 7:0, 1 in bit 8 where one store is all that they held; `record` = the one that wrote it last,
    /// where it is one line.
    case partialFlush
    /// A Device store to a function follows a gathered store without a barrier between:
    /// `first` = record of the gathered store.
    case deviceStoreUnordered
    /// A Device load from a function follows a gathered store without a barrier between:
    /// `first` = record of the gathered store.
    case deviceLoadUnordered
    /// A gathered store to a function follows a Device store without a barrier between:
    /// `first` = record of the Device store.
    case gatheredStoreUnordered
    /// Normal loads of a register with side effects: `first` = how many, `second` = 1 where only
    /// the line around a load holds the register.
    case sideEffectLoad
    /// A granule is used through another type than before: `first` = record of the use before,
    /// `second` = raw value of the ``TypePair``.
    case mismatchedAlias
    /// Accesses to what KVM keeps Device ask for Normal memory: `first` = how many, `second` =
    /// raw value of the ``MappingDenial``.
    case deniedNormal
    /// A reset was issued: `first` = gathered bytes still pending for what it resets, `second` =
    /// raw value of the ``ResetHazard``.
    case reset
    /// MMIO inside a reset's recovery window: `first` = how many accesses, `second` =
    /// ns left, `.max` while nothing ends the reset.
    case insideWindow
    /// MMIO to a function in D3hot, or too soon after it: as `insideWindow`.
    case lowPower
    /// MMIO to a virtual function while VF Enable is 0, or too soon after it was set: as
    /// `insideWindow`.
    case virtualAbsent
    /// MMIO to a function whose Command.MEM is known to be off: `first` = how many.
    case memoryDisabled
    /// MMIO after a config write through ECAM and before anything shows that it completed:
    /// `first` = how many, `second` = record of the config write in 63:1, 1 in bit 0 where the
    /// host posts it.
    case configIncomplete
    /// A store that has left the CPU is not ordered before a reset: `first` = its record,
    /// `second` = the vCPU that made it in 15:0, 1 in bit 16 where the capture holds no barriers.
    case postedAtReset
    /// A store may still be on its way below a bridge that resets: as `postedAtReset`.
    case unflushedAtBridge
    /// FLR with nothing to show that no transactions are pending: `first` = record + 1 of the read
    /// that showed it before the last store, or 0, `second` = record + 1 of that store, or 0.
    case transactionsPending
    /// A load returned all ones: `first` = record of the reset before.
    case allOnes
    /// A load may be without its data when a reset is issued: `first` = its record.
    case outstandingAtReset
    /// A store is the first that a function gets after a reset, with no read since: `first` =
    /// record of the reset.
    case upstreamUnflushed
    /// Bytes for a function are under way when a BAR of it is written: `second` = 1 where they are
    /// gathered, and `first` = how many; else `first` = record of the store, and `second` = 2 where the
    /// capture holds no barriers.
    case movedPending
    /// A function in use is reset with another one: `first` = its number.
    case caughtInReset
  }

  public var record: UInt64
  public var first: UInt64
  public var second: UInt64
  /// Index in the replay's table of regions.
  public var region: Int32
  public var vcpu: UInt16

  public init(record: UInt64, region: Int, vcpu: UInt16, first: UInt64, second: UInt64 = 0) {
    self.record = record
    self.region = Int32(truncatingIfNeeded: region)
    self.vcpu = vcpu
    self.first = first
    self.second = second
  }
}

/// What a block of records gave cause to, by kind; emptied when the rules have seen it.
public struct IncidentLog: Sendable {
  public private(set) var byKind: [[Incident]] = Array(
    repeating: [], count: Incident.Kind.allCases.count)

  public init() {}

  @inline(__always)
  public mutating func add(_ kind: Incident.Kind, _ incident: Incident) {
    byKind[kind.rawValue].append(incident)
  }

  public subscript(kind: Incident.Kind) -> [Incident] { byKind[kind.rawValue] }

  /// What one record gave cause to, but for lines that left and mappings that are denied, which are
  /// logged for many records together.
  public func only(_ record: UInt64) -> IncidentLog {
    var log = IncidentLog()
    for kind in Incident.Kind.allCases where kind != .partialFlush && kind != .deniedNormal {
      log.byKind[kind.rawValue] = self[kind].filter { $0.record == record }
    }
    return log
  }

  public mutating func removeAll() {
    for kind in byKind.indices where !byKind[kind].isEmpty {
      byKind[kind].removeAll(keepingCapacity: true)
    }
  }
}
