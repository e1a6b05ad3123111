import TestSupport
import TraceCore

/// What resets are judged by, one store at a time and with nothing forgotten: every store and load
/// of the trace is kept, with what has happened to it, so that no choice of what to remember and no
/// run of records can show.
///
/// The rules are those of the findings RST001 to RST004 and RST008, for aligned accesses in
/// ``HazardBench``'s windows under `kvm-normal-nc`: late = still gathered, or posted and unflushed;
/// H1, H2, H5 to H8 of the hazards to flag.
struct NaiveResets {
  /// Findings of one code.
  struct Found: Equatable {
    /// A range where several vCPUs have something under way to both windows of a function: which of
    /// them is named is the replay's choice.
    var count = 0...0
    var first: Int?

    /// What was found is among what may be.
    func allows(_ other: Found?) -> Bool {
      other?.first == first && count.contains(other?.count.lowerBound ?? 0)
    }
  }

  private struct Store {
    var record: Int
    var vcpu: Int
    var function: PCIFunction
    var region: UInt64
    var bytes: Range<UInt64>
    /// nGnRE: arrives in program order.
    var isStrict = false
    /// One of its bytes has left the CPU.
    var hasLeft = false
    /// Record of the first DSB behind it.
    var synchronized: Int?
    /// Loads behind it that cannot pass it.
    var loads: Set<Int> = []
    /// The data of one of them has come back.
    var isPushed = false
  }

  private struct Load {
    var record: Int
    var time: UInt64
    var vcpu: Int
    var function: PCIFunction
    var region: UInt64
    var hasReturned = false
  }

  /// An open line: its bytes, each with the stores that wrote it.
  private struct Line {
    var address: UInt64
    var vcpu: Int
    var region: UInt64
    var bytes: Set<UInt64> = []
    /// Places in ``stores``.
    var stores: Set<Int> = []
    /// ``NaiveResets/writes`` at its last byte.
    var lastWrite = 0
  }

  /// A config write that resets and that nothing has shown to complete.
  private struct Pending {
    var time: UInt64
    var vcpu: Int
    /// Whose register it is.
    var cause: PCIFunction
    var functions: [PCIFunction]
    var reset: Int
  }

  private struct Reset {
    var record: Int
    var time: UInt64
    var cause: PCIFunction
    var functions: [PCIFunction]
    var completed: Int?
    var readBack: Set<PCIFunction> = []
    var used: Set<PCIFunction> = []
  }

  private(set) var found: [String: Found] = [:]
  private var stores: [Store] = []
  private var loads: [Load] = []
  private var lines: [Line] = []
  private var pending: [Pending] = []
  private var resets: [Reset] = []
  /// Records of the reads of each function that have come back.
  private var reads: [PCIFunction: [Int]] = [:]
  /// Records of the barriers of each vCPU that order stores before loads.
  private var fullBarriers: [Int: [Int]] = [:]
  private var isHeld = false
  /// Bytes gathered so far.
  private var writes = 0

  private static let timeout: UInt64 = 50_000_000
  private static let lineBytes: UInt64 = 64
  private static let windows: [(base: UInt64, function: PCIFunction)] = [
    (HazardBench.bar, HazardBench.device), (HazardBench.regs, HazardBench.device),
    (HazardBench.otherBar, HazardBench.other), (HazardBench.otherRegs, HazardBench.other),
  ]

  /// Findings by code: how many, and the first one's record.
  static func judge(_ events: [NaiveEvent]) -> [String: Found] {
    var model = NaiveResets()
    for (record, event) in events.enumerated() { model.take(event, record) }
    return model.found
  }

  private mutating func find(_ code: String, _ record: Int, count: ClosedRange<Int> = 1...1) {
    let old = found[code] ?? Found(first: record)
    found[code] = Found(
      count: old.count.lowerBound + count.lowerBound...old.count.upperBound + count.upperBound,
      first: old.first)
  }

  /// A reset counts once in each window that something is under way to.
  ///
  /// - Parameters:
  ///   - code: The finding's.
  ///   - record: The reset's.
  ///   - windows: Of each vCPU, those of what it has under way to one function; one of them is named.
  private mutating func find(_ code: String, _ record: Int, in windows: [Set<UInt64>]) {
    let some = windows.filter { !$0.isEmpty }
    guard let first = some.first else { return }
    let all = some.reduce(into: Set()) { $0.formUnion($1) }
    let isOne = !some.reduce(first) { $0.intersection($1) }.isEmpty
    find(code, record, count: (isOne ? 1 : 2)...min(some.count, all.count))
  }

  private mutating func take(_ event: NaiveEvent, _ record: Int) {
    let time = event.time ?? 0
    if event.op == "barrier" { return barrier(event, record) }
    guard let window = Self.windows.last(where: { $0.base <= event.address }),
      event.address < HazardBench.ecam
    else { return config(event, record, time) }
    meet(window.function, isStore: event.op == "store", record, time)
    if event.op == "store" {
      store(event, record, window)
    } else {
      load(event, record, time, window)
    }
  }

  // MARK: MMIO

  private mutating func meet(
    _ function: PCIFunction, isStore: Bool, _ record: Int, _ time: UInt64
  ) {
    for place in resets.indices where resets[place].functions.contains(function) {
      guard resets[place].used.insert(function).inserted, isStore else { continue }
      if !resets[place].readBack.contains(function) { find("RST008", record) }
    }
    if pending.contains(where: {
      $0.functions.contains(function) && time <= $0.time + Self.timeout
    }) {
      find("RST003", record)
    }
  }

  private mutating func store(
    _ event: NaiveEvent, _ record: Int, _ window: (base: UInt64, function: PCIFunction)
  ) {
    let isNC =
      event.attribute == nil
      && (window.base == HazardBench.bar || window.base == HazardBench.otherBar)
    let bytes = event.address..<event.address + UInt64(event.size)
    stores.append(
      Store(
        record: record, vcpu: event.vcpu, function: window.function, region: window.base,
        bytes: bytes,
        isStrict: !isNC && event.attribute == nil))
    let place = stores.count - 1
    if event.single64 {
      flush { $0.vcpu == event.vcpu && $0.address == event.address }
    }
    guard isNC, !event.single64 else {
      stores[place].hasLeft = true
      return
    }
    for byte in bytes { gather(byte, place, window.base) }
  }

  private mutating func gather(_ byte: UInt64, _ place: Int, _ region: UInt64) {
    let (vcpu, line) = (stores[place].vcpu, byte & ~(Self.lineBytes - 1))
    writes += 1
    if !lines.contains(where: { $0.vcpu == vcpu && $0.address == line }) {
      let mine = lines.filter { $0.vcpu == vcpu }
      if mine.count == 4, let oldest = mine.min(by: { $0.lastWrite < $1.lastWrite }) {
        flush { $0.vcpu == vcpu && $0.address == oldest.address }
      }
      lines.append(Line(address: line, vcpu: vcpu, region: region))
    }
    for index in lines.indices where lines[index].vcpu == vcpu && lines[index].address == line {
      lines[index].bytes.insert(byte)
      lines[index].stores.insert(place)
      lines[index].lastWrite = writes
    }
    // Full when its last store is in it whole.
    if byte == stores[place].bytes.upperBound - 1 || byte & (Self.lineBytes - 1) == 63 {
      flush { $0.vcpu == vcpu && $0.address == line && $0.bytes.count == Int(Self.lineBytes) }
    }
  }

  private mutating func flush(_ isLeaving: (Line) -> Bool) {
    for line in lines where isLeaving(line) {
      for place in line.stores { stores[place].hasLeft = true }
    }
    lines.removeAll(where: isLeaving)
  }

  private mutating func load(
    _ event: NaiveEvent, _ record: Int, _ time: UInt64,
    _ window: (base: UInt64, function: PCIFunction)
  ) {
    let bytes = event.address..<event.address + UInt64(event.size)
    let line = event.address & ~(Self.lineBytes - 1)
    flush { $0.vcpu == event.vcpu && $0.address == line }
    let isStrict = window.base == HazardBench.regs || window.base == HazardBench.otherRegs
    let barriers = fullBarriers[event.vcpu] ?? []
    for place in stores.indices
    where stores[place].vcpu == event.vcpu && stores[place].function == window.function {
      let store = stores[place]
      if isStrict && store.isStrict || store.bytes.overlaps(bytes)
        || barriers.contains(where: { $0 > store.record })
      {
        stores[place].loads.insert(record)
      }
    }
    loads.append(
      Load(
        record: record, time: time, vcpu: event.vcpu, function: window.function,
        region: window.base))
    if event.acquire { giveBack(loads.count - 1) }
  }

  /// The data of a load has come back.
  private mutating func giveBack(_ place: Int) {
    guard !loads[place].hasReturned else { return }
    loads[place].hasReturned = true
    let load = loads[place]
    for store in stores.indices where stores[store].loads.contains(load.record) {
      stores[store].isPushed = true
    }
    readReturned(load.function, load.record, load.time)
  }

  private mutating func readReturned(_ function: PCIFunction, _ record: Int, _ time: UInt64) {
    reads[function, default: []].append(record)
    for place in resets.indices where resets[place].functions.contains(function) {
      let reset = resets[place]
      guard record > reset.record,
        reset.completed.map({ record >= $0 }) ?? false || time > reset.time + Self.timeout
      else { continue }
      resets[place].readBack.insert(function)
    }
  }

  // MARK: Barriers

  private mutating func barrier(_ event: NaiveEvent, _ record: Int) {
    let (vcpu, kind) = (event.vcpu, event.barrier)
    if kind == "dgh" || kind.hasSuffix(".sy") || kind.hasSuffix(".st") {
      flush { $0.vcpu == vcpu }
    }
    if kind.hasSuffix(".sy") { fullBarriers[vcpu, default: []].append(record) }
    if kind == "dsb.sy" || kind == "dsb.st" {
      for place in stores.indices
      where stores[place].vcpu == vcpu && stores[place].synchronized == nil {
        stores[place].synchronized = record
      }
    }
    if kind.hasSuffix(".sy") || kind.hasSuffix(".ld") {
      for place in loads.indices where loads[place].vcpu == vcpu { giveBack(place) }
    }
    if kind == "dsb.sy" || kind == "dsb.st" { complete(record) { $0.vcpu == vcpu } }
  }

  private mutating func complete(_ record: Int, where isMeant: (Pending) -> Bool) {
    for write in pending where isMeant(write) {
      for place in resets.indices where resets[place].record == write.reset {
        resets[place].completed = resets[place].completed ?? record
      }
    }
    pending.removeAll(where: isMeant)
  }

  // MARK: Config space, through ECAM

  private mutating func config(_ event: NaiveEvent, _ record: Int, _ time: UInt64) {
    let offset = event.address - HazardBench.ecam
    let function = PCIFunction(rawValue: UInt32(offset >> 12))
    if event.op == "load" {
      // Nobody answered.
      guard event.value?.contains(where: { $0 != 0xff }) == true else { return }
      complete(record) { $0.vcpu == event.vcpu && $0.cause == function }
      return readReturned(function, record, time)
    }
    switch offset & 0xfff {
    // While the link above is down, the port answers for the function.
    case 0x48 where isHeld: break
    case 0x48: reset([function], function, event, record, time)
    case 0x3e:
      let isAsserted = event.value?.first == 0x40
      if isAsserted, !isHeld {
        reset([HazardBench.device, HazardBench.other], function, event, record, time)
      }
      isHeld = isAsserted
    default: break
    }
  }

  private mutating func reset(
    _ functions: [PCIFunction], _ cause: PCIFunction, _ event: NaiveEvent, _ record: Int,
    _ time: UInt64
  ) {
    for region in Set(lines.map(\.region)) {
      if Self.windows.contains(where: { $0.base == region && functions.contains($0.function) }) {
        find("RST001", record)
      }
    }
    let vcpus = Set(stores.map(\.vcpu)).union(loads.map(\.vcpu))
    for function in functions {
      let posted = vcpus.map { vcpu in
        stores.filter {
          $0.vcpu == vcpu && $0.function == function && $0.hasLeft && !$0.isPushed
        }
      }
      func windows(_ isMeant: (Store) -> Bool) -> [Set<UInt64>] {
        posted.map { Set($0.filter(isMeant).map(\.region)) }
      }
      find("RST002", record, in: windows { $0.synchronized == nil })
      if cause == HazardBench.port {
        find("RST004", record, in: windows { !isFlushedElsewhere($0) })
      }
      let waiting = loads.filter {
        $0.function == function && !$0.hasReturned && time - $0.time < Self.timeout
      }
      find(
        "RST008", record,
        in: vcpus.map { vcpu in Set(waiting.filter { $0.vcpu == vcpu }.map(\.region)) })
    }
    resets.removeAll { $0.cause == cause && $0.functions == functions }
    resets.append(Reset(record: record, time: time, cause: cause, functions: functions))
    pending.append(
      Pending(
        time: time, vcpu: event.vcpu, cause: cause, functions: functions, reset: record))
  }

  /// A read of any vCPU was issued behind the DSB behind a store, and has come back.
  private func isFlushedElsewhere(_ store: Store) -> Bool {
    guard let barrier = store.synchronized else { return false }
    return reads[store.function]?.contains { $0 > barrier } ?? false
  }
}
