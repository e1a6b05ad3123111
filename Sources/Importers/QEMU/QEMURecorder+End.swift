import TraceCore

extension QEMURecorder {
  // MARK: BARs and resets

  mutating func handle(_ mapping: BARMapping, isMapped: Bool) {
    guard mapping.base >= 0x1_0000 else {
      counters[.lowBAR] += isMapped ? 1 : 0
      return
    }
    if isMapped {
      resolver.mapBAR(
        mapping.function, mapping.bar, base: mapping.base, size: mapping.size, &counters)
    } else {
      resolver.unmapBAR(mapping.function, mapping.bar, base: mapping.base, size: mapping.size)
    }
  }

  /// A hot reset has ended, with `Success` or an error.
  mutating func handleHotReset(
    _ device: Range<Int>, isDone: Bool, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    guard isDone else {
      counters[.failedHotReset] += 1
      return
    }
    try appendReset("hot", device, bytes, &builder)
  }

  /// A reset that took place; a device that is no PCI function gives a record without one.
  mutating func appendReset(
    _ kind: String, _ device: Range<Int>, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) throws(LineFault) {
    guard !device.isEmpty else { throw LineFault(at: device.lowerBound, "a device's name") }
    settle(&builder)
    seen.untimed = seen.untimed || prefix.time == nil
    builder.append(
      RecordClass(
        .reset, vcpu: threads.vcpu(prefix.thread), region: resolver.vfioConfigRegion(),
        function: PCIFunction(bytes.text(device)),
        text: context.intern(kind)),
      time: prefix.time, line: line)
  }

  // MARK: The end

  /// Appends a half of a config access that still waits; false when none does.
  mutating func finish(into builder: inout BlockAppender) -> Bool {
    guard let half = pairing.takeOldest() else { return false }
    appendUnpaired(half, &builder)
    return true
  }

  mutating func conclude() {
    counters[.threadBeyondLimit] += threads.beyondLimit
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    counters[.repairedName] += UInt64(regionNames.malformed)
    context.blindSpots += [
      "QEMU's trace events hold no barriers: whether stores may gather across one is an assumption.",
      "QEMU's trace events hold no stage-1 attributes and no code addresses.",
    ]
    if seen.memoryRecords {
      context.blindSpots.append(
        "Sizes of memory_region_ops_* are those of the device's callback: QEMU has split or "
          + "widened the guest's accesses before.")
    }
    if seen.vfioRecords {
      context.blindSpots.append(TraceContext.threadsAsVCPUs)
    }
    concludeBARs()
    if seen.untimed { context.blindSpots.append("Some or all records have no time stamp.") }
  }

  func concludeBARs() {
    if seen.configRecords, !seen.barRecords {
      context.blindSpots.append(TraceContext.hiddenBARs)
    }
    if seen.ramDevice, !seen.memoryRecords {
      context.blindSpots.append(
        "memory_region_ram_device_* events are left out as repetitions, but the log has no "
          + "memory_region_ops_* events that they repeat.")
    }
  }
}
