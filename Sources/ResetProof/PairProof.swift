import ArmMemory
import Resets

/// The way of one access, on one host, segment by segment.
///
/// A pure function of a pair and a host. What is *forbidden* by a rule is proven; where no rule is
/// found the answer is no, whatever a machine may do in practice.
struct PairProof {
  let pair: ResetPair
  let host: Host

  /// Rows in the order of ``Segment``, each once.
  static func rows(_ pair: ResetPair, _ host: Host) -> [ProofRow] {
    let proof = PairProof(pair: pair, host: host)
    if !pair.isBefore { return proof.after() }
    return pair.isStore ? proof.storeBefore() : proof.loadBefore()
  }

  // MARK: What the segments hang on

  var isPosted: Bool { host.configWritesArePosted || pair.path == .posted }

  /// The config write is a store of the accesses' own kind, not one that a hypervisor makes.
  var isStoreToECAM: Bool { !pair.path.returnsWhenDone && pair.evidence != .returned }

  /// Arm's arrival rules span the BARs and ECAM.
  var sharesRegion: Bool {
    host.ecamSharesRegion && !host.configOvertakes && isStoreToECAM && pair.isSameCPU
  }

  /// The type keeps program order by itself.
  var keepsOrder: Bool { pair.type == .deviceNGnRnE || pair.type == .deviceNGnRE }

  var isAtRootComplex: Bool { host.serialisation == .rootComplex }

  // MARK: A store before the reset

  /// What makes the store leave its CPU, and be observed, before the config write.
  private var drain: ProofRule? {
    switch pair.evidence {
    case .synchronized, .pushed: return .catalogue("arm.completion.dsb")
    case .ordered where pair.isSameCPU: return .catalogue("arm.observation")
    default: return zaps ? .catalogue("vfio.zap") : nil
    }
  }

  /// VFIO takes the mapping away first, and that waits for what used it.
  private var zaps: Bool { pair.path == .vfio && host.zapDrains }

  private func storeBefore() -> [ProofRow] {
    if pair.evidence == .pushed, !host.configOvertakes, isAtRootComplex || sharesRegion {
      return Self.allKept(
        .catalogue("pcie.B2a"),
        "a read that came to the root complex behind it was back: the store had reached the device")
    }
    if pair.evidence == .readBack {
      return Self.allKept(
        .catalogue("pcie.B2a"),
        "data of a load that cannot pass it was back: the store had reached the device")
    }
    return [storeInCPU, storeInInterconnect, storeInRootComplex] + storeBelow
  }

  private var storeInCPU: ProofRow {
    if let drain {
      return ProofRow(.cpuBuffer, .yes, drain, drainReason)
    }
    guard pair.type.gathers else {
      return ProofRow(
        .cpuBuffer, .doesNotArise, .catalogue("arm.gather.types"),
        "\(pair.type.name) does not gather: nothing waits in a buffer to be merged")
    }
    return ProofRow(
      .cpuBuffer, .no, .nothing,
      "\(pair.type.name) gathers, and nothing makes the store leave before the config write")
  }

  private var drainReason: String {
    switch pair.evidence {
    case .synchronized, .pushed: "a DSB waits until the store is complete"
    case .ordered where pair.isSameCPU:
      "a DMB has the store observed before the config write"
    default:
      "VFIO takes the mapping away first: the TLBI and DSB of the unmap wait for accesses through "
        + "it (assumed, not proven, of a gathered store)"
    }
  }

  /// The rule by which one region of the interconnect keeps the two in order.
  private var regionRule: ProofRule? {
    guard sharesRegion else { return nil }
    if pair.evidence != .none { return .catalogue("arm.arrival.C") }
    return keepsOrder ? .catalogue("arm.arrival.A") : nil
  }

  private var storeInInterconnect: ProofRow {
    if let regionRule {
      return ProofRow(
        .interconnect, .yes, regionRule, "the BARs and ECAM are one region here, in arrival order")
    }
    if let drain, isAtRootComplex {
      return ProofRow(
        .interconnect, .yes, drain, "serialised at the root complex: the store is there already")
    }
    if drain != nil {
      return ProofRow(
        .interconnect, .no, .nothing,
        "complete means past the interconnect's serialisation point; the config write takes another "
          + "way to the root complex")
    }
    return ProofRow(
      .interconnect, .no, .nothing,
      "BARs and ECAM are different regions: no arrival order between them, whatever their types")
  }

  private var storeInRootComplex: ProofRow {
    if host.configOvertakes {
      return ProofRow(
        .rootComplex, .no, .nothing,
        "the bridge answers a store early, and lets a later config write overtake it")
    }
    return ProofRow(
      .rootComplex, .yes, .keepsOrder,
      "the bridge sends a posted write before a config write that it takes later")
  }

  private var storeBelow: [ProofRow] {
    guard !pair.isAtBridge else {
      return [
        ProofRow(
          .link, .no, .linkDown,
          "the port consumes the config write, and discards what it holds when the link goes down"),
        ProofRow(
          .device, .doesNotArise, .linkDown, "the reset happens at the port, not at the device"),
      ]
    }
    return [
      ProofRow(
        .link, .yes, .catalogue(isPosted ? "pcie.A2a" : "pcie.C2a"),
        "a \(isPosted ? "posted config write" : "config write") does not pass a memory write"),
      ProofRow(
        .device, .yes, .takesInOrder, "the function takes the write before the reset behind it"),
    ]
  }

  // MARK: A load before the reset

  private func loadBefore() -> [ProofRow] {
    if let rule = loadRule {
      return Self.allKept(rule, "its data was back before the config write")
    }
    let again =
      pair.evidence == .ordered && pair.isSameCPU
      ? "a Normal load may be read early and again: a DMB or an acquire does not end it, a DSB would"
      : "nothing holds the config write back until the data is there"
    return [
      ProofRow(
        .cpuBuffer, .doesNotArise, .catalogue("arm.gather.direction"),
        "a load waits in no write buffer"),
      ProofRow(.interconnect, .no, .nothing, again),
      ProofRow(.rootComplex, .no, .catalogue("pcie.C3"), "a config write may pass a read"),
      ProofRow(
        .link, .no, .catalogue("pcie.C3"),
        pair.isAtBridge
          ? "the port answers an outstanding read itself when the link goes down, or it times out"
          : "a config write may pass a read"),
      ProofRow(
        .device, .no, .outstanding,
        "a reset with a read outstanding: no completion, or one that nobody expects"),
    ]
  }

  /// What shows that the data was back.
  private var loadRule: ProofRule? {
    switch pair.evidence {
    case .synchronized, .pushed: .catalogue("arm.completion.dsb")
    case .readBack: .isOver
    case .ordered where pair.isSameCPU && pair.type.isDevice: .catalogue("arm.observation")
    default: zaps ? .catalogue("vfio.zap") : nil
    }
  }

  /// Every segment keeps the order, by one rule.
  static func allKept(_ rule: ProofRule, _ reason: String) -> [ProofRow] {
    Segment.allCases.map { ProofRow($0, .yes, rule, reason) }
  }
}
