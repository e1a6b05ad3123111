import ConfigSpace
import Resets
import TraceCore

/// What the replay knows of resets besides recovery windows: the MMIO before them, config writes
/// that nothing has shown to complete, and what each reset still waits for.
struct ResetState: ~Copyable {
  /// A config write that may not have reached its function yet.
  struct PendingWrite {
    var event: ConfigEvent
    /// Number of the vCPU in the engine's tables.
    var vcpu: Int
    /// The host posts it: no DSB waits for it.
    var isPosted: Bool
    /// The open reset that it is, as ``OpenReset/number``.
    var number: Int?

    /// The last time in ns at which it may be under way.
    func expires(timeoutNs: UInt64?) -> UInt64 {
      guard !isPosted, let timeoutNs else { return .max }
      let (end, overflow) = event.timeNs.addingReportingOverflow(timeoutNs)
      return overflow ? .max : end
    }
  }

  /// The last reset of some function, and what has come after it.
  struct OpenReset {
    var number: Int
    var event: ConfigEvent
    /// A function that the capture has shown so far has had no MMIO since.
    var isWaiting = true
    var isByVFIO = false
    /// It is a config write that is under way when the vCPU goes on.
    var isUnderWay = false
    /// The host posts it: no time shows that it has arrived.
    var isPosted = false
    /// Record of what shows that its config write completed, plus one.
    var completed: UInt64 = 0
    /// It is a config read.
    var completedByRead = false
    /// Devices of which a read has come back since, and the record of the first, plus one.
    var reads: [(device: UInt32, record: UInt64)] = []
    /// Functions that have had MMIO since.
    var used: [PCIFunction] = []
    /// The capture lost what came next: which MMIO was the first since is not known.
    var hasHole = false

    /// Record of the first read since of a function's device, which pushes what that has sent; 0
    /// where there was none.
    func readBack(of function: PCIFunction) -> UInt64 {
      reads.first { $0.device == function.rawValue >> 3 }?.record ?? 0
    }

    /// A read was issued when the reset had taken effect, as far as anything shows: its completion
    /// pushes what the device sent ahead of it (PCI Express Base Specification 5.0, Table 2-40,
    /// D2a), which for an earlier read need not be all that was sent before the reset.
    func isBehind(_ read: IssuedRead, timeoutNs: UInt64?) -> Bool {
      guard read.record > event.record else { return false }
      guard isUnderWay else { return true }
      if completed > 0, read.record + 1 >= completed { return true }
      // A request is answered or given up by then (2.8).
      guard !isPosted, let timeoutNs, read.timeNs >= event.timeNs else { return false }
      return read.timeNs - event.timeNs > timeoutNs
    }
  }

  /// When a read was issued.
  struct IssuedRead {
    var record: UInt64
    /// In ns from the trace's first record.
    var timeNs: UInt64
  }

  /// Entries of either list at most; the oldest give way.
  private static let limit = 256
  /// Devices at most of which functions without MMIO so far are read.
  private static let deviceLimit = 4096
  /// Cases kept for a report at most.
  static let caseLimit = 100_000

  var marks = StoreMarks()
  /// Cases are wanted.
  let keepsCases: Bool
  private(set) var cases: [ResetCase] = []
  /// Reset sequences, where cases are wanted.
  var sequences: SequenceRecogniser?
  /// Resets beyond ``caseLimit``.
  private(set) var casesBeyondLimit: UInt64 = 0
  /// Resets by kind, in the order in which they first came.
  private(set) var counts: [(kind: ConfigEvent.Kind, count: UInt64)] = []
  private(set) var pending: [PendingWrite] = []
  private(set) var open: [OpenReset] = []
  /// One of ``open`` waits for MMIO.
  private(set) var isWaiting = false
  private var resets = 0
  /// Last read of each function that came back, by function number, as record + 1; of functions
  /// without a number by device.
  private var lastReads: [UInt64] = []
  private var otherReads: [UInt32: UInt64] = [:]
  /// Last reset of each function, as record + 1.
  private var lastResets: [UInt64] = []
  /// VFIO made it: the guest went on when it was over.
  private var isByVFIO: [Bool] = []
  /// For each region, the reset after which a read of it has returned something else than ones.
  private var goodReads: [UInt64] = []
  /// Loads of this block whose values have to be looked at.
  var reads: [ReadAfterReset] = []
  /// A function was reset: loads from it are looked at.
  private(set) var looksAtReads = false
  /// The function with a BAR in the capture that a config access went to last.
  var lastConfigured: PCIFunction?
  /// Record of the last hole in the capture: what was known of the MMIO before it is forgotten.
  private(set) var hole: UInt64?

  init(keepsCases: Bool) {
    self.keepsCases = keepsCases
    if keepsCases { sequences = SequenceRecogniser() }
  }

  /// MMIO has to be looked at one by one.
  var isWatching: Bool { !pending.isEmpty || isWaiting || looksAtReads }

  mutating func grow(vcpus: Int, _ slots: FunctionSlots) { marks.grow(vcpus: vcpus, slots) }

  /// A function that the capture shows now; resets before may have been its own, too.
  mutating func add(_ function: PCIFunction) {
    let own = open.indices.filter { open[$0].event.affects(function) }
    for index in own where !open[index].hasHole { open[index].isWaiting = true }
    let last = own.last.map { open[$0] }
    lastReads.append(0)
    lastResets.append(last.map { $0.event.record + 1 } ?? 0)
    isByVFIO.append(last?.isByVFIO ?? false)
    guard last != nil else { return }
    isWaiting = true
    looksAtReads = true
  }

  /// The capture lost events: barriers and reads that complete config writes, and the first MMIO
  /// after a reset, may be among them.
  mutating func forget(record: UInt64) {
    marks.forget()
    hole = record
    pending.removeAll()
    for index in open.indices where !open[index].hasHole {
      let number = open[index].number
      if number < cases.count, cases[number].firstAfter == nil { cases[number].holeAfter = record }
      (open[index].hasHole, open[index].isWaiting) = (true, false)
    }
    isWaiting = false
  }

  /// The capture has lost no events since the last reset of a function, or since it began.
  func isWhole(since function: Int?) -> Bool {
    hole.map { $0 < function.map { lastResets[$0] } ?? 0 } ?? true
  }

  // MARK: Config writes under way

  /// A config write that resets, or changes what MMIO meets, was issued and may be under way.
  mutating func issued(_ write: PendingWrite) {
    if pending.count >= Self.limit { pending.removeFirst() }
    pending.append(write)
  }

  /// A DSB of a vCPU has shown that its config writes have completed, or a config read those to
  /// the function that answered it.
  mutating func completed(_ vcpu: Int, record: UInt64, readOf function: PCIFunction?) {
    guard !pending.isEmpty else { return }
    func isMeant(_ write: PendingWrite) -> Bool {
      guard write.vcpu == vcpu else { return false }
      return function.map { write.event.function == $0 } ?? !write.isPosted
    }
    for write in pending where isMeant(write) {
      guard let number = write.number, let index = open.firstIndex(where: { $0.number == number })
      else { continue }
      open[index].completed = record + 1
      open[index].completedByRead = function != nil
    }
    pending.removeAll(where: isMeant)
  }

  /// Drops config writes that have completed or timed out by a time; one that is posted does
  /// neither.
  mutating func expire(at timeNs: UInt64, timeoutNs: UInt64?) {
    guard !pending.isEmpty else { return }
    pending.removeAll { $0.expires(timeoutNs: timeoutNs) < timeNs }
  }

  /// The last write under way that changes what MMIO to a function meets.
  func incompleteWrite(to function: PCIFunction) -> PendingWrite? {
    pending.last { $0.event.affects(function) }
  }

  // MARK: Reads

  func lastRead(_ function: Int) -> UInt64 { lastReads[function] }
  /// The last read of those functions of a device that have no number.
  func lastRead(device: UInt32) -> UInt64 { otherReads[device] ?? 0 }
  func lastReset(_ function: Int) -> UInt64 { lastResets[function] }

  /// A read of a function has come back.
  ///
  /// - Parameters:
  ///   - number: The function's; nil where it has no BAR in the capture.
  ///   - function: The function.
  ///   - read: When it was issued, which may be long before.
  ///   - timeoutNs: The completion timeout, by which a config write has been answered or given up.
  mutating func readReturned(
    _ number: Int?, _ function: PCIFunction, _ read: IssuedRead, timeoutNs: UInt64?
  ) {
    if let number {
      lastReads[number] = max(lastReads[number], read.record + 1)
    } else {
      let device = function.rawValue >> 3
      if otherReads[device] != nil || otherReads.count < Self.deviceLimit {
        otherReads[device] = max(otherReads[device] ?? 0, read.record + 1)
      }
    }
    for index in open.indices where open[index].event.affects(function) {
      guard open[index].readBack(of: function) == 0,
        open[index].isBehind(read, timeoutNs: timeoutNs)
      else { continue }
      open[index].reads.append((function.rawValue >> 3, read.record + 1))
    }
  }

  /// Whether a load's value tells something of the last reset of its function.
  func isTelling(_ function: Int, region: Int) -> UInt64? {
    let reset = lastResets[function]
    // What a load returned in a hole since is not known.
    guard reset > 0, hole.map({ $0 < reset }) ?? true else { return nil }
    return isOpen(region: region, after: reset) ? reset : nil
  }

  /// No read of the region has told that it answers again after the reset.
  func isOpen(region: Int, after reset: UInt64) -> Bool {
    region >= goodReads.count || goodReads[region] < reset
  }

  /// The region answers again after the reset.
  mutating func answers(region: Int, after reset: UInt64) {
    while goodReads.count <= region { goodReads.append(0) }
    goodReads[region] = reset
  }

  // MARK: Resets

  /// Counts a reset; a notice that reports a config write's once more is none of its own.
  mutating func count(_ event: ConfigEvent) {
    guard event.repeatedRecord == nil else { return }
    if let place = counts.firstIndex(where: { $0.kind == event.kind }) {
      counts[place].count += 1
    } else {
      counts.append((event.kind, 1))
    }
  }

  /// VFIO made the reset of a record: it waits for the function before the guest goes on, and other
  /// vCPUs' accesses fault and wait (Linux drivers/vfio/pci/vfio_pci_config.c).
  func isByVFIO(_ function: Int, record: UInt64) -> Bool {
    isByVFIO[function] && lastResets[function] == record + 1
  }

  /// A reset was issued; it waits for the first MMIO after it.
  ///
  /// - Parameters:
  ///   - event: The reset.
  ///   - functions: Numbers of the functions that it resets.
  ///   - facts: What to report of it; nil where it is not wanted.
  ///   - path: How the access that is the reset travels.
  ///   - isUnderWay: It is a config write that the vCPU does not wait for.
  /// - Returns: The reset's number.
  mutating func reset(
    _ event: ConfigEvent, _ functions: [Int], _ facts: ResetCase?, path: ConfigPath,
    isUnderWay: Bool
  ) -> Int {
    for function in functions {
      lastResets[function] = event.record + 1
      isByVFIO[function] = path == .vfio
    }
    looksAtReads = looksAtReads || !functions.isEmpty
    // One that no MMIO came after, and whose functions are reset again, has had its time.
    open.removeAll { $0.event.function == event.function && $0.event.scope == event.scope }
    if open.count >= Self.limit { open.removeFirst() }
    isWaiting = true
    var entry = OpenReset(
      number: resets, event: event, isByVFIO: path == .vfio, isUnderWay: isUnderWay,
      isPosted: path == .posted)
    if path.returnsWhenDone { entry.completed = event.record + 1 }
    open.append(entry)
    if let facts {
      if cases.count < Self.caseLimit { cases.append(facts) } else { casesBeyondLimit += 1 }
    }
    resets += 1
    return entry.number
  }

  /// Takes the resets that wait for MMIO to a function.
  ///
  /// - Parameters:
  ///   - function: The function.
  ///   - functions: Every function with a BAR in the capture so far.
  /// - Returns: Those that this is the first MMIO to the function after.
  mutating func takeOpen(_ function: PCIFunction, all functions: [PCIFunction]) -> [OpenReset] {
    var taken: [OpenReset] = []
    for index in open.indices
    where open[index].isWaiting && open[index].event.affects(function) {
      guard !open[index].used.contains(function) else { continue }
      taken.append(open[index])
      open[index].used.append(function)
      // Those that come later in the capture it waits for again (``add(_:)``).
      let reset = open[index]
      open[index].isWaiting = functions.contains {
        reset.event.affects($0) && !reset.used.contains($0)
      }
    }
    if !taken.isEmpty { isWaiting = open.contains { $0.isWaiting } }
    return taken
  }

  mutating func setAfter(_ number: Int, _ after: MMIOAfter) {
    if number < cases.count, cases[number].firstAfter == nil { cases[number].firstAfter = after }
  }
}

/// A load whose value may be all ones because its function was reset.
struct ReadAfterReset: BitwiseCopyable {
  var record: UInt64
  /// Record of the reset + 1.
  var reset: UInt64
  var region: Int
  var vcpu: UInt16
}

extension ConfigEvent {
  /// MMIO to a function meets something else because of the event.
  func affects(_ function: PCIFunction) -> Bool {
    scope.contains(function, cause: self.function)
  }
}
