import TraceCore

/// The `kvm_mmio` events: accesses of a guest that trap.
///
/// A read is a record when its value comes, so that one that exits to user space counts once.
struct KVMEvents: KernelEvents {
  typealias Lexer = KVMLexer

  static let names: [StaticString] = [
    "kvm_mmio", "kvm_fast_mmio", "kvm_mmio_nisv", "kvm_mmio_emulate",
  ]

  let context: TraceContext
  var counters = ImportCounters()
  private var resolver: RegionResolver
  private var threads = ThreadNumbers()
  /// Reads that have exited, by thread.
  private var open: [UInt64: (address: UInt64, size: UInt8)] = [:]
  /// Threads that name their vCPU.
  private var hasNumbers = false
  private var seenRecords = false
  /// Where the guest left for the host, by thread: the instruction that trapped.
  private var exits: [UInt64: UInt64] = [:]
  private var seenCode = false

  static func isTypical(_ name: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    var cursor = TextCursor(name.lowerBound, end: name.upperBound)
    return cursor.skip("kvm_", bytes)
  }

  init(_ context: TraceContext, _ options: ImportOptions) {
    self.context = context
    resolver = RegionResolver(context, map: options.regions)
  }

  // MARK: vCPUs

  /// The vCPU stands in the thread's name, and on x86 in `kvm_entry`.
  @inline(__always)
  mutating func see(_ line: EventLine, _ cursor: TextCursor, _ bytes: Span<UInt8>) {
    var name = TextCursor(line.name.lowerBound, end: line.name.upperBound)
    if name.skip("kvm_e", bytes) {
      if name.skip("xit", bytes), name.isAtEnd {
        leave(line.pid, at: Self.programCounter(cursor, bytes))
      } else if name.skip("ntry", bytes), name.isAtEnd {
        leave(line.pid, at: nil)
      }
    }
    let task = TextCursor(line.task.lowerBound, end: line.task.upperBound)
    if let vcpu = task.kvmThread(bytes) { return learn(line.pid, vcpu) }
    var arguments = cursor
    guard arguments.peek(bytes) == UInt8(ascii: "v") else { return }
    guard arguments.skip("vcpu ", bytes),
      let number = try? arguments.decimal(bytes, "a vCPU", limit: 65_535),
      arguments.peek(bytes) == UInt8(ascii: ",")
    else { return }
    learn(line.pid, UInt16(truncatingIfNeeded: number))
  }

  /// The thread left its guest at an instruction; nil: it is in the guest.
  ///
  /// Of more threads than can be vCPUs the places are forgotten: what they access until they exit
  /// again has no code address.
  mutating func leave(_ pid: UInt64, at code: UInt64?) {
    exits[pid] = code.flatMap { CallerTable.range.contains($0) ? nil : $0 }
    if exits.count > 65_536 { exits.removeAll() }
  }

  /// Of a `kvm_exit`: behind `PC: ` on arm64, behind `rip ` on x86.
  @inline(never)
  private static func programCounter(_ cursor: TextCursor, _ bytes: Span<UInt8>) -> UInt64? {
    var search = cursor
    while !search.isAtEnd {
      let word = search.token(bytes)
      search.skipBlanks(bytes)
      var text = TextCursor(word.lowerBound, end: word.upperBound)
      guard text.skip("PC:", bytes) || text.skip("rip", bytes), text.isAtEnd else { continue }
      return try? search.prefixedHex(bytes, "a code address")
    }
    return nil
  }

  /// A thread is known to be a vCPU.
  mutating func learn(_ pid: UInt64, _ vcpu: UInt16) {
    hasNumbers = true
    switch threads.claim(pid, vcpu) {
    case .known: break
    case .renumbered: counters[.threadRenumbered] += 1
    case .taken: counters[.vcpuOfOtherMachine] += 1
    }
  }

  // MARK: Events

  /// What an event says; all but an access are counted only.
  enum Event {
    case access(KVMAccess)
    case fast, noSyndrome, emulation
  }

  @inline(__always)
  static func decode(
    _ event: Int, _ cursor: inout TextCursor, _ bytes: Span<UInt8>
  ) throws(LineFault) -> Event {
    switch event {
    case 0: .access(try cursor.kvmAccess(bytes))
    case 1: .fast
    case 2: .noSyndrome
    default: .emulation
    }
  }

  @inline(__always)
  mutating func take(
    _ event: Event, _ source: EventSource, _ bytes: Span<UInt8>, _ builder: inout BlockAppender
  ) {
    switch event {
    case .access(let access): take(access, source, &builder)
    case .fast: counters[.fastMMIO] += 1
    case .noSyndrome: counters[.noSyndrome] += 1
    case .emulation: counters[.emulateNotice] += 1
    }
  }

  /// Takes a decoded access.
  @inline(__always)
  mutating func take(
    _ access: KVMAccess, _ source: EventSource, _ builder: inout BlockAppender
  ) {
    switch access.kind {
    case .unsatisfiedRead:
      if open.updateValue((access.address, access.size), forKey: source.pid) != nil {
        counters[.openRead] += 1
      }
      // Threads come and go over months of trace: no more are remembered than can be vCPUs.
      if open.count > 65_536 {
        counters[.openRead] += UInt64(open.count)
        open.removeAll()
      }
      return
    case .read:
      if !open.isEmpty { close(access, source) }
    case .write:
      break
    }
    append(access, source, &builder)
  }

  /// A read that ends another one than the thread began leaves that one open.
  @inline(__always)
  private mutating func close(_ access: KVMAccess, _ source: EventSource) {
    guard let begun = open.removeValue(forKey: source.pid) else { return }
    if begun != (access.address, access.size) { counters[.openRead] += 1 }
  }

  @inline(__always)
  private mutating func append(
    _ access: KVMAccess, _ source: EventSource, _ builder: inout BlockAppender
  ) {
    seenRecords = true
    let isWide = access.size > 8
    if isWide { counters[.valueCut] += 1 }
    if access.size < 8, access.value >> UInt64(8 * access.size) != 0 {
      counters[.wideValue] += 1
    }
    let code = exits[source.pid]
    seenCode = seenCode || code != nil
    builder.append(
      RecordClass(
        access.kind == .write ? .store : .load, size: access.size,
        vcpu: threads.vcpu(source.pid),
        region: resolver.region(at: access.address, &counters)),
      address: access.address, time: source.time, value: isWide ? nil : access.value,
      codeAddress: code,
      line: source.line)
  }

  mutating func take(_ notice: Notice, _ source: EventSource, _ builder: inout BlockAppender) {
    if case .lost = notice { exits.removeAll() }
    // A loss names a CPU of the host, which is no vCPU; a mark is nobody's.
    let (record, value) = notice.record(vcpu: 0)
    builder.append(record, time: source.time, value: value, line: source.line)
  }

  mutating func finish(into builder: inout BlockAppender) -> Bool { false }

  mutating func conclude() {
    counters[.openRead] += UInt64(open.count)
    counters[.threadBeyondLimit] += threads.beyondLimit
    counters[.unusedMapRegion] += UInt64(resolver.unusedTemplates)
    counters.flush(into: context)
    context.blindSpots += [
      "kvm_mmio events hold no barriers: whether stores may gather across one is an assumption.",
      "A BAR that is mapped into the guest never exits, so kvm_mmio shows only BARs and pages that "
        + "the hypervisor keeps to itself (VFIO: use x-no-mmap=on).",
      "kvm_mmio events hold no stage-1 or stage-2 attributes; of accesses beyond 8 bytes they hold "
        + "the first 8.",
    ]
    if seenRecords, !seenCode {
      context.blindSpots.append(
        "kvm_mmio events hold no code addresses: record kvm_exit, too, which has the guest's.")
    }
    if seenRecords, !hasNumbers {
      context.blindSpots.append(
        "kvm_mmio events name no vCPU: numbers stand for host threads in order of first "
          + "appearance (QEMU names them with -name x,debug-threads=on).")
    }
  }
}
