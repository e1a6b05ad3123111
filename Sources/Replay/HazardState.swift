import ConfigSpace
import Hazards
import TraceCore

/// What the replay knows of resets and of registers with side effects.
///
/// Function numbers are those of ``ReplayTables``; a region without a function has none.
struct HazardState: ~Copyable {
  /// MMIO to some function has to be looked at: it may be in reset, or a config write to it may
  /// not have completed.
  private(set) var isWatching = false

  private var functions: [PCIFunction] = []
  private var regionFunctions = FixedBuffer<Int32>(repeating: -1, count: 0)
  private var sideEffects: [Int: [ClosedRange<UInt64>]] = [:]
  /// Record + 1 of the vCPU's last config write through ECAM that nothing has shown to complete.
  private var pendingWrites = FixedBuffer<UInt64>(repeating: 0, count: 0)
  private var pendingFunctions = FixedBuffer<UInt64>(repeating: 0, count: 0)

  mutating func grow(vcpus: Int, regions: Int) {
    regionFunctions.grow(to: regions, repeating: -1)
    pendingWrites.grow(to: vcpus, repeating: 0)
    pendingFunctions.grow(to: vcpus, repeating: 0)
  }

  mutating func configCompleted(_ vcpu: Int) { pendingWrites[vcpu] = 0 }

  func hasSideEffect(_ region: Int, _ address: UInt64, _ size: Int) -> Bool {
    let bytes = address...(address + UInt64(size - 1))
    return sideEffects[region]?.contains { $0.overlaps(bytes) } ?? false
  }
}

extension Engine {
  mutating func watch(_ entry: ResolvedClass) {}
  mutating func watch(
    _ entry: ResolvedClass, _ count: Int, _ times: Span<UInt64>, _ index: Int
  ) {}
  mutating func observe(_ entry: ResolvedClass, _ address: UInt64, _ size: Int, _ value: UInt32?) {}
}
