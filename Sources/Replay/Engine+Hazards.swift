import ArmMemory
import ConfigSpace
import Hazards
import TraceCore

extension Engine {
  // MARK: MMIO while something is being reset or reconfigured

  /// One access to a function that may be in reset.
  mutating func watch(_ entry: ResolvedClass) {
    guard entry.function < ReplayTables.unknownFunction else { return }
    let end = hazards.windowEnd(entry.function)
    note(entry, early: time < end ? 1 : 0, left: end == .max ? 0 : end &- min(time, end), of: 1)
  }

  /// A run of accesses to a function that may be in reset.
  mutating func watch(
    _ entry: ResolvedClass, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {
    guard entry.function < ReplayTables.unknownFunction else { return }
    let end = hazards.windowEnd(entry.function)
    var early = 0
    while early < count, times[index + early] < end { early += 1 }
    note(entry, early: early, left: end == .max ? 0 : end &- min(time, end), of: count)
  }

  private mutating func note(_ entry: ResolvedClass, early: Int, left: UInt64, of count: Int) {
    if early > 0 {
      log.add(
        .insideWindow,
        Incident(
          record: record, region: entry.region, vcpu: entry.vcpuName, first: UInt64(early),
          second: left))
    }
    if early < count, hazards.memoryIsOff(entry.function) {
      log.add(
        .memoryDisabled,
        Incident(
          record: record + UInt64(early), region: entry.region, vcpu: entry.vcpuName,
          first: UInt64(count - early)))
    }
    if let write = hazards.incompleteWrite(entry.vcpu, entry.function) {
      log.add(
        .configIncomplete,
        Incident(
          record: record, region: entry.region, vcpu: entry.vcpuName, first: UInt64(count),
          second: write))
    }
  }

  // MARK: Config accesses

  /// Shows a config access to the shadow of config space.
  mutating func observe(
    _ entry: ResolvedClass, _ address: UInt64, _ size: Int, _ value: UInt32?
  ) {
    guard let location = location(of: entry, address) else { return }
    if !entry.isWrite { hazards.configCompleted(entry.vcpu) }
    let events = hazards.space.access(
      ConfigAccess(
        function: location.function, register: location.register, size: UInt8(size),
        value: value, isWrite: entry.isWrite, timeNs: time, record: record))
    handle(events, entry)
  }

  /// A reset that the source itself reports.
  mutating func resetNotice(_ entry: ResolvedClass) {
    let target = hazards.targets[entry.target]
    let events = hazards.space.resetNotice(
      kind: target.name, function: target.function, time: time, record: record)
    handle(events, entry)
  }

  private func location(of entry: ResolvedClass, _ address: UInt64) -> ConfigLocation? {
    let target = hazards.targets[entry.target]
    guard entry.path == .ecam else {
      guard let function = target.function, address < 4096 else { return nil }
      return ConfigLocation(function: function, register: UInt16(address))
    }
    guard address >= target.ecamBase else { return nil }
    let window = ECAMWindow(
      segment: target.function?.segment ?? 0, startBus: target.function?.bus ?? 0,
      layout: target.layout)
    return window.decode(address - target.ecamBase)
  }

  private mutating func handle(_ events: [ConfigEvent], _ entry: ResolvedClass) {
    for event in events {
      if event.kind.issuesReset { lookForLateBytes(event, entry) }
      if entry.path == .ecam, entry.isWrite, event.kind.changesDecode || event.kind.issuesReset {
        hazards.configIssued(entry.vcpu, record: record, function: event.function)
      }
    }
    hazards.refreshIfChanged()
  }

  /// Gathered bytes that are still in the CPU when what they go to is reset.
  private mutating func lookForLateBytes(_ event: ConfigEvent, _ entry: ResolvedClass) {
    var late: [Int: Int] = [:]
    for vcpu in 0..<vcpus {
      let first = gather.oldest(vcpu)
      for slot in first..<first + gather.count(vcpu) where isHit(gather[slot].region, event) {
        late[gather[slot].region, default: 0] += gather[slot].bytes
      }
    }
    for (region, bytes) in late.sorted(by: { $0.key < $1.key }) {
      log.add(
        .reset,
        Incident(record: record, region: region, vcpu: entry.vcpuName, first: UInt64(bytes)))
    }
  }

  /// The event resets the region's function; a function that is not known may be the one.
  private func isHit(_ region: Int, _ event: ConfigEvent) -> Bool {
    let number = hazards.regionFunctions[region]
    guard number < ReplayTables.unknownFunction else { return true }
    let function = hazards.functions[number]
    return event.function == function || event.scope.contains(function, cause: event.function)
  }
}

extension ConfigEvent.Kind {
  /// MMIO meets something else after it.
  var changesDecode: Bool {
    switch self {
    case .memoryEnable, .memoryDisable, .barMove: true
    default: false
    }
  }
}
