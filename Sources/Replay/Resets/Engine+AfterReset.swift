import ConfigSpace
import Hazards
import Resets
import TraceCore

/// What MMIO meets after a reset.
extension Engine {
  /// The first MMIO to a function after resets of it.
  mutating func firstAfter(_ entry: ResolvedClass, isStore: Bool) {
    let function = hazards.functions[entry.function]
    let taken = hazards.resets.takeOpen(function, all: hazards.functions)
    guard !taken.isEmpty else { return }
    defer { hazards.updateWatching() }
    for open in taken {
      let readBack = open.readBack(of: function)
      if isStore, readBack == 0 {
        log.add(
          .upstreamUnflushed,
          Incident(
            record: record, region: entry.region, vcpu: entry.vcpuName,
            first: open.event.record))
      }
      guard hazards.resets.keepsCases else { continue }
      let window = hazards.space.window(for: function)
      var after = MMIOAfter(
        access: MMIOAccess(
          record: record, timeNs: time, vcpu: entry.vcpuName, region: entry.region,
          function: function, isStore: isStore, type: entry.type),
        windowEndNs: hazards.windowEnd(entry.function) == 0
          ? 0 : window?.cause.map { $0.untilNs } ?? 0, memory: window?.memory ?? .unknown)
      after.isTimed = entry.isStamped && hazards.isTimed(entry.function)
      if open.completed > 0 { after.completed = open.completed - 1 }
      after.completedByRead = open.completedByRead
      if readBack > 0 { after.readBack = readBack - 1 }
      hazards.resets.setAfter(open.number, after)
    }
  }

  /// A load of a function that was reset: its value has to be looked at.
  mutating func lookAtValue(_ entry: ResolvedClass) {
    guard entry.function < ReplayTables.unknownFunction,
      let reset = hazards.resets.isTelling(entry.function, region: entry.region)
    else { return }
    hazards.resets.reads.append(
      ReadAfterReset(
        record: record, reset: reset, region: entry.region, vcpu: entry.vcpuName))
  }

  /// Takes what a load after a reset returned.
  mutating func judge(_ read: ReadAfterReset, allOnes: Bool?) {
    guard hazards.resets.isOpen(region: read.region, after: read.reset) else { return }
    guard allOnes == true else {
      return hazards.resets.answers(region: read.region, after: read.reset)
    }
    log.add(
      .allOnes,
      Incident(
        record: read.record, region: read.region, vcpu: read.vcpu, first: read.reset - 1))
  }
}
