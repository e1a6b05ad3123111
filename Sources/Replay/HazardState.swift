import ConfigSpace
import Hazards
import TraceCore

/// What the replay knows of config space, resets and registers with side effects.
///
/// Function numbers are those of ``ReplayTables``.
struct HazardState: ~Copyable {
  let space: ConfigSpace
  /// Where the config accesses and resets of the present block go.
  var targets: [ConfigTarget] = []
  /// MMIO to some function has to be looked at: it may be in reset, a config write to it may not
  /// have completed, or it is the first after a reset.
  private(set) var isWatching = false

  private(set) var functions: [PCIFunction] = []
  /// Number of each region's function; ``ReplayTables/unknownFunction`` and above where it has none.
  private(set) var regionFunctions: [Int] = []
  private var seenGeneration: UInt64 = 0
  private var sideEffects: [Int: [ClosedRange<UInt64>]] = [:]

  /// End of each function's recovery window in ns; 0 without one, `.max` where it is not known.
  private var windowEnds: [UInt64] = []
  /// Its end is told by the capture's own times.
  private var isTimed: [Bool] = []
  /// What MMIO inside the window is logged as.
  private var windowKinds: [Incident.Kind] = []
  /// Accesses to functions that were reset, of which no time stamps tell whether they are early.
  var withoutTime: UInt64 = 0
  private var isMemoryOff: [Bool] = []
  /// Functions that were got ready for a reset.
  private var ready: Set<PCIFunction> = []
  /// Those whose Command.MEM is off still.
  private var readyAndOff: Set<PCIFunction> = []

  /// What was under way when something was reset, and what has come since.
  var resets: ResetState
  /// Regions that may belong to any function: windows that a map or the capture calls a BAR.
  private var anyones: Set<Int> = []

  init(images: [PCIFunction: [UInt8]], times: RecoveryTimes, keepsCases: Bool) {
    space = ConfigSpace(images: images, times: times)
    // Until the first stamp.
    space.isTimed = false
    resets = ResetState(keepsCases: keepsCases)
  }

  mutating func grow(vcpus: Int, _ slots: FunctionSlots) { resets.grow(vcpus: vcpus, slots) }

  // MARK: What there is

  mutating func add(function: PCIFunction) {
    functions.append(function)
    windowEnds.append(0)
    isTimed.append(true)
    windowKinds.append(.insideWindow)
    isMemoryOff.append(false)
    resets.add(function)
    let number = functions.count - 1
    refresh(number)
    isWatching =
      isWatching || resets.isWatching || windowEnds[number] > 0 || isMemoryOff[number]
  }

  /// Adds the next region of the engine's tables.
  ///
  /// - Parameters:
  ///   - function: Number of its function.
  ///   - effects: Addresses with side effects.
  ///   - mayBeAnyones: It is a BAR of a function that is not known.
  mutating func add(
    regionOf function: Int, sideEffects effects: [ClosedRange<UInt64>], mayBeAnyones: Bool
  ) {
    if !effects.isEmpty { sideEffects[regionFunctions.count] = effects }
    if mayBeAnyones { anyones.insert(regionFunctions.count) }
    regionFunctions.append(function)
  }

  func hasSideEffect(_ region: Int, _ address: UInt64, _ size: Int) -> Bool {
    let bytes = address...(address + UInt64(size - 1))
    return sideEffects[region]?.contains { $0.overlaps(bytes) } ?? false
  }

  /// A region without a known function may be one of those that a reset hits.
  func mayBeReset(_ region: Int) -> Bool { anyones.contains(region) }

  // MARK: Recovery windows

  /// Asks config space again which functions MMIO must stay away from.
  mutating func refresh() {
    for number in functions.indices { refresh(number) }
    readyAndOff = ready.filter { space.window(for: $0)?.memory == .off }
    updateWatching()
  }

  private mutating func refresh(_ number: Int) {
    let window = space.window(for: functions[number])
    windowEnds[number] =
      window.flatMap(\.cause).map {
        resets.isByVFIO(number, record: $0.record) ? 0 : $0.untilNs ?? .max
      } ?? 0
    isTimed[number] = window?.cause?.isTimed ?? true
    windowKinds[number] = window?.cause.map { Self.incident(in: $0.kind) } ?? .insideWindow
    isMemoryOff[number] = window?.memory == .off
  }

  /// ``refresh()`` where config space says that its answers may have changed.
  mutating func refreshIfChanged() {
    guard space.generation != seenGeneration else { return }
    seenGeneration = space.generation
    refresh()
  }

  /// Until when MMIO to a function is too early, in ns; 0 = it is not.
  func windowEnd(_ function: Int) -> UInt64 { windowEnds[function] }
  /// The end of a function's window is told by the capture's own times.
  func isTimed(_ function: Int) -> Bool { isTimed[function] }
  /// What MMIO inside the window is logged as.
  func windowKind(_ function: Int) -> Incident.Kind { windowKinds[function] }

  private static func incident(in kind: ConfigEvent.Kind) -> Incident.Kind {
    if kind.isPowerState { return .lowPower }
    return kind == .vfDisable || kind == .vfEnable ? .virtualAbsent : .insideWindow
  }

  func memoryIsOff(_ function: Int) -> Bool { isMemoryOff[function] }

  /// Command.MEM of a function was cleared by a write, which is what a reset is prepared with.
  mutating func gotReady(_ function: PCIFunction) { ready.insert(function) }

  /// A function that an event affects was got ready, and its Command.MEM has not been set since.
  func isGotReady(for event: ConfigEvent) -> Bool {
    readyAndOff.contains { event.affects($0) }
  }

  /// To be called when what ``resets`` waits for has changed.
  mutating func updateWatching() {
    isWatching =
      resets.isWatching || windowEnds.contains { $0 > 0 } || isMemoryOff.contains(true)
  }

  /// A DSB that waits for stores, of the same vCPU: its config writes have completed; or a config
  /// read of a function that answered: those to that function have.
  @inline(__always)
  mutating func configCompleted(_ vcpu: Int, record: UInt64, readOf function: PCIFunction?) {
    guard !resets.pending.isEmpty else { return }
    resets.completed(vcpu, record: record, readOf: function)
    updateWatching()
  }

  /// The capture lost events.
  mutating func forget(record: UInt64) {
    resets.forget(record: record)
    space.forgetAfterHole()
    refreshIfChanged()
    updateWatching()
  }
}
