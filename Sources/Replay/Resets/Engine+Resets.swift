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
    if path != .vfio || !cpu.zapDrains { logGathered(gathered, entry) }
    var facts = ResetCase(
      event: event, vcpu: entry.vcpuName, path: path,
      functions: functions.map { hazards.functions[$0] },
      gatheredBytes: gathered.reduce(0) { $0 + $1.bytes })
    for vcpu in 0..<hazards.resets.marks.count {
      for slot in 0..<StoreMarks.functions {
        let mark = hazards.resets.marks[vcpu, slot]
        guard mark.function >= 0, isHit(mark, event) else { continue }
        let stores = storesBefore(mark, vcpu)
        let load = loadBefore(mark, vcpu, entry.vcpu, path)
        look(at: stores, event, entry, path)
        if let load { look(at: load, entry) }
        if hazards.resets.keepsCases { facts.take(stores, load) }
      }
    }
    lookForPendingTransactions(event, entry, path)
    lookForCaught(event, functions, entry)
    facts.settle()
    return hazards.resets.reset(
      event, functions, hazards.resets.keepsCases ? facts : nil, path: path)
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

  private func access(
    _ side: StoreMarks.Side, _ mark: StoreMarks.Mark, _ vcpu: Int, isStore: Bool
  ) -> MMIOAccess {
    let isKnown = mark.function < ReplayTables.unknownFunction
    return MMIOAccess(
      record: side.record - 1, timeNs: side.time, vcpu: order.name(vcpu),
      region: Int(side.region), function: isKnown ? hazards.functions[mark.function] : nil,
      isStore: isStore, type: side.type)
  }

  /// The stores of a vCPU to a function that may be under way, the last one first, and what has
  /// ordered them since.
  private func storesBefore(_ mark: StoreMarks.Mark, _ vcpu: Int) -> [MMIOBefore] {
    var stores: [MMIOBefore] = []
    for side in [mark.strict, mark.weak, mark.unsynchronized, mark.unflushed]
    where side.record > 0 && !stores.contains(where: { $0.access.record + 1 == side.record }) {
      stores.append(before(side, mark, vcpu))
    }
    return stores.sorted { $0.access.record > $1.access.record }
  }

  private func before(
    _ side: StoreMarks.Side, _ mark: StoreMarks.Mark, _ vcpu: Int
  ) -> MMIOBefore {
    var before = MMIOBefore(access: access(side, mark, vcpu, isStore: true))
    before.isGathered = isGathered(side, vcpu)
    let ordered = hazards.resets.marks.storeOrder(vcpu)
    if ordered > side.record { before.ordered = ordered - 1 }
    if side.completed > 0 { before.synchronized = side.completed - 1 }
    if side.isReadBack {
      before.readBack = side.other - 1
    } else if side.completed > 0, let read = laterRead(of: mark, after: side.completed) {
      before.readBack = read
      before.readBackIsLoose = true
    }
    return before
  }

  /// The last byte of a store is still in an open line.
  private func isGathered(_ side: StoreMarks.Side, _ vcpu: Int) -> Bool {
    guard side.type.gathers else { return false }
    let last = side.address &+ UInt64(max(side.size, 1)) &- 1
    let line = last & ~(UInt64(cpu.lineBytes) - 1)
    let slot = gather.find(line: line, vcpu: vcpu)
    return slot >= 0 && gather[slot].record + 1 >= side.record
      && gather[slot].mask >> UInt128(last - line) & 1 == 1
  }

  /// A read of the same device, of any vCPU, after the DSB behind a store: it pushes the store
  /// (PCI Express Base Specification 5.0, Table 2-40, B2a).
  private func laterRead(of mark: StoreMarks.Mark, after barrier: UInt64) -> UInt64? {
    guard mark.function < ReplayTables.unknownFunction else { return nil }
    let device = hazards.functions[mark.function].rawValue >> 3
    var last: UInt64 = 0
    for (number, function) in hazards.functions.enumerated()
    where function.rawValue >> 3 == device {
      last = max(last, hazards.resets.lastRead(number))
    }
    return last > barrier ? last - 1 : nil
  }

  /// The last load of a vCPU from a function; complete where the vCPU has trapped since.
  private func loadBefore(
    _ mark: StoreMarks.Mark, _ vcpu: Int, _ resetting: Int, _ path: ConfigPath
  ) -> MMIOBefore? {
    guard mark.load.record > 0 else { return nil }
    var before = MMIOBefore(access: access(mark.load, mark, vcpu, isStore: false))
    if mark.load.other > 0 { before.synchronized = mark.load.other - 1 }
    if mark.load.completed > 0 {
      before.ordered = mark.load.completed - 1
    } else if path == .vfio || path.returnsWhenDone && vcpu == resetting {
      before.ordered = record
    } else if time &- mark.load.time >= rootComplex.completionTimeoutNs ?? .max {
      // A request is answered or timed out by then (PCI Express Base Specification 5.0, 2.8).
      before.ordered = record
    }
    return before
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
    var last: (record: UInt64, region: Int)?
    if let number {
      for vcpu in 0..<hazards.resets.marks.count {
        let mark = hazards.resets.marks[vcpu, StoreMarks.slot(number)]
        guard mark.function == number, mark.store.record > last?.record ?? 0 else { continue }
        last = (mark.store.record, Int(mark.store.region))
      }
    }
    let clear = event.pendingClearRecord
    guard clear.map({ $0 + 1 < last?.record ?? 0 }) ?? true else { return }
    log.add(
      .transactionsPending,
      Incident(
        record: record, region: last?.region ?? -1, vcpu: entry.vcpuName,
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
    let isReady = functions.contains { hazards.isGotReady($0) }
    if event.kind.isAtBridge, event.kind != .hotReset, !isReady {
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
    var last: StoreMarks.Side?
    for vcpu in 0..<hazards.resets.marks.count {
      let mark = hazards.resets.marks[vcpu, StoreMarks.slot(number)]
      guard mark.function == number else { continue }
      for side in [mark.strict, mark.weak, mark.load] where side.record > last?.record ?? 0 {
        last = side
      }
    }
    return last
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
    for vcpu in 0..<hazards.resets.marks.count {
      for slot in 0..<StoreMarks.functions {
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
            first: store.access.record))
      }
    }
  }

  // MARK: After the reset

  /// The first MMIO to a function after resets of it.
  mutating func firstAfter(_ entry: ResolvedClass, isStore: Bool) {
    let function = hazards.functions[entry.function]
    for open in hazards.resets.takeOpen(function, all: hazards.functions) {
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
        record: record, reset: reset, region: entry.region, vcpu: entry.vcpuName,
        size: entry.size))
  }
}

extension Engine {
  /// Takes what a load after a reset returned.
  mutating func judge(_ read: ReadAfterReset, allOnes: Bool?) {
    guard hazards.resets.isOpen(region: read.region, after: read.reset) else { return }
    guard allOnes == true else {
      return hazards.resets.answers(region: read.region, after: read.reset)
    }
    log.add(
      .allOnes,
      Incident(
        record: read.record, region: read.region, vcpu: read.vcpu, first: read.reset - 1,
        second: UInt64(read.size)))
  }
}

extension ConfigEvent {
  /// A reset that the host's kernel made by itself: it reads config space before it.
  func isNotice(_ path: ConfigPath) -> Bool { path == .vfio && kind == .hotReset }
}

extension ResetCase {
  /// Keeps the last store and load, and the store that least orders.
  fileprivate mutating func take(_ stores: [MMIOBefore], _ load: MMIOBefore?) {
    for store in stores {
      if store.access.record > lastStore?.access.record ?? 0 || lastStore == nil {
        lastStore = store
      }
      if weakestStore.map({ store.strength < $0.strength }) ?? true { weakestStore = store }
    }
    if let load, load.access.record > lastLoad?.access.record ?? 0 || lastLoad == nil {
      lastLoad = load
    }
  }

  fileprivate mutating func settle() {
    if weakestStore?.strength == lastStore?.strength { weakestStore = nil }
  }
}

extension MMIOBefore {
  /// How much orders a store before the reset.
  fileprivate var strength: Int {
    if isGathered { return 0 }
    if readBack != nil { return 4 }
    if synchronized != nil { return 3 }
    return ordered != nil ? 2 : 1
  }
}
