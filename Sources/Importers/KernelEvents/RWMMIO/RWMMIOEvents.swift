import TraceCore

/// The `rwmmio_*` events: what a kernel's MMIO accessors do, on arm64.
///
/// An access is a record at its first event; the `post` event of a read brings the value.
struct RWMMIOEvents: KernelEvents {
  typealias Lexer = RWMMIOLexer

  static let names: [StaticString] = [
    "rwmmio_read", "rwmmio_write", "rwmmio_post_read", "rwmmio_post_write",
  ]
  /// Neighbouring pages of the kernel's address space may be different devices'.
  static let windowSize: UInt64 = 4096

  let context: TraceContext
  var counters = ImportCounters()
  private var resolver: RegionResolver
  private var queue = AccessQueue()
  private var writes = OpenWrites()
  private var callers = CallerNames()
  /// For events whose callers are addresses.
  var symbolCallers = SymbolCallers()
  private var seenRecords = false
  private var seenMappedRegion: Bool

  static func isTypical(_ name: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    var cursor = TextCursor(name.lowerBound, end: name.upperBound)
    return cursor.skip("rwmmio_", bytes)
  }

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions, windowSize: Self.windowSize)
    seenMappedRegion = options.regions.contains(where: \.hasBase)
  }

  @inline(__always)
  mutating func see(_ line: EventLine, _ cursor: TextCursor, _ bytes: Span<UInt8>) {}

  @inline(__always)
  static func decode(
    _ event: Int, _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> RWMMIOEvent {
    guard let kind = RWMMIOEvent.Kind(rawValue: event) else {
      throw LineFault(at: cursor.position, "an event of rwmmio")
    }
    return try cursor.rwmmioEvent(kind, bytes)
  }

  @inline(__always)
  mutating func take(
    _ event: RWMMIOEvent, _ source: EventSource, _ bytes: Span<UInt8>,
    _ builder: inout BlockAppender
  ) {
    var event = event
    if event.kind == .read || event.kind == .write, !event.callers.isEmpty {
      event.codeAddress = callers.code(event.callers, bytes, context)
      if event.codeAddress == nil { counters[.callerDropped] += 1 }
    }
    take(event, source, &builder)
  }

  /// Takes a decoded event.
  @inline(__always)
  mutating func take(
    _ event: RWMMIOEvent, _ source: EventSource, _ builder: inout BlockAppender
  ) {
    switch event.kind {
    case .read, .write: begin(event, source, &builder)
    case .postRead:
      let isKnown = queue.complete(
        event.address, size: event.size, source, value: event.value, &builder)
      if isKnown {
        countWide(event)
      } else {
        counters[.lonePost] += 1
      }
    case .postWrite:
      if !writes.close(event.address, size: event.size, source) { counters[.lonePost] += 1 }
    }
  }

  @inline(__always)
  private mutating func begin(
    _ event: RWMMIOEvent, _ source: EventSource, _ builder: inout BlockAppender
  ) {
    seenRecords = true
    let isWrite = event.kind == .write
    let record = RecordClass(
      isWrite ? .store : .load, size: event.size, vcpu: source.cpu,
      region: resolver.region(at: event.address, &counters))
    if isWrite {
      countWide(event)
      writes.open(event.address, size: event.size, source)
      if queue.isEmpty {
        builder.append(
          record, address: event.address, time: source.time, value: event.value,
          codeAddress: event.codeAddress, line: source.line)
        return
      }
    }
    queue.push(
      AccessQueue.Entry(
        record: record, address: event.address, pid: source.pid, time: source.time,
        value: isWrite ? event.value : nil, codeAddress: event.codeAddress, line: source.line,
        isOpen: !isWrite), &builder)
  }

  @inline(__always)
  private mutating func countWide(_ event: RWMMIOEvent) {
    if event.size < 8, event.value >> UInt64(8 * event.size) != 0 { counters[.wideValue] += 1 }
  }

  mutating func take(_ notice: Notice, _ source: EventSource, _ builder: inout BlockAppender) {
    if case .lost = notice {
      queue.abandon(cpu: source.cpu)
      writes.abandon(cpu: source.cpu)
    }
    let (record, value) = notice.record(vcpu: source.cpu)
    queue.push(
      AccessQueue.Entry(record: record, time: source.time, value: value, line: source.line),
      &builder)
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool {
    queue.abandonAll()
    guard !queue.isEmpty else { return false }
    queue.drain(into: &builder)
    return true
  }

  mutating func conclude() {
    writes.abandonAll()
    counters[.readWithoutValue] += queue.abandoned
    counters[.missingPost] += writes.abandoned
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    counters.flush(into: context)
    context.blindSpots += [
      "rwmmio events hold no barriers: writel and writel_relaxed leave the same event, so "
        + "whether stores may gather is an assumption.",
      "rwmmio events come from the accessors of asm-generic/io.h: memcpy_toio, __iowrite64_copy, "
        + "raw accessors and user space leave none, and copies to write-combining BARs are "
        + "therefore missing.",
      "rwmmio events hold no stage-1 attributes; the order of CPUs among each other is that of "
        + "their time stamps.",
    ]
    if seenRecords, !seenMappedRegion {
      context.blindSpots.append(
        "Addresses are kernel virtual, without a record of which device is where: regions are "
          + "single pages unless the map gives windows (--map, with virtual bases).")
    }
  }
}

/// Writes whose `post` event has not come yet; only for counting.
struct OpenWrites {
  private var writes = OpenAccesses()
  private var count: UInt64 = 0
  /// Writes whose end did not come.
  private(set) var abandoned: UInt64 = 0

  @inline(__always)
  mutating func open(_ address: UInt64, size: UInt8, _ source: EventSource) {
    count += 1
    let write = OpenAccesses.Access(
      address: address, pid: source.pid, number: count, size: size)
    if writes.open(write, cpu: source.cpu) != nil { abandoned += 1 }
  }

  /// - Returns: false when no such write is open.
  @inline(__always)
  mutating func close(_ address: UInt64, size: UInt8, _ source: EventSource) -> Bool {
    guard let place = writes.find(address, size, source) else { return false }
    _ = writes.remove(place)
    return true
  }

  mutating func abandon(cpu: UInt16) {
    while writes.removeYoungest(cpu: cpu) != nil { abandoned += 1 }
  }

  mutating func abandonAll() {
    abandoned += UInt64(writes.count)
    writes.removeAll()
  }
}
