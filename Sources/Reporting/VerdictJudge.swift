import Results
import TraceCore

/// The rules behind ``Verdict``, one function each.
struct VerdictJudge {
  var before: RegionResult
  var after: RegionResult
  /// The second scenario, and what it found.
  var scenario: ScenarioResult
  var findings: [Finding]
  /// The first one, and what that found.
  var earlier: ScenarioResult
  var earlierFindings: [Finding]
  var hasOwnSpeed: Bool
  /// The run goes from what gathers to Device, and is judged the other way round; its words are of
  /// the way that it goes.
  var isReversed = false

  private var old: Metrics { before.metrics }
  private var new: Metrics { after.metrics }
  private var gain: Gain { Gain(before: old, after: new, hasOwnSpeed: hasOwnSpeed) }
  /// What the run's second mapping changes, in words.
  private var change: String {
    isReversed ? Gain(before: new, after: old, hasOwnSpeed: hasOwnSpeed).text : gain.text
  }
  private var toDevice: String { isReversed ? "map Device" : "keep Device" }

  var verdict: Verdict {
    configOnly ?? faulting ?? readsOnly ?? notGathering ?? mostlyDevice ?? unchanged ?? judged
  }

  private var configOnly: Verdict? {
    let accesses = [old, new].contains { $0.stores > 0 || $0.loads > 0 || $0.faultsAlignment > 0 }
    guard !accesses else { return nil }
    let count = new.cfgReads + new.cfgWrites
    return Verdict(
      kind: .configOnly, word: "config only", text: "config only", call: .none,
      action: "nothing to map", why: counted(count, "config access", plural: "config accesses"))
  }

  private var faulting: Verdict? {
    if let cacheable { return cacheable }
    if new.faultsAlignment == 0, old.faultsAlignment > 0 { return needsNormalNC }
    guard new.faultsAlignment > 0 else { return nil }
    return Verdict(
      kind: .faults, word: "accesses fault", text: faultText(new.faultsAlignment), call: .ioremap,
      action: "align these accesses in the driver", why: faultReason(new, after))
  }

  /// ST64B and LD64B fault on cacheable memory, which neither alignment nor write-combining mends;
  /// nil where others fault, too.
  private var cacheable: Verdict? {
    let isMended = new.faultsAlignment == 0
    let faulting = isMended ? before : after
    let metrics = faulting.metrics
    guard metrics.faultsUnsupported64 > 0, metrics.faultsUnsupported64 == metrics.faultsAlignment
    else { return nil }
    return Verdict(
      kind: .faults, word: "accesses fault",
      text: "\(faultText(metrics.faultsAlignment)) on \(faulting.effective)", call: .none,
      action: isMended
        ? "keep " + after.effective : "map it Normal-NC or Device, not \(faulting.effective)",
      why: "64-byte single-copy accesses to cacheable memory")
  }

  /// `1 access faults`, `2 accesses fault`.
  private func faultText(_ count: UInt64) -> String {
    counted(count, "access", plural: "accesses") + (count == 1 ? " faults" : " fault")
  }

  private var needsNormalNC: Verdict {
    let parts = [faultText(old.faultsAlignment) + " on Device", gain.text].filter { !$0.isEmpty }
    return Verdict(
      kind: .needsNormalNC, word: mapWord, text: mapWord + ": " + parts.joined(separator: ", "),
      call: writeCombiningCall, action: mapAction, why: faultReason(old, before))
  }

  private var readsOnly: Verdict? {
    guard old.stores == 0, new.stores == 0 else { return nil }
    return Verdict(
      kind: .readsOnly, word: "reads only", text: "reads only", call: .ioremap,
      action: "keep ioremap(); only stores gather", why: counted(new.loads, "load") + ", no store")
  }

  private var notGathering: Verdict? {
    guard !after.gathers else { return nil }
    if before.gathers { return losesGathering }
    if isDevice(after.stage2), !isEligible { return cannot }
    if isDevice(after.stage1) { return driverMapsDevice }
    return Verdict(
      kind: .staysDevice, word: "stays Device", text: "stays Device under " + scenario.policy,
      call: .ioremap, action: "nothing changes for this region", why: typesReason)
  }

  /// What is no reason to map a region write-combining is none to keep it so.
  private var losesGathering: Verdict {
    let verdict = VerdictJudge(
      before: after, after: before, scenario: earlier, findings: earlierFindings,
      earlier: scenario, earlierFindings: findings, hasOwnSpeed: hasOwnSpeed, isReversed: true
    ).verdict
    switch verdict.kind {
    case .overwrites, .notPrefetchable, .negligible, .mixed, .ungathered: return verdict
    case .mapWriteCombining:
      return Verdict(
        kind: .losesGathering, word: "loses gathering",
        text: "loses gathering" + (gain.text.isEmpty ? "" : ": " + gain.text), call: verdict.call,
        action: "keep " + before.effective + prefetchCondition
          + Self.errorCondition(earlierFindings),
        why: typesReason, isConditional: verdict.isConditional)
    default:
      let gathered = old.mwr < new.mwr ? "little" : "nothing"
      return Verdict(
        kind: .noGain, word: "no loss", text: "no loss: \(gathered) was gathered", call: .ioremap,
        action: "keep ioremap()", why: typesReason)
    }
  }

  private var cannot: Verdict {
    let reason = after.region.kind == .platform ? "platform region" : "not VFIO-eligible"
    return Verdict(
      kind: .cannot, word: "cannot", text: "cannot: " + reason, call: .ioremap,
      action: "keep ioremap(); KVM leaves this mapping Device at stage 2", why: typesReason)
  }

  private var driverMapsDevice: Verdict {
    Verdict(
      kind: .driverMapsDevice, word: "driver maps Device",
      text: "no change: the driver maps it Device", call: .ioremap,
      action: "to see what ioremap_wc() would give, add --stage1 "
        + shellAssignment(after.region.name, "normal-nc"),
      why: typesReason)
  }

  /// Where accesses differ in type and nearly all stores go to Device memory, the few that gather
  /// tell nothing about the region.
  private var mostlyDevice: Verdict? {
    let direct = new.stores - min(new.stores, new.gatheringStores)
    guard after.effective == "mixed", new.stores > 0,
      UInt128(direct) * 100 >= UInt128(new.stores) * UInt128(Verdict.mostlyPercent)
    else { return nil }
    var verdict = driverMapsDevice
    verdict.word = "mostly Device"
    verdict.text = "no change: the driver maps it mostly Device"
    verdict.why = "\(grouped(direct)) of \(counted(new.stores, "store")) go to Device memory"
    return verdict
  }

  private var unchanged: Verdict? {
    guard before.effective == after.effective, old.mwr == new.mwr else { return nil }
    return Verdict(
      kind: .unchanged, word: "no change", text: "no change: \(after.effective) under both",
      call: .none, action: "keep the mapping", why: flushReason ?? typesReason)
  }

  /// By TLPs and goodput; both memory types allow the accesses, and the second one gathers.
  private var judged: Verdict {
    let trends = [gain.tlps, gain.speed]
    switch (trends.contains(.better), trends.contains(.worse)) {
    case (true, false):
      return negligible ?? (isImmaterial ? immaterial : nil) ?? overwrites ?? notPrefetchable
        ?? (gain.tlps == .better ? mapWriteCombining : ungathered)
    case (true, true): return negligible ?? (isImmaterial ? worse : mixed)
    case (false, true): return negligible ?? worse
    case (false, false): return blocked ?? noGain
    }
  }

  private var mapWriteCombining: Verdict {
    Verdict(
      kind: .mapWriteCombining, word: mapWord, text: mapWord + ": " + gain.text,
      call: writeCombiningCall, action: mapAction, why: flushReason ?? typesReason,
      isConditional: !prefetchCondition.isEmpty)
  }

  /// Bytes that never arrive are no gain: a FIFO or a register wants each of them.
  private var overwrites: Verdict? {
    let hitsSideEffects = findings.contains { $0.code == "ORD004" && $0.severity == .error }
    let isMost =
      UInt128(new.collapsedBytes) * 100
      >= UInt128(new.storeBytes) * UInt128(Verdict.overwrittenPercent)
    guard hitsSideEffects || isMost && !isMappedByDriver,
      let share = percent(new.collapsedBytes, of: new.storeBytes)
    else { return nil }
    let place = hitsSideEffects ? ", on a register with side effects" : ""
    return Verdict(
      kind: .overwrites, word: "loses stores",
      text: "\(toDevice): \(share) of stored bytes never arrive (\(change))", call: .ioremap,
      action: hitsSideEffects
        ? "keep ioremap() for the page of that register"
        : "keep ioremap(), unless only the last value of each byte counts",
      why: "\(share) of stored bytes overwritten while still pending" + place)
  }

  private var ungathered: Verdict {
    Verdict(
      kind: .ungathered, word: "faster, not gathered",
      text: isReversed
        ? "no TLP lost: \(change) only by keeping order"
        : "no TLP saved: \(change) only by giving up order", call: .ioremap,
      action: "keep ioremap(), unless no order among these stores matters: they no longer wait for "
        + "each other", why: flushReason ?? typesReason)
  }

  private var negligible: Verdict? {
    guard
      Verdict.isNegligible(
        stores: max(old.stores, new.stores), bytes: new.storeBytes, of: scenario.totals.storeBytes)
    else { return nil }
    return Verdict(
      kind: .negligible, word: "too few stores",
      text: "too few stores to tell" + (change.isEmpty ? "" : " (\(change))"),
      call: .ioremap, action: "keep the mapping", why: counted(new.stores, "store"))
  }

  /// Not faster, and the writes saved are lost among the reads.
  private var isImmaterial: Bool {
    guard gain.speed != .better, old.mwr > new.mwr else { return false }
    let all = UInt128(old.mwr) + UInt128(old.mrd)
    return UInt128(old.mwr - new.mwr) * 100 < all * UInt128(Verdict.materialPercent)
  }

  private var immaterial: Verdict {
    Verdict(
      kind: .noGain, word: "no gain",
      text: "nothing to gain: saves less than \(Verdict.materialPercent) % of its TLPs",
      call: .ioremap, action: "keep ioremap()",
      why: "\(counted(new.stores, "store")) beside \(counted(new.loads, "load"))")
  }

  /// Only a prefetchable BAR promises to bear merged writes (PCI Express Base Specification 5.0,
  /// 7.5.1.2.1).
  private var notPrefetchable: Verdict? {
    guard after.region.prefetchable == false, !isMappedByDriver else { return nil }
    return Verdict(
      kind: .notPrefetchable, word: "not prefetchable",
      text: "\(toDevice): not prefetchable (\(change))", call: .ioremap,
      action: "keep ioremap(): the BAR does not promise to bear merged writes; if it does, say "
        + "prefetchable: true in the map", why: flushReason ?? typesReason)
  }

  private var mixed: Verdict {
    Verdict(
      kind: .mixed, word: "trade-off", text: "trade-off: " + change, call: .ioremap,
      action: "keep ioremap() unless the link is what limits", why: flushReason ?? typesReason)
  }

  private var worse: Verdict {
    Verdict(
      kind: .worse, word: "keep Device", text: gain.text + "; keep Device", call: .ioremap,
      action: "keep ioremap()", why: flushReason ?? typesReason)
  }

  private var blocked: Verdict? {
    guard let top = topCause, let obstacle = top.cause.obstacle,
      UInt128(top.flushes) * 100 >= UInt128(flushes) * UInt128(Verdict.blockedPercent)
    else { return nil }
    return Verdict(
      kind: .blocked, word: "blocked by " + obstacle,
      text: "gathering blocked by " + obstacle, call: .ioremap,
      action: assumed(top.cause).isEmpty
        ? "keep ioremap(), or take the \(obstacle) out of its bursts"
        : "keep ioremap() until a capture with barriers tells: these are assumed",
      why: flushReason ?? typesReason)
  }

  private var noGain: Verdict {
    Verdict(
      kind: .noGain, word: "no gain", text: "no gain; keep Device", call: .ioremap,
      action: "keep ioremap()", why: flushReason ?? typesReason)
  }
}

extension VerdictJudge {
  private func isDevice(_ type: String) -> Bool { type.hasPrefix("device") }

  private var isEligible: Bool { after.region.kind == .bar && after.region.vfioEligible }

  private var writeCombiningCall: Verdict.Call {
    if after.effective == "device-gre" { return .none }
    return isMappedByDriver
      ? .stage2 : scenario.policy == "none" ? .pgprotWriteCombine : .ioremapWC
  }

  /// The capture shows that the driver itself maps the region Normal.
  private var isMappedByDriver: Bool {
    after.stage1Source == "access" && after.stage1.hasPrefix("normal")
  }

  /// An advice, but for a region of which nobody knows what it is.
  private var mapWord: String {
    after.region.isGuessed
      ? "would gain" : after.effective == "device-gre" ? "map device-gre" : "map WC"
  }

  private var mapAction: String {
    let call =
      isMappedByDriver
      ? "the driver maps it WC already: let stage 2 allow Normal-NC"
      : writeCombiningCall == .none
        ? "map it \(after.effective), which no Linux call asks for"
        : "map it with " + writeCombiningCall.rawValue
    return call + prefetchCondition + Self.errorCondition(findings)
  }

  /// Where neither the capture nor the driver says that merged writes do no harm.
  private var prefetchCondition: String {
    guard after.region.kind == .bar, after.region.prefetchable == nil, !isMappedByDriver else {
      return ""
    }
    return after.region.isGuessed
      ? " if it is a prefetchable BAR, which nothing says: give --map"
      : " if the BAR is prefetchable, which the capture does not say"
  }

  /// `, after fixing RST001`: the errors that a mapping brings or keeps.
  private static func errorCondition(_ findings: [Finding]) -> String {
    var codes: [String] = []
    for finding in findings where finding.severity == .error && !codes.contains(finding.code) {
      codes.append(finding.code)
    }
    return codes.isEmpty ? "" : ", after fixing " + listed(codes.sorted())
  }

  private var typesReason: String {
    guard after.stage2 != "none" else { return "stage 1 is \(after.stage1)" }
    return "stage 1 is \(after.stage1), stage 2 \(after.stage2)"
  }

  private func faultReason(_ metrics: Metrics, _ result: RegionResult) -> String {
    metrics.faultsStage2 >= metrics.faultsStage1
      ? "unaligned on \(result.effective) from stage 2: KVM cannot go on with the guest"
      : "unaligned on \(result.effective) from stage 1: the guest takes the fault"
  }

  private var flushes: UInt64 { new.flushCauses.reduce(0) { $0 + $1.flushes } }

  /// The cause of most flushes; the first of `FlushCause`'s order among equals.
  private var topCause: CauseCount? {
    new.flushCauses.reduce(nil) { best, row in
      guard let best, best.flushes >= row.flushes else { return row }
      return best
    }
  }

  /// `81 % of lines left complete`, or the largest cause and then the complete lines.
  private var flushReason: String? {
    guard let top = topCause, let share = percent(top.flushes, of: flushes) else { return nil }
    if top.cause == .full { return share + " of lines left complete" }
    let full = new.flushCauses.first { $0.cause == .full }?.flushes ?? 0
    let complete = full > 0 ? percent(full, of: flushes).map { "; \($0) left complete" } : nil
    return "\(share) of lines left at: \(top.cause.name)\(assumed(top.cause))" + (complete ?? "")
  }

  /// Says so where a barrier is the accessor assumption's, not the capture's.
  private func assumed(_ cause: FlushCause) -> String {
    let added = scenario.accessors == "bursts" || scenario.accessors == "linux-writel"
    return cause == .barrier && added ? " (assumed by \(scenario.accessors))" : ""
  }
}
