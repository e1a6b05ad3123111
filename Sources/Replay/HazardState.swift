import ConfigSpace
import TraceCore

/// What the replay knows of config space, resets and registers with side effects.
///
/// Function numbers are those of ``ReplayTables``.
struct HazardState: ~Copyable {
  let space: ConfigSpace
  /// Where the config accesses and resets of the present block go.
  var targets: [ConfigTarget] = []
  /// MMIO to some function has to be looked at: it may be in reset, or a config write to it may
  /// not have completed.
  private(set) var isWatching = false

  private(set) var functions: [PCIFunction] = []
  /// Number of each region's function; ``ReplayTables/unknownFunction`` where it has none.
  private(set) var regionFunctions: [Int] = []
  private var seenGeneration: UInt64 = 0
  private var sideEffects: [Int: [ClosedRange<UInt64>]] = [:]

  /// End of each function's recovery window in ns; 0 without one, `.max` where it is not known.
  private var windowEnds: [UInt64] = []
  private var isMemoryOff: [Bool] = []

  /// Record + 1 of the vCPU's last config write through ECAM that nothing has shown to complete,
  /// and what it was for.
  private var pendingWrites = FixedBuffer<UInt64>(repeating: 0, count: 0)
  private var pendingFunctions = FixedBuffer<UInt32>(repeating: 0, count: 0)
  private var pendingCount = 0

  init(images: [PCIFunction: [UInt8]], times: RecoveryTimes) {
    space = ConfigSpace(images: images, times: times)
  }

  mutating func grow(vcpus: Int) {
    pendingWrites.grow(to: vcpus, repeating: 0)
    pendingFunctions.grow(to: vcpus, repeating: 0)
  }

  // MARK: What there is

  mutating func add(function: PCIFunction) {
    functions.append(function)
    windowEnds.append(0)
    isMemoryOff.append(false)
    refresh()
  }

  /// Adds the next region of the engine's tables.
  mutating func add(regionOf function: Int, sideEffects effects: [ClosedRange<UInt64>]) {
    if !effects.isEmpty { sideEffects[regionFunctions.count] = effects }
    regionFunctions.append(function)
  }

  func hasSideEffect(_ region: Int, _ address: UInt64, _ size: Int) -> Bool {
    let bytes = address...(address + UInt64(size - 1))
    return sideEffects[region]?.contains { $0.overlaps(bytes) } ?? false
  }

  // MARK: Recovery windows

  /// Asks config space again which functions MMIO must stay away from.
  mutating func refresh() {
    for (number, function) in functions.enumerated() {
      let window = space.window(for: function)
      windowEnds[number] = window.flatMap(\.cause).map { $0.untilNs ?? .max } ?? 0
      isMemoryOff[number] = window?.memory == .off
    }
    updateWatching()
  }

  /// ``refresh()`` where config space says that its answers may have changed.
  mutating func refreshIfChanged() {
    guard space.generation != seenGeneration else { return }
    seenGeneration = space.generation
    refresh()
  }

  /// Until when MMIO to a function is too early, in ns; 0 = it is not.
  func windowEnd(_ function: Int) -> UInt64 { windowEnds[function] }
  func memoryIsOff(_ function: Int) -> Bool { isMemoryOff[function] }

  private mutating func updateWatching() {
    isWatching =
      pendingCount > 0 || windowEnds.contains { $0 > 0 } || isMemoryOff.contains(true)
  }

  // MARK: Config writes that nothing has shown to complete

  mutating func configIssued(_ vcpu: Int, record: UInt64, function: PCIFunction) {
    if pendingWrites[vcpu] == 0 { pendingCount += 1 }
    pendingWrites[vcpu] = record + 1
    pendingFunctions[vcpu] = function.rawValue
    isWatching = true
  }

  /// A DSB that waits for stores, or a config read, of the same vCPU: its config writes have
  /// completed.
  @inline(__always)
  mutating func configCompleted(_ vcpu: Int) {
    guard pendingCount > 0, pendingWrites[vcpu] != 0 else { return }
    pendingWrites[vcpu] = 0
    pendingCount -= 1
    updateWatching()
  }

  /// The config write to a function that the vCPU does not know to have completed.
  func incompleteWrite(_ vcpu: Int, _ function: Int) -> UInt64? {
    guard pendingWrites[vcpu] != 0, pendingFunctions[vcpu] == functions[function].rawValue else {
      return nil
    }
    return pendingWrites[vcpu] - 1
  }
}
