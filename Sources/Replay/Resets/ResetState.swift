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
  }

  /// A reset after which no MMIO has come yet.
  struct OpenReset {
    var number: Int
    var event: ConfigEvent
    /// Record of what shows that its config write completed, plus one.
    var completed: UInt64 = 0
    /// It is a config read.
    var completedByRead = false
    /// Devices of which a read has come back since, and the record of the first, plus one.
    var reads: [(device: UInt32, record: UInt64)] = []
    /// Functions that have had MMIO since.
    var used: [PCIFunction] = []

    /// Record of the first read since of a function's device, which pushes what that has sent; 0
    /// where there was none.
    func readBack(of function: PCIFunction) -> UInt64 {
      reads.first { $0.device == function.rawValue >> 3 }?.record ?? 0
    }
  }

  /// Open entries of either list at most; the oldest give way.
  private static let limit = 256
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
  private(set) var pending: [PendingWrite] = []
  private(set) var open: [OpenReset] = []
  private var resets = 0
  /// Last read of each function that came back, by function number, as record + 1.
  private var lastReads: [UInt64] = []
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
  var isWatching: Bool { !pending.isEmpty || !open.isEmpty || looksAtReads }

  mutating func grow(vcpus: Int) { marks.grow(vcpus: vcpus) }

  mutating func addFunction(resetAt record: UInt64?) {
    lastReads.append(0)
    lastResets.append(record.map { $0 + 1 } ?? 0)
    isByVFIO.append(false)
    if record != nil { looksAtReads = true }
  }

  /// The capture lost events.
  mutating func forget(record: UInt64) {
    marks.forget()
    hole = record
  }

  // MARK: Config writes under way

  /// A config write that resets, or changes what MMIO meets, was issued and may be under way.
  mutating func issued(_ write: PendingWrite) {
    if pending.count >= Self.limit { pending.removeFirst() }
    pending.append(write)
  }

  /// A DSB, or a config read, of a vCPU has shown that its config writes have completed.
  mutating func completed(_ vcpu: Int, record: UInt64, byRead: Bool) {
    guard !pending.isEmpty else { return }
    for write in pending where write.vcpu == vcpu && (byRead || !write.isPosted) {
      guard let number = write.number, let index = open.firstIndex(where: { $0.number == number })
      else { continue }
      open[index].completed = record + 1
      open[index].completedByRead = byRead
    }
    pending.removeAll { $0.vcpu == vcpu && (byRead || !$0.isPosted) }
  }

  /// Drops config writes that have completed or timed out since; one that is posted does neither.
  mutating func expire(before timeNs: UInt64) {
    guard !pending.isEmpty else { return }
    pending.removeAll { !$0.isPosted && $0.event.timeNs < timeNs }
  }

  /// The last write under way that changes what MMIO to a function meets.
  func incompleteWrite(to function: PCIFunction) -> PendingWrite? {
    pending.last { $0.event.affects(function) }
  }

  // MARK: Reads

  func lastRead(_ function: Int) -> UInt64 { lastReads[function] }
  func lastReset(_ function: Int) -> UInt64 { lastResets[function] }

  /// A read of a function has come back.
  mutating func readReturned(_ number: Int, _ function: PCIFunction, record: UInt64) {
    lastReads[number] = max(lastReads[number], record + 1)
    readReturned(function, record: record)
  }

  /// A read of a function, whether it has a BAR in the capture or not, has come back.
  mutating func readReturned(_ function: PCIFunction, record: UInt64) {
    for index in open.indices where open[index].event.affects(function) {
      guard open[index].readBack(of: function) == 0 else { continue }
      open[index].reads.append((function.rawValue >> 3, record + 1))
    }
  }

  /// Whether a load's value tells something of the last reset of its function.
  func isTelling(_ function: Int, region: Int) -> UInt64? {
    let reset = lastResets[function]
    return reset > 0 && isOpen(region: region, after: reset) ? reset : nil
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
  /// - Returns: The reset's number.
  mutating func reset(
    _ event: ConfigEvent, _ functions: [Int], _ facts: ResetCase?, path: ConfigPath
  ) -> Int {
    for function in functions {
      lastResets[function] = event.record + 1
      isByVFIO[function] = path == .vfio
    }
    looksAtReads = looksAtReads || !functions.isEmpty
    // One that no MMIO came after, and whose functions are reset again, has had its time.
    open.removeAll { $0.event.function == event.function && $0.event.scope == event.scope }
    if open.count >= Self.limit { open.removeFirst() }
    var entry = OpenReset(number: resets, event: event)
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
    for index in open.indices where open[index].event.affects(function) {
      guard !open[index].used.contains(function) else { continue }
      taken.append(open[index])
      open[index].used.append(function)
    }
    guard !taken.isEmpty else { return [] }
    open.removeAll { reset in
      functions.allSatisfy { !reset.event.affects($0) || reset.used.contains($0) }
    }
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
