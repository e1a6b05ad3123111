import ArmMemory
import ConfigSpace
import Hazards
import PCIeModel
import Resets
import TraceCore

extension Engine {
  // MARK: MMIO while something is being reset or reconfigured

  /// One access to a function that may be in reset.
  mutating func watch(_ entry: ResolvedClass, isStore: Bool) {
    guard entry.function < ReplayTables.unknownFunction else { return }
    if hazards.resets.isWaiting { firstAfter(entry, isStore: isStore) }
    if !isStore, hazards.resets.looksAtReads { lookAtValue(entry) }
    let times: InlineArray<1, UInt64> = [time]
    note(entry, early: early(entry, times.span, 0, of: 1), of: 1)
    if !hazards.resets.pending.isEmpty { lookForIncomplete(entry, times.span, 0, of: 1) }
  }

  /// A run of stores to a function that may be in reset.
  mutating func watch(
    _ entry: ResolvedClass, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    guard entry.function < ReplayTables.unknownFunction else { return }
    if hazards.resets.isWaiting { firstAfter(entry, isStore: true) }
    note(entry, early: early(entry, times, index, of: count), of: count)
    if !hazards.resets.pending.isEmpty { lookForIncomplete(entry, times, index, of: count) }
  }

  /// The accesses of a run that come before the end of their function's window.
  ///
  /// Nothing is early by a time that is not the capture's own, but while a reset lasts.
  private mutating func early(
    _ entry: ResolvedClass, _ times: Span<UInt64>, _ index: Int, of count: Int
  ) -> Int {
    let end = hazards.windowEnd(entry.function)
    guard end > 0 else { return 0 }
    guard end == .max || hazards.isTimed(entry.function) && entry.isStamped else {
      hazards.withoutTime += UInt64(count)
      return 0
    }
    var early = 0
    while early < count, times[index + early] < end { early += 1 }
    return early
  }

  private mutating func note(_ entry: ResolvedClass, early: Int, of count: Int) {
    if early > 0 {
      let end = hazards.windowEnd(entry.function)
      log.add(
        hazards.windowKind(entry.function),
        Incident(
          record: record, region: entry.region, vcpu: entry.vcpuName, first: UInt64(early),
          second: end == .max ? .max : end &- min(time, end)))
    }
    if early < count, hazards.memoryIsOff(entry.function) {
      log.add(
        .memoryDisabled,
        Incident(
          record: record + UInt64(early), region: entry.region, vcpu: entry.vcpuName,
          first: UInt64(count - early)))
    }
  }

  /// MMIO behind a config write that may still be under way when it is issued.
  private mutating func lookForIncomplete(
    _ entry: ResolvedClass, _ times: Span<UInt64>, _ index: Int, of count: Int
  ) {
    let timeout = rootComplex.completionTimeoutNs
    let function = hazards.functions[entry.function]
    var done = 0
    while done < count {
      hazards.resets.expire(at: times[index + done], timeoutNs: timeout)
      guard let write = hazards.resets.incompleteWrite(to: function) else { break }
      let end = write.expires(timeoutNs: timeout)
      let first = done
      while done < count, times[index + done] <= end { done += 1 }
      log.add(
        .configIncomplete,
        Incident(
          record: record + UInt64(first), region: entry.region, vcpu: entry.vcpuName,
          first: UInt64(done - first),
          second: write.event.record << 1 | (write.isPosted ? 1 : 0)))
    }
    hazards.resets.expire(at: times[index + count - 1], timeoutNs: timeout)
  }

  /// Loads whose data has come back: of these slots of the vCPU.
  mutating func loadsReturned(_ vcpu: Int, _ slots: UInt64) {
    var left = slots
    while left != 0 {
      let mark = hazards.resets.marks[vcpu, left.trailingZeroBitCount]
      left &= left - 1
      // Another function may have taken the place since.
      guard mark.function < ReplayTables.unknownFunction, mark.function >= 0,
        mark.loose.record > 0
      else { continue }
      readReturned(
        mark.function, hazards.functions[mark.function],
        ResetState.IssuedRead(record: mark.loose.record - 1, timeNs: mark.loose.time))
    }
  }

  private mutating func readReturned(
    _ number: Int?, _ function: PCIFunction, _ read: ResetState.IssuedRead
  ) {
    hazards.resets.readReturned(
      number, function, read, timeoutNs: rootComplex.completionTimeoutNs)
  }

  private var presentRead: ResetState.IssuedRead {
    ResetState.IssuedRead(record: record, timeNs: time)
  }

  /// A load that later accesses wait for.
  @inline(__always)
  mutating func loadReturned(_ entry: ResolvedClass) {
    guard entry.function < ReplayTables.unknownFunction else { return }
    readReturned(entry.function, hazards.functions[entry.function], presentRead)
  }

  // MARK: Config accesses

  /// Shows a config access to the shadow of config space.
  mutating func observe(
    _ entry: ResolvedClass, _ address: UInt64, _ size: Int, _ value: UInt32?
  ) {
    guard let location = location(of: entry, address) else { return }
    if hazards.targets[entry.target].path.returnsWhenDone {
      // The vCPU's registers were taken, and with them its loads' data.
      let loads = hazards.resets.marks.complete(loadsOf: entry.vcpu, record: record)
      if loads != 0 { loadsReturned(entry.vcpu, loads) }
    }
    let access = ConfigAccess(
      function: location.function, register: location.register, size: UInt8(size),
      value: value, isWrite: entry.isWrite, timeNs: time, record: record)
    if !entry.isWrite, !access.isAllOnes, !access.asksForRetry {
      // A read of another function may pass the write, and one that nobody answered shows nothing.
      hazards.configCompleted(entry.vcpu, record: record, readOf: location.function)
      configReadReturned(location.function)
    }
    let events = hazards.space.access(access)
    hazards.resets.sequences?.take(access, events)
    handle(events, entry)
    if !hazards.space.isBridge(location.function) {
      hazards.resets.lastConfigured = location.function
    }
  }

  /// A config read that somebody answered pushes what is on its way to the function.
  private mutating func configReadReturned(_ function: PCIFunction) {
    readReturned(hazards.functions.firstIndex(of: function), function, presentRead)
  }

  /// A reset that the source itself reports.
  mutating func resetNotice(_ entry: ResolvedClass) {
    guard observesConfig else { return }
    let target = hazards.targets[entry.target]
    let events = hazards.space.resetNotice(
      kind: target.name, function: target.function, time: time, record: record)
    hazards.resets.sequences?.notice(events)
    handle(events, entry)
  }

  private func location(of entry: ResolvedClass, _ address: UInt64) -> ConfigLocation? {
    hazards.targets[entry.target].location(of: address, isWindow: entry.path == .ecam)
  }

  private mutating func handle(_ events: [ConfigEvent], _ entry: ResolvedClass) {
    let path = hazards.targets[entry.target].path
    logEvents(events)
    for event in events {
      if event.kind == .memoryDisable { hazards.gotReady(event.function) }
      var number: Int?
      if event.kind.issuesReset {
        hazards.resets.count(event)
        number = resetIssued(event, entry, path)
      }
      if event.kind == .barMove || event.kind == .barSizing {
        lookForMovedBytes(event, entry, path)
      }
      if entry.isUnderWay(path), event.kind.changesDecode || event.kind.issuesReset {
        hazards.resets.issued(
          ResetState.PendingWrite(
            event: event, vcpu: entry.vcpu, isPosted: path == .posted, number: number))
      }
    }
    hazards.refreshIfChanged()
    if !events.isEmpty { hazards.updateWatching() }
  }
}

extension ConfigEvent.Kind {
  /// MMIO meets something else after it.
  var changesDecode: Bool {
    switch self {
    case .memoryEnable, .memoryDisable, .vfMemoryEnable, .vfMemoryDisable, .barMove, .barSizing,
      .powerUp, .powerDown, .pmResetDone:
      true
    default: false
    }
  }
}
