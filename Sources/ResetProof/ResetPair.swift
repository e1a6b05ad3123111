public import ArmMemory
import ConfigSpace
public import Resets
import TraceCore

/// A reset and one MMIO access next to it, reduced to what orders the two; records left out.
///
/// Equal pairs have equal proofs, so that a capture with many resets needs few.
public struct ResetPair: Sendable, Hashable {
  /// Which access.
  public enum Role: String, Sendable, CaseIterable {
    case lastStore = "last-store"
    case weakestStore = "weakest-store"
    case lastLoad = "last-load"
    case firstAfter = "first-after"

    public var isBefore: Bool { self != .firstAfter }
  }

  /// What the capture has between the two, the strongest of it.
  public enum Evidence: Sendable, Hashable, CaseIterable {
    case none
    /// Before: a DMB, or the load's acquire, and no DSB. After: nothing has it.
    case ordered
    /// Before: a DSB. After: a DSB of the vCPU that wrote to config space.
    case synchronized
    /// Before: a DSB, then data of a read that another vCPU made, or of config space: it pushes only
    /// what had come to the root complex.
    case pushed
    /// Before a store: data of a load that cannot pass it. Of a load: its own data, or the timeout
    /// that stands for it. After: a config read had come back.
    case readBack
    /// After only: the config write returns when it is done.
    case returned
    /// After only: the completion timeout is over, so that it is done or given up.
    case expired
  }

  public var isStore: Bool
  public var type: MemoryType
  public var isBefore: Bool
  /// The access and the config write are of one vCPU.
  public var isSameCPU: Bool
  public var evidence: Evidence
  public var path: ConfigPath
  /// The reset happens at a bridge, which consumes the config write.
  public var isAtBridge: Bool

  public init(
    isStore: Bool, type: MemoryType, isBefore: Bool, isSameCPU: Bool, evidence: Evidence,
    path: ConfigPath, isAtBridge: Bool
  ) {
    self.isStore = isStore
    self.type = type
    self.isBefore = isBefore
    self.isSameCPU = isSameCPU
    self.evidence = evidence
    self.path = path
    self.isAtBridge = isAtBridge
  }
}

extension ResetPair {
  /// The pair of a case; nil where the capture has no such access, or the weakest store is the last.
  ///
  /// - Parameters:
  ///   - reset: The reset and the MMIO next to it.
  ///   - role: Which access.
  ///   - timeoutNs: Completion timeout in ns; nil = never.
  public init?(_ reset: ResetCase, _ role: Role, timeoutNs: UInt64? = nil) {
    let access: MMIOAccess
    switch role {
    case .firstAfter:
      guard let after = reset.firstAfter else { return nil }
      access = after.access
      evidence = Self.evidence(after, reset, timeoutNs)
    default:
      guard let before = reset.before(role) else { return nil }
      access = before.access
      evidence = Self.evidence(before, reset, timeoutNs)
    }
    isStore = access.isStore
    type = access.type
    isBefore = role.isBefore
    isSameCPU = access.vcpu == reset.vcpu
    path = reset.path
    isAtBridge = reset.event.kind.isAtBridge
  }

  private static func evidence(
    _ before: MMIOBefore, _ reset: ResetCase, _ timeoutNs: UInt64?
  ) -> Evidence {
    if !before.access.isStore { return evidence(ofLoad: before, reset, timeoutNs) }
    if before.readBack != nil { return before.readBackIsLoose ? .pushed : .readBack }
    if before.synchronized != nil { return .synchronized }
    return before.ordered == nil ? .none : .ordered
  }

  /// The timeout first: whatever barriers there are, nothing is outstanding any more.
  private static func evidence(
    ofLoad load: MMIOBefore, _ reset: ResetCase, _ timeoutNs: UInt64?
  ) -> Evidence {
    if load.isOver(before: reset.event, timeoutNs: timeoutNs) { return .readBack }
    if load.readBack != nil { return .readBack }
    if load.synchronized != nil { return .synchronized }
    guard let ordered = load.ordered else { return .none }
    guard ordered == reset.event.record else { return .ordered }
    // No barrier has ended it, but the reset's own trap; under VFIO another vCPU's load has the unmap.
    return reset.path == .vfio && load.access.vcpu != reset.vcpu ? .none : .readBack
  }

  private static func evidence(
    _ after: MMIOAfter, _ reset: ResetCase, _ timeoutNs: UInt64?
  ) -> Evidence {
    if reset.path.returnsWhenDone { return .returned }
    guard let completed = after.completed else {
      let isOver = timeoutNs.map { after.access.timeNs &- reset.event.timeNs >= $0 } ?? false
      return isOver && reset.path == .ecam ? .expired : .none
    }
    if completed == reset.event.record { return .returned }
    return after.completedByRead ? .readBack : .synchronized
  }
}

extension ResetPair {
  /// What barriers that the capture may not hold make of the two.
  ///
  /// - Parameter before: The access, where it comes before the reset.
  /// - Returns: The weakest first; empty where they change nothing.
  func evidenceWithBarriers(_ before: MMIOBefore?) -> [Evidence] {
    guard isBefore else {
      // A trap that returns has ended the config write, whatever barriers there are.
      return evidence == .returned ? [] : [.synchronized]
    }
    switch evidence {
    case .none, .ordered: break
    default: return []
    }
    guard isStore, let before, before.laterRead != nil else { return [.ordered, .synchronized] }
    return [.ordered, .synchronized, before.laterReadIsLoose ? .pushed : .readBack]
  }
}

extension MMIOBefore {
  /// The completion timeout is over when the reset comes (PCI Express Base Specification 5.0, 2.8).
  func isOver(before event: ConfigEvent, timeoutNs: UInt64?) -> Bool {
    guard let timeoutNs, event.timeNs >= access.timeNs else { return false }
    return event.timeNs - access.timeNs >= timeoutNs
  }
}

extension ResetCase {
  /// There may be MMIO before it that the capture does not show, or not as before it.
  var isPartlyShown: Bool { hole != nil || mayResetOthers }
  /// The same of MMIO after it.
  var isPartlyShownAfter: Bool { holeAfter != nil || mayResetOthers }

  /// The access before the reset that a role names.
  public func before(_ role: ResetPair.Role) -> MMIOBefore? {
    switch role {
    case .lastStore: lastStore
    case .weakestStore: weakestStore?.access == lastStore?.access ? nil : weakestStore
    case .lastLoad: lastLoad
    case .firstAfter: nil
    }
  }
}
