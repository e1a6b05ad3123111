import ArmMemory
import ConfigSpace
import Hazards
import PCIeModel
import Resets
import TraceCore

/// What happens to MMIO when a config access resets something (PCI Express Base Specification 5.0,
/// 6.6 and Table 2-40; Arm ARM DDI 0487, B2.10.2).
extension Engine {
  // MARK: Before the reset

  /// Looks at everything that is under way to what an event resets.
  ///
  /// - Parameters:
  ///   - event: The reset.
  ///   - entry: The class of the access that issues it.
  ///   - path: How the access travels.
  /// - Returns: The reset's number, for the config write that it is.
  mutating func resetIssued(
    _ event: ConfigEvent, _ entry: ResolvedClass, _ path: ConfigPath
  ) -> Int {
    let functions = hazards.functions.indices.filter { event.affects(hazards.functions[$0]) }
    let gathered = gatheredBytes(event)
    // What is under way was looked at when the config write was issued.
    let isRepeated = event.repeatedRecord != nil
    if !isRepeated, path != .vfio || !cpu.zapDrains { logGathered(gathered, entry) }
    var facts = ResetCase(
      event: event, vcpu: entry.vcpuName, path: path,
      functions: functions.map { hazards.functions[$0] },
      gatheredBytes: gathered.reduce(0) { $0 + $1.bytes })
    let slots = hazards.resets.marks.slots.all
    for vcpu in 0..<hazards.resets.marks.count {
      for slot in slots {
        let mark = hazards.resets.marks[vcpu, slot]
        guard mark.function >= 0, isHit(mark, event) else { continue }
        let stores = storesBefore(mark, vcpu)
        let load = loadBefore(mark, vcpu, entry.vcpu, path)
        if !isRepeated {
          look(at: stores, event, entry, path)
          if let load { look(at: load, entry) }
        }
        if hazards.resets.keepsCases { facts.take(stores, load) }
      }
    }
    lookForPendingTransactions(event, entry, path)
    if !isRepeated { lookForCaught(event, functions, entry) }
    facts.settle(hole: hazards.resets.hole)
    facts.mayResetOthers =
      event.scope == .belowBridge
      && hazards.functions.contains {
        $0.segment == event.function.segment && $0.bus > event.function.bus
      }
    return hazards.resets.reset(
      event, functions, hazards.resets.keepsCases ? facts : nil, path: path,
      isUnderWay: entry.isUnderWay(path))
  }

  /// Bytes that are gathered for what an event resets, by region.
  private func gatheredBytes(_ event: ConfigEvent) -> [(region: Int, bytes: Int)] {
    var late: [Int: Int] = [:]
    for vcpu in 0..<vcpus {
      let first = gather.oldest(vcpu)
      for slot in first..<first + gather.count(vcpu) where isHit(gather[slot].region, event) {
        late[gather[slot].region, default: 0] += gather[slot].bytes
      }
    }
    return late.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private mutating func logGathered(_ late: [(region: Int, bytes: Int)], _ entry: ResolvedClass) {
    for (region, bytes) in late {
      log.add(
        .reset,
        Incident(record: record, region: region, vcpu: entry.vcpuName, first: UInt64(bytes)))
    }
  }

  /// The event resets the region's function; a function that is not known may be the one.
  private func isHit(_ region: Int, _ event: ConfigEvent) -> Bool {
    let number = hazards.regionFunctions[region]
    guard number < ReplayTables.unknownFunction else { return hazards.mayBeReset(region) }
    return event.affects(hazards.functions[number])
  }

  private func isHit(_ mark: StoreMarks.Mark, _ event: ConfigEvent) -> Bool {
    guard mark.function < ReplayTables.unknownFunction else {
      return hazards.mayBeReset(Int(max(mark.store.region, mark.load.region)))
    }
    return event.affects(hazards.functions[mark.function])
  }

  private mutating func look(
    at stores: [MMIOBefore], _ event: ConfigEvent, _ entry: ResolvedClass, _ path: ConfigPath
  ) {
    let posted = stores.first {
      !$0.isGathered && $0.synchronized == nil && $0.readBack == nil && path != .vfio
        && !isOrderedByRegion($0, path)
    }
    if let posted { log.add(.postedAtReset, incident(posted, entry)) }
    guard event.kind.isAtBridge, !event.isNotice(path) else { return }
    let unflushed = stores.first { !$0.isGathered && $0.readBack == nil }
    if let unflushed { log.add(.unflushedAtBridge, incident(unflushed, entry)) }
  }

  private func incident(_ store: MMIOBefore, _ entry: ResolvedClass) -> Incident {
    Incident(
      record: record, region: store.access.region, vcpu: entry.vcpuName,
      first: store.access.record,
      second: UInt64(store.access.vcpu) | (accessors == .recorded ? 0 : 1 << 16))
  }

  /// The ECAM window and the BARs are one peripheral to the interconnect, which the root complex
  /// profile may say: Arm's arrival rules then order the two (Arm ARM DDI 0487, B2.4.1, A and C).
  private func isOrderedByRegion(_ store: MMIOBefore, _ path: ConfigPath) -> Bool {
    guard rootComplex.ecamSharesRegion, path == .ecam || path == .posted else { return false }
    return store.ordered != nil || store.access.type.rawValue <= MemoryType.deviceNGnRE.rawValue
  }

  private mutating func look(at load: MMIOBefore, _ entry: ResolvedClass) {
    guard load.ordered == nil else { return }
    log.add(
      .outstandingAtReset,
      Incident(
        record: record, region: load.access.region, vcpu: entry.vcpuName,
        first: load.access.record))
  }

  /// FLR while nothing shows that the function has no transactions pending.
  private mutating func lookForPendingTransactions(
    _ event: ConfigEvent, _ entry: ResolvedClass, _ path: ConfigPath
  ) {
    guard event.kind == .functionLevelReset || event.kind == .advancedFeaturesReset,
      path != .vfio, entry.path != .reset
    else { return }
    let number = hazards.functions.firstIndex(of: event.function)
    let last = number.flatMap { lastStore(to: $0) }
    let clear = event.pendingClearRecord
    // A read that shows it may be among what the capture lost.
    guard clear != nil || hazards.resets.isWhole(since: number) else { return }
    guard clear.map({ $0 + 1 < last?.record ?? 0 }) ?? true else { return }
    log.add(
      .transactionsPending,
      Incident(
        record: record, region: last.map { Int($0.region) } ?? -1, vcpu: entry.vcpuName,
        first: clear.map { $0 + 1 } ?? 0, second: last?.record ?? 0))
  }

  /// Functions in use that another one's reset takes along.
  private mutating func lookForCaught(
    _ event: ConfigEvent, _ functions: [Int], _ entry: ResolvedClass
  ) {
    let used = functions.filter { isInUse($0) }
    guard !used.isEmpty else { return }
    var caught = used.filter { hazards.functions[$0] != event.function }
    // At a bridge, the one that was got ready for it is what it is for; where none was, the one
    // whose config space was used last.
    if event.kind.isAtBridge, !event.affects(event.function), !hazards.isGotReady(for: event) {
      let target = hazards.resets.lastConfigured.flatMap { event.affects($0) ? $0 : nil }
      let spared = target.map { [$0] } ?? caught.prefix(1).map { hazards.functions[$0] }
      caught.removeAll { spared.contains(hazards.functions[$0]) }
    }
    for number in caught {
      guard let region = lastRegion(number) else { continue }
      log.add(
        .caughtInReset,
        Incident(record: record, region: region, vcpu: entry.vcpuName, first: UInt64(number)))
    }
  }

  /// MMIO went to the function since it was last reset, and Command.MEM is not known to be off.
  private func isInUse(_ number: Int) -> Bool {
    guard !hazards.memoryIsOff(number) else { return false }
    let reset = hazards.resets.lastReset(number)
    return lastUse(number).map { $0.record > reset } ?? false
  }

  private func lastUse(_ number: Int) -> StoreMarks.Side? {
    last(of: number) { max($0.store, $0.load) }
  }

  private func lastStore(to number: Int) -> StoreMarks.Side? { last(of: number, \.store) }

  /// The latest access of any vCPU to a function.
  private func last(
    of number: Int, _ side: (StoreMarks.Mark) -> StoreMarks.Side
  ) -> StoreMarks.Side? {
    let last = hazards.resets.marks.marks(of: number).map(side).max()
    return last?.record == 0 ? nil : last
  }

  private func lastRegion(_ number: Int) -> Int? { lastUse(number).map { Int($0.region) } }

  // MARK: A BAR that moves

  /// Bytes for a function's BARs are under way when one of them is written.
  mutating func lookForMovedBytes(
    _ event: ConfigEvent, _ entry: ResolvedClass, _ path: ConfigPath
  ) {
    guard path != .vfio else { return }
    for (region, bytes) in gatheredBytes(event) {
      log.add(
        .movedPending,
        Incident(
          record: record, region: region, vcpu: entry.vcpuName, first: UInt64(bytes), second: 1))
    }
    let slots = hazards.resets.marks.slots.all
    for vcpu in 0..<hazards.resets.marks.count {
      for slot in slots {
        let mark = hazards.resets.marks[vcpu, slot]
        guard mark.function >= 0, mark.function < ReplayTables.unknownFunction,
          hazards.functions[mark.function] == event.function,
          let store = storesBefore(mark, vcpu).first(where: {
            !$0.isGathered && $0.synchronized == nil && $0.readBack == nil
          })
        else { continue }
        log.add(
          .movedPending,
          Incident(
            record: record, region: store.access.region, vcpu: entry.vcpuName,
            first: store.access.record, second: accessors == .recorded ? 0 : 2))
      }
    }
  }
}

extension ResolvedClass {
  /// A config write that the vCPU does not wait for: not what a read or a notice shows.
  func isUnderWay(_ path: ConfigPath) -> Bool {
    isWrite && self.path != .reset && !path.returnsWhenDone
  }
}

extension ConfigEvent {
  /// A reset that the host's kernel made by itself: it reads config space before it.
  func isNotice(_ path: ConfigPath) -> Bool { path == .vfio && kind == .hotReset }
}
