/// The counts of Replay's article Model a second time, as plainly as possible.
///
/// Written from the specification alone, to judge the replay engine: sets of byte addresses,
/// arrays and words, one event at a time, no thought of speed. It counts; it knows no time but
/// the drain timer's, and lists for ``NaiveClock`` what takes time.
public struct NaiveModel {
  private let regions: [NaiveRegion]
  private let settings: NaiveSettings
  private let wire: NaiveWire
  /// The accessor assumption in force, never `auto`.
  private let accessors: String
  private var result = NaiveResult()
  private var cpus: [Int: NaiveCPU] = [:]
  /// vCPUs by their first events: the order in which their lines leave at a hole or the end.
  private var order: [Int] = []
  /// Clamped capture time in ns.
  private var clock: UInt64 = 0
  /// Counts pieces, to tell which line was written last.
  private var pieces = 0
  /// What takes time, in the order in which it happens.
  private var steps: [NaiveStep] = []
  /// The trace has ended: what still happens has no recorded time.
  private var isOver = false

  /// Runs a trace from beginning to end.
  ///
  /// - Parameters:
  ///   - events: In file order; the first byte of each access lies in a region.
  ///   - regions: The windows; they do not overlap.
  ///   - settings: The scenario.
  /// - Returns: Counts by region.
  public static func run(
    _ events: [NaiveEvent], regions: [NaiveRegion], settings: NaiveSettings
  ) -> NaiveResult {
    completed(events, regions: regions, settings: settings).result
  }

  /// What takes time in a trace, in the order in which it happens.
  ///
  /// - Parameters:
  ///   - events: In file order; the first byte of each access lies in a region.
  ///   - regions: The windows; they do not overlap.
  ///   - settings: The scenario.
  /// - Returns: Steps for ``NaiveClock``.
  public static func steps(
    _ events: [NaiveEvent], regions: [NaiveRegion], settings: NaiveSettings
  ) -> [NaiveStep] {
    completed(events, regions: regions, settings: settings).steps
  }

  private static func completed(
    _ events: [NaiveEvent], regions: [NaiveRegion], settings: NaiveSettings
  ) -> NaiveModel {
    var model = NaiveModel(
      regions: regions, settings: settings,
      accessors: naiveAccessors(settings.accessors, of: events))
    // Records before the first stamp happened at an unknown time: no time passes until then.
    model.clock = events.lazy.compactMap(\.time).first ?? 0
    for event in events { model.step(event) }
    model.isOver = true
    for vcpu in model.order { model.flushAll(vcpu, "end") }
    return model
  }

  private mutating func log(_ kind: NaiveStep.Kind, _ vcpu: Int, _ region: String) {
    steps.append(
      NaiveStep(kind: kind, vcpu: vcpu, region: region, timeNs: isOver ? nil : clock))
  }

  private init(regions: [NaiveRegion], settings: NaiveSettings, accessors: String) {
    self.regions = regions
    self.settings = settings
    wire = NaiveWire(settings: settings)
    self.accessors = accessors
  }

  private mutating func step(_ event: NaiveEvent) {
    clock = max(clock, event.time ?? clock)
    switch event.op {
    case "mark", "reset": break
    case "lost": lose()
    default: stepOfCPU(event)
    }
  }

  /// Nothing may merge across a hole, on any vCPU.
  private mutating func lose() {
    for vcpu in order {
      flushAll(vcpu, "lost")
      cpus[vcpu]?.previousStore = nil
    }
  }

  private mutating func stepOfCPU(_ event: NaiveEvent) {
    if cpus[event.vcpu] == nil {
      cpus[event.vcpu] = NaiveCPU()
      order.append(event.vcpu)
    }
    runTimer(event.vcpu)
    log(.event, event.vcpu, "")
    assumeBarriers(event)
    switch event.op {
    case "barrier": barrier(event)
    case "config_read", "config_write": trappedConfig(event)
    case "store", "load": access(event)
    default: preconditionFailure("unknown operation: \(event.op)")
    }
  }

  // MARK: Before the access

  private mutating func runTimer(_ vcpu: Int) {
    guard let limit = settings.drainAfterNs else { return }
    for line in lines(vcpu) where clock - line.openedAt > limit { flush(vcpu, line, "timer") }
  }

  /// The barriers that the capture does not hold (section 4); DMB LD after a load flushes nothing.
  private mutating func assumeBarriers(_ event: NaiveEvent) {
    let previous = cpus[event.vcpu]?.previousStore
    cpus[event.vcpu]?.previousStore = event.op == "store" ? event : nil
    guard event.op == "store" else { return }
    switch accessors {
    case "linux-writel":
      flushAll(event.vcpu, "barrier")
    case "bursts":
      let continues =
        previous?.size == event.size
        && previous.map { $0.address &+ UInt64($0.size) } == event.address
      if !continues { flushAll(event.vcpu, "barrier") }
    default: break
    }
  }

  private mutating func barrier(_ event: NaiveEvent) {
    switch event.barrier {
    case "dmb.st", "dmb.sy", "dsb.st", "dsb.sy": flushAll(event.vcpu, "barrier")
    case "dgh": flushAll(event.vcpu, "dgh")
    case "rel", "acqrel": flushAll(event.vcpu, "release")
    case "dmb.ld", "dsb.ld", "isb", "acq": break
    default: preconditionFailure("unknown barrier: \(event.barrier)")
    }
    if event.barrier.hasPrefix("dsb") { log(.synchronize, event.vcpu, "") }
  }

  private mutating func trappedConfig(_ event: NaiveEvent) {
    if settings.trapDrains { flushAll(event.vcpu, "trap") }
    countConfig(1, event, in: event.function + " config")
  }

  // MARK: Accesses

  private mutating func access(_ event: NaiveEvent) {
    guard let region = regions.first(where: { $0.contains(event.address) }) else {
      preconditionFailure("address in no region: \(event.address)")
    }
    let stage1 = stage1Type(event, region)
    let type = effectiveType(stage1, region)
    let remainder = event.address % UInt64(event.size)
    if remainder != 0, event.single64 || isOrderedFault(event) {
      result.regions[region.name, default: NaiveCounts()].faultsStage1 += 1
    } else if event.single64, ["normal-wt", "normal-wb"].contains(type) {
      // LD64B and ST64B: Device or Non-cacheable only (Arm ARM DDI 0487 C3.2).
      result.regions[region.name, default: NaiveCounts()].faultsStage1 += 1
    } else if naiveIsDevice(type), remainder != 0 {
      fault(in: region.name, byStage1: naiveIsDevice(stage1))
    } else if event.op == "store" {
      store(event, region, type)
    } else {
      load(event, region, type)
    }
  }

  /// An unaligned acquire or release faults without FEAT_LSE2, and with it across 16 bytes (Arm ARM
  /// DDI 0487, UnalignedAccessFaults).
  private func isOrderedFault(_ event: NaiveEvent) -> Bool {
    guard event.op == "store" ? event.release : event.acquire else { return false }
    let quadwords = Set(bytesOf(event).map { $0 / 16 })
    return !settings.lse2 || quadwords.count > 1
  }

  private mutating func fault(in region: String, byStage1: Bool) {
    if byStage1 {
      result.regions[region, default: NaiveCounts()].faultsStage1 += 1
    } else {
      result.regions[region, default: NaiveCounts()].faultsStage2 += 1
    }
  }

  private func stage1Type(_ event: NaiveEvent, _ region: NaiveRegion) -> String {
    naiveStage1(event, region, settings)
  }

  private func effectiveType(_ stage1: String, _ region: NaiveRegion) -> String {
    naiveEffective(stage1, region, settings)
  }

  private mutating func store(_ event: NaiveEvent, _ region: NaiveRegion, _ type: String) {
    let vcpu = event.vcpu
    let isECAM = region.kind == "ecam"
    if event.release { flushAll(vcpu, "release") }
    drainForDevice(vcpu, isDevice: isECAM || !naiveGathers(type))
    if event.single64 { _ = flushTouched(event, "single-copy") }
    let bytes = bytesOf(event)
    if isECAM { return countConfig(dwordsTouched(bytes), event, in: region.name) }
    result.regions[region.name, default: NaiveCounts()].stores += 1
    result.regions[region.name, default: NaiveCounts()].storeBytes += event.size
    if event.single64 {
      log(issue(type), vcpu, region.name)
      busWrite([bytes], vcpu, in: region.name)
    } else if naiveGathers(type) {
      let line = UInt64(settings.lineBytes)
      for piece in naiveGroups(bytes, together: { $0 / line == $1 / line }) {
        place(piece, vcpu, region.name)
      }
    } else {
      for piece in devicePieces(bytes) {
        log(issue(type), vcpu, region.name)
        busWrite(naiveSplit(piece, settings.split, isFullLine: false), vcpu, in: region.name)
      }
    }
  }

  private mutating func load(_ event: NaiveEvent, _ region: NaiveRegion, _ type: String) {
    let isECAM = region.kind == "ecam"
    let touched = flushTouched(event, "read")
    if touched == 0, settings.loadBreaksGather { flushAll(event.vcpu, "load") }
    drainForDevice(event.vcpu, isDevice: isECAM || !naiveGathers(type))
    let bytes = bytesOf(event)
    if isECAM { return countConfig(dwordsTouched(bytes), event, in: region.name) }
    result.regions[region.name, default: NaiveCounts()].loads += 1
    result.regions[region.name, default: NaiveCounts()].loadBytes += event.size
    var reads: [NaiveStep.NonPosted] = []
    for read in busReads(event, bytes, type) {
      let requests = naiveGroups(read) { $0 / 4096 == $1 / 4096 }
        .flatMap { chunks($0, settings.maxReadRequest) }
      var cost = NaiveStep.NonPosted()
      cost.requests = requests.count
      for request in requests {
        cost.downBytes += wire.memoryRead(request)
        cost.upBytes += wire.completions(request)
        let pieces = naiveCompletions(request, settings)
        cost.completions += pieces.count
        cost.completionCredits += pieces.reduce(0) { $0 + (wire.dwords($1) + 3) / 4 }
      }
      result.regions[region.name, default: NaiveCounts()].mrd += cost.requests
      result.regions[region.name, default: NaiveCounts()].wireDownBytes += cost.downBytes
      result.regions[region.name, default: NaiveCounts()].wireUpBytes += cost.upBytes
      reads.append(cost)
    }
    log(.load(reads, isDevice: naiveIsDevice(type)), event.vcpu, region.name)
  }

  /// The bytes that each bus read of a load asks for (Replay's article Model, "TLPs and bytes").
  private func busReads(
    _ event: NaiveEvent, _ bytes: [UInt64], _ type: String
  ) -> [[UInt64]] {
    var reads: [[UInt64]]
    if event.single64 {
      reads = [bytes]
    } else if naiveIsDevice(type) {
      reads = devicePieces(bytes)
    } else {
      let unit = UInt64(settings.ncLoad == "line" ? settings.lineBytes : 4)
      let first = bytes[0] / unit * unit
      let end = (bytes[bytes.count - 1] / unit + 1) * unit
      reads = [Array(first..<end)]
      if settings.ncLoad == "line" {
        reads = reads.flatMap { naiveGroups($0) { $0 / unit == $1 / unit } }
      }
    }
    return reads
  }

  /// How a piece of a store is issued.
  private func issue(_ type: String) -> NaiveStep.Kind {
    if naiveGathers(type) { return .gather(opensLine: false) }
    return .devicePiece(isStrict: type == "device-ngnrne")
  }

  private func bytesOf(_ event: NaiveEvent) -> [UInt64] {
    Array(event.address..<event.address + UInt64(event.size))
  }

  /// Bus accesses of at most `device_bus_bytes`, low address first.
  private func devicePieces(_ bytes: [UInt64]) -> [[UInt64]] {
    chunks(bytes, settings.deviceBusBytes)
  }

  private func chunks(_ bytes: [UInt64], _ size: Int) -> [[UInt64]] {
    stride(from: 0, to: bytes.count, by: size).map {
      Array(bytes[$0..<min($0 + size, bytes.count)])
    }
  }

  private func dwordsTouched(_ bytes: [UInt64]) -> Int { Set(bytes.map { $0 / 4 }).count }

  private mutating func drainForDevice(_ vcpu: Int, isDevice: Bool) {
    if isDevice, settings.deviceDrainsNC { flushAll(vcpu, "device") }
  }

  // MARK: Gathering

  /// Lines of a vCPU, oldest-opened first.
  private func lines(_ vcpu: Int) -> [NaiveLine] { cpus[vcpu]?.lines ?? [] }

  private func lineBase(_ address: UInt64) -> UInt64 {
    address / UInt64(settings.lineBytes) * UInt64(settings.lineBytes)
  }

  /// One piece of a store to a gathering type; all of it lies in one line.
  private mutating func place(_ piece: [UInt64], _ vcpu: Int, _ region: String) {
    let base = lineBase(piece[0])
    let opens = !lines(vcpu).contains { $0.base == base }
    if opens { open(base, vcpu, region) }
    log(.gather(opensLine: opens), vcpu, region)
    pieces += 1
    for index in lines(vcpu).indices where lines(vcpu)[index].base == base {
      cpus[vcpu]?.lines[index].lastWrite = pieces
    }
    for byte in piece where cpus[vcpu]?.pending.insert(byte).inserted == false {
      result.regions[region, default: NaiveCounts()].collapsedBytes += 1
    }
    for line in lines(vcpu) where line.base == base {
      if pendingBytes(vcpu, line).count == settings.lineBytes { flush(vcpu, line, "full") }
    }
  }

  private mutating func open(_ base: UInt64, _ vcpu: Int, _ region: String) {
    if settings.singleStream { flushAll(vcpu, "stream") }
    if lines(vcpu).count == settings.buffers {
      let open = lines(vcpu)
      let victim =
        settings.evict == "fifo" ? open.first : open.min { $0.lastWrite < $1.lastWrite }
      if let victim { flush(vcpu, victim, "capacity") }
    }
    cpus[vcpu]?.lines.append(
      NaiveLine(base: base, region: region, openedAt: clock, lastWrite: 0))
  }

  private func pendingBytes(_ vcpu: Int, _ line: NaiveLine) -> [UInt64] {
    let all = line.base..<line.base + UInt64(settings.lineBytes)
    return all.filter { cpus[vcpu]?.pending.contains($0) == true }
  }

  private mutating func flushAll(_ vcpu: Int, _ cause: String) {
    for line in lines(vcpu) { flush(vcpu, line, cause) }
  }

  /// Flushes the open lines in which the access has a byte.
  ///
  /// - Parameters:
  ///   - event: The access.
  ///   - cause: Cause of the flushes.
  /// - Returns: Lines flushed.
  private mutating func flushTouched(_ event: NaiveEvent, _ cause: String) -> Int {
    let touched = Set(bytesOf(event).map(lineBase))
    let hit = lines(event.vcpu).filter { touched.contains($0.base) }
    for line in hit { flush(event.vcpu, line, cause) }
    return hit.count
  }

  private mutating func flush(_ vcpu: Int, _ line: NaiveLine, _ cause: String) {
    let bytes = pendingBytes(vcpu, line)
    cpus[vcpu]?.pending.subtract(bytes)
    cpus[vcpu]?.lines.removeAll { $0.base == line.base }
    result.regions[line.region, default: NaiveCounts()].flushes[cause, default: 0] += 1
    result.regions[line.region, default: NaiveCounts()].flushBytes[cause, default: 0] += bytes.count
    let isFullLine = bytes.count == settings.lineBytes
    busWrite(
      naiveSplit(bytes, settings.split, isFullLine: isFullLine), vcpu, in: line.region,
      endsLine: true)
  }

  // MARK: The bus

  /// One bus access and the memory writes it becomes.
  private mutating func busWrite(
    _ tlps: [[UInt64]], _ vcpu: Int, in region: String, endsLine: Bool = false
  ) {
    let costs = tlps.map {
      NaiveStep.Posted(wireBytes: wire.memoryWrite($0), dataCredits: (wire.dwords($0) + 3) / 4)
    }
    log(.write(costs, endsLine: endsLine), vcpu, region)
    var counts = result[region]
    counts.busWrites += 1
    for bytes in tlps {
      counts.mwr += 1
      counts.payloadBytes += bytes.count
      counts.paddedBytes += 4 * wire.dwords(bytes)
      counts.mwrWireBytes += wire.memoryWrite(bytes)
      counts.wireDownBytes += wire.memoryWrite(bytes)
      counts.histogram[bytes.count, default: 0] += 1
    }
    result.regions[region] = counts
  }

  /// Config requests, each with its completion.
  private mutating func countConfig(_ requests: Int, _ event: NaiveEvent, in region: String) {
    let isWrite = event.op == "store" || event.op == "config_write"
    var cost = NaiveStep.NonPosted()
    cost.requests = 1
    cost.dataCredits = isWrite ? 1 : 0
    cost.completions = 1
    cost.completionCredits = isWrite ? 0 : 1
    cost.downBytes = wire.configRequest(isWrite: isWrite)
    cost.upBytes = wire.configCompletion(isWrite: isWrite)
    for _ in 0..<requests { log(.config(cost), event.vcpu, region) }
    var counts = result[region]
    if isWrite { counts.cfgWrites += requests } else { counts.cfgReads += requests }
    counts.wireDownBytes += requests * wire.configRequest(isWrite: isWrite)
    counts.wireUpBytes += requests * wire.configCompletion(isWrite: isWrite)
    result.regions[region] = counts
  }
}

/// Replaces `auto`: `recorded` if the capture holds a barrier, else `bursts`.
func naiveAccessors(_ accessors: String, of events: [NaiveEvent]) -> String {
  guard accessors == "auto" else { return accessors }
  return events.contains { $0.op == "barrier" } ? "recorded" : "bursts"
}

/// What one vCPU has not yet sent.
private struct NaiveCPU {
  /// Open lines in the order in which they were opened.
  var lines: [NaiveLine] = []
  /// Addresses of the bytes that wait in these lines.
  var pending: Set<UInt64> = []
  /// The event before, if it was a store.
  var previousStore: NaiveEvent?
}

private struct NaiveLine {
  var base: UInt64
  /// Region of the piece that opened the line.
  var region: String
  /// Clamped capture time in ns.
  var openedAt: UInt64
  /// Number of the last piece merged into it.
  var lastWrite: Int
}
