import ArmMemory
import Hazards
import TraceCore

extension Engine {
  /// Counts an access that faults; it reaches neither bus nor buffers.
  @inline(__always)
  mutating func faults(_ entry: ResolvedClass, _ address: UInt64) -> Bool {
    let isChecked =
      entry.isMisaligned(address)
      ? entry.traits.contains(.checksAlignment) : entry.traits.contains(.unsupported64)
    guard isChecked else { return false }
    return take(entry, address)
  }

  private mutating func take(_ entry: ResolvedClass, _ address: UInt64) -> Bool {
    guard let fault = fault(of: entry, address) else { return false }
    // What the instruction itself checks, it checks in the guest, whatever made the type.
    let stage = fault == .deviceAlignment ? entry.faultStage : 1
    if stage == 2 {
      counters[entry.region].faultsStage2 += 1
    } else {
      counters[entry.region].faultsStage1 += 1
      if fault == .unsupported64 { counters[entry.region].faultsUnsupported64 += 1 }
    }
    log.add(
      .fault,
      Incident(
        record: record, region: entry.region, vcpu: entry.vcpuName, first: UInt64(stage),
        second: fault.rawValue))
    reach(entry.vcpu)
    if path != nil { logAccess(.fault(stage: stage), entry, address, entry.size) }
    return true
  }

  /// Why the access faults: its own instruction's checks come before those of the memory type.
  private func fault(of entry: ResolvedClass, _ address: UInt64) -> AccessFault? {
    guard entry.isMisaligned(address) else {
      return entry.traits.contains(.unsupported64) ? .unsupported64 : nil
    }
    if entry.single64 { return .singleCopyAlignment }
    let crosses = Int(address & 15) + entry.size > 16
    if entry.release || entry.acquire, crosses || !cpu.lse2 { return .orderedAlignment }
    return entry.isDevice ? .deviceAlignment : nil
  }
}
