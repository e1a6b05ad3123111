import ArmMemory
import ConfigSpace
import Hazards
import PCIeModel
import Results
import TraceCore

extension Engine {
  /// A config access: a load or store inside an ECAM window, or one that the source reports.
  mutating func configRecord(_ entry: ResolvedClass, _ address: UInt64, _ value: UInt64?) {
    begin(entry.vcpu)
    let isWindow = entry.traits.contains(.isWindowAccess)
    // What a source reports by register lies in no region; nor does it continue a store to one.
    let place = entry.path == .ecam ? address : address | 1 << 63
    if isWindow || entry.path == .ecam, !isIssued(entry, place, traps: !isWindow) { return }
    if isWindow {
      reachWindow(entry)
    } else {
      bursts.interrupt(entry.vcpu)
      if gather.count(entry.vcpu) > 0 { forks.touched.insert(.trapOverOpen) }
      if cpu.trapDrains { flushAll(entry.vcpu, .trap) }
    }
    // One request a DW.
    var done = 0
    repeat {
      let start = address &+ UInt64(done)
      let size = min(4 - Int(start & 3), max(1, entry.size - done))
      // Eight bytes of a value are kept.
      let known = done + size <= 8 ? value : nil
      let part = known.map { UInt32(truncatingIfNeeded: $0 >> UInt64(8 * done)) & mask(size) }
      if path != nil {
        logAccess(entry.isWrite ? .configWrite : .configRead, entry, start, size)
      }
      transfer(entry)
      if observesConfig { observe(entry, start, size, part) }
      done += size
    } while done < entry.size
  }

  private func mask(_ size: Int) -> UInt32 { size >= 4 ? .max : (1 << UInt32(8 * size)) - 1 }

  /// What comes ahead of a load or store to an ECAM window: the accessor's barrier, and a fault.
  ///
  /// One that traps meets stage 1 alone, which is looked at before stage 2.
  private mutating func isIssued(
    _ entry: ResolvedClass, _ address: UInt64, traps: Bool
  ) -> Bool {
    if entry.isWrite {
      if needsAccessorBarrier(entry.vcpu, address, entry.size, 1) { accessorBarrier(entry.vcpu) }
    } else {
      bursts.interrupt(entry.vcpu)
    }
    return traps && entry.faultStage != 1 || !faults(entry, address)
  }

  /// What a load or store to an ECAM window does when it is issued; it behaves as a Device one.
  private mutating func reachWindow(_ entry: ResolvedClass) {
    let vcpu = entry.vcpu
    if entry.isWrite {
      if entry.release { release(vcpu, nil, isDevice: true) }
    } else {
      if gather.count(vcpu) > 0 { forks.touched.insert(.loadOverOpen) }
      if cpu.loadBreaksGather { flushAll(vcpu, .load) }
      if entry.acquire, remembersAccesses {
        order.acquired(vcpu, nil, record: record)
        if aliases.isUsed { aliases.acquired(vcpu, record: record) }
      }
    }
    if gather.count(vcpu) > 0 { forks.touched.insert(.deviceOverOpen) }
    if cpu.deviceDrainsNC { flushAll(vcpu, .device) }
  }

  /// One non-posted request and its completion.
  private mutating func transfer(_ entry: ResolvedClass) {
    let cost = entry.isWrite ? wire.configWrite : wire.configRead
    if entry.isWrite {
      counters[entry.region].configWrites += 1
    } else {
      counters[entry.region].configReads += 1
    }
    counters[entry.region].requestWireBytes += cost.downBytes
    counters[entry.region].completionWireBytes += cost.upBytes
    var step = step(.config, entry.vcpu, entry.region)
    if entry.isWrite { step.flags = .configWrite }
    step.setNonPosted(cost)
    steps.append(step)
  }
}
